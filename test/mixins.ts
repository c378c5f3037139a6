/** Threading and Forking servers for the tests, in a process of their own: see fixtures/mixin-servers.mjs. */
import { createInterface } from 'node:readline';
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, Socket } from 'bsd-socket';
import { fixture, type Program, start } from './fixtures/start.ts';
import { type AnySocket, keep, type Mode } from './support.ts';

export const mixins = ['Threading', 'Forking'] as const;
export type Mixin = (typeof mixins)[number];

/** What the program is told. */
export interface Order {
  readonly classes: string[];
  readonly mode: Mode;
  readonly handler?: string;
  readonly attributes?: Record<string, unknown>;
  /** Descriptors that are left at the second request. */
  readonly spare?: number;
  /** They are not taken before that is being handled. */
  readonly afterwards?: boolean;
}

export interface Servers extends Program {
  /** The next line of what it prints, whose one key is expected to be first. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever it prints.
  next(key: string): Promise<any>;
  /** The address of the next server. */
  // biome-ignore lint/suspicious/noExplicitAny: each kind has addresses of its own.
  serving(): Promise<any>;
  /** Ends the server that serves. */
  end(): void;
}

/** Starts the program. It is killed when the test is over. */
export function servers(order: Order, program = process.execPath, ...args: string[]): Servers {
  const started = start(program, [...args, fixture('mixin-servers.mjs'), JSON.stringify(order)]);
  const lines = createInterface({ input: started.child.stdout! })[Symbol.asyncIterator]();
  const next = async (key: string) => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the program has ended: ${(await started.ended).stderr}`);
    const line = JSON.parse(value);
    if (!(key in line)) throw new Error(`not ${key}: ${value}`);
    return line[key];
  };
  const serving = async () => {
    const address = await next('serving');
    return address?.type === 'Buffer' ? Buffer.from(address.data) : address;
  };
  return { ...started, next, serving, end: () => started.child.kill('SIGTERM') };
}

let count = 0;

/** A client of a server of that class: connected, and with an address of its own. */
export function clientOf(name: string, address: unknown): AnySocket {
  const unix = name.includes('Unix');
  const datagram = /UDP|Datagram/.test(name);
  const client = keep(new Socket<number>(unix ? AF_UNIX : AF_INET, datagram ? SOCK_DGRAM : SOCK_STREAM));
  client.settimeout(15);
  if (datagram && unix) client.bind(Buffer.from(`\0mixins-${process.pid}-${++count}`));
  // biome-ignore lint/suspicious/noExplicitAny: each kind has addresses of its own.
  client.connect(address as any);
  return client;
}

/** Sends a line, and receives the answer of the obedient handler; undefined where the connection ends without one. */
export async function order(client: AnySocket, line: string): Promise<unknown> {
  await client.sendallAsync(`${line}\n`);
  let text = '';
  while (!text.endsWith('\n')) {
    const data = await client.recvAsync(65536);
    if (data.length === 0) return undefined;
    text += data;
  }
  return JSON.parse(text);
}
