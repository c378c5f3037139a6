/** What the tests of sockets share: the matrix (families and modes), connected pairs, and time without sleep. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  MSG_DONTWAIT,
  POLLOUT,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
} from 'bsd-socket';
import { poll } from 'bsd-socket/binding';
import { afterAll, describe, onTestFinished } from 'vitest';

export type Library = typeof import('bsd-socket');
/** A socket of some family of the matrix. */
export type AnySocket = Socket<number>;

// Modes

export const modes = ['sync', 'async'] as const;
export type Mode = (typeof modes)[number];

/** The calls of `T` that exist in two forms, under the name that both share, as promises. */
export type Twins<T> = {
  [K in keyof T as K extends string ? (`${K}Async` extends keyof T ? K : never) : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<R>
    : never;
};

/** `both(mode, sock).recv(10)` is `sock.recv(10)` or `sock.recvAsync(10)`, and a promise either way. */
export function both<T extends object>(mode: Mode, target: T): Twins<T> {
  const get = (_: object, name: string) => {
    // biome-ignore lint/suspicious/noExplicitAny: the types of the calls are those of Twins.
    const object = target as any;
    if (!(`${name}Async` in object)) return undefined;
    return async (...args: unknown[]) => object[mode === 'sync' ? name : `${name}Async`](...args);
  };
  return new Proxy({}, { get }) as Twins<T>;
}

// Families

export interface Family {
  readonly name: string;
  readonly family: number;
  readonly unix: boolean;
  /** Why this machine cannot have it. */
  readonly missing?: string | undefined;
  /** An address that is free to bind to. */
  // biome-ignore lint/suspicious/noExplicitAny: each family has a form of its own.
  free(): any;
}

let folder: string | undefined;
let count = 0;

/** A new path in a folder that is removed after the last test of the file. */
export function path(): string {
  if (folder === undefined) folder = mkdtempSync(join(tmpdir(), 'bsd-socket-test-'));
  return join(folder, `${++count}`);
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The reasons of the rejections that nobody handles, from now to the end of the test. */
export function unhandledRejections(): unknown[] {
  const reasons: unknown[] = [];
  const listener = (reason: unknown) => reasons.push(reason);
  process.on('unhandledRejection', listener);
  onTestFinished(() => {
    process.off('unhandledRejection', listener);
  });
  return reasons;
}

/** A new abstract name. */
export function abstract(): Buffer {
  // A NUL inside is part of the name.
  return Buffer.from(`\0bsd-socket-test\0${process.pid}-${++count}`);
}

function whyNoIPv6(): string | undefined {
  try {
    using probe = new Socket(AF_INET6, SOCK_STREAM);
    probe.bind(['::1', 0]);
    return undefined;
  } catch (error) {
    return `no IPv6 on this machine: ${(error as Error).message}`;
  }
}

export const noIPv6 = whyNoIPv6();

export const families: readonly Family[] = [
  { name: 'AF_INET', family: AF_INET, unix: false, free: () => ['127.0.0.1', 0] },
  { name: 'AF_INET6', family: AF_INET6, unix: false, missing: noIPv6, free: () => ['::1', 0] },
  { name: 'AF_UNIX path', family: AF_UNIX, unix: true, free: path },
  { name: 'AF_UNIX abstract', family: AF_UNIX, unix: true, free: abstract },
];

export const inet = families[0]!;
export const unixPath = families[2]!;
export const unixAbstract = families[3]!;

/** Calls `tests` for each family in each mode: the families that this machine lacks are skipped, saying why. */
export function describeMatrix(rows: readonly Family[], tests: (family: Family, mode: Mode) => void): void {
  for (const family of rows) {
    for (const mode of modes) {
      const title = `${family.name}, ${mode}`;
      if (family.missing === undefined) describe(title, () => tests(family, mode));
      else describe.skip(`${title} (skipped: ${family.missing})`, () => tests(family, mode));
    }
  }
}

/** A host name that no resolver asks a network about: one label may have 63 characters. */
export const noSuchHost = 'x'.repeat(64);

// Sockets that are closed when the test is over

/** Closes it after the test. */
export function keep<T extends { close(): void }>(closable: T): T {
  onTestFinished(() => closable.close());
  return closable;
}

export function open(family: Family, type: number = SOCK_STREAM): AnySocket {
  return keep(new Socket<number>(family.family, type));
}

/** A socket's own address, to connect or send to. */
// biome-ignore lint/suspicious/noExplicitAny: each family has a form of its own.
export function name(sock: AnySocket): any {
  return sock.getsockname();
}

/** A socket bound to a free address. */
export function bound(family: Family, type: number = SOCK_STREAM): AnySocket {
  const sock = open(family, type);
  sock.bind(family.free());
  return sock;
}

export function listening(family: Family, type: number = SOCK_STREAM): AnySocket {
  const server = bound(family, type);
  server.listen();
  return server;
}

/** Two connected sockets; datagram sockets have both a name, of the others only the second one was bound. */
export function pair(family: Family, type: number = SOCK_STREAM): [client: AnySocket, server: AnySocket] {
  if (type === SOCK_DGRAM) {
    const [a, b] = [bound(family, type), bound(family, type)];
    a.connect(name(b));
    b.connect(name(a));
    return [a, b];
  }
  const server = listening(family, type);
  const client = open(family, type);
  client.connect(name(server));
  const [connection] = server.accept();
  server.close();
  return [client, keep(connection)];
}

/** Sends until no more fits. Returns how many bytes fitted; of datagrams, of `size` bytes each. */
export function fill(sock: AnySocket, size = 1 << 16): number {
  const data = Buffer.alloc(size, '-');
  let sent = 0;
  try {
    for (;;) sent += sock.send(data, MSG_DONTWAIT);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EAGAIN') throw error;
    return sent;
  }
}

/** `size` bytes of which no two stretches are alike. */
export function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at * 2654435761) >>> 0, at);
  return bytes;
}

/** Whether a connect that has just been begun has been completed too. */
function isConnected(sock: AnySocket): boolean {
  const pollfd = Int32Array.of(sock.fileno(), 0);
  new Int16Array(pollfd.buffer)[2] = POLLOUT;
  // A TCP connection in the making is not writable; a Unix socket that is not connected is, but has no peer.
  if (poll(pollfd, 50) !== 1) return false;
  try {
    sock.getpeername();
    return true;
  } catch {
    return false;
  }
}

/** A listening socket whose queue is full, and how many connections it took. */
export function fullBacklog(family: Family): { server: AnySocket; queued: number } {
  const server = bound(family);
  server.listen(0);
  for (let queued = 0; ; queued++) {
    const client = open(family);
    client.settimeout(0);
    client.connectEx(name(server));
    if (isConnected(client)) continue;
    client.close();
    return { server, queued };
  }
}

// Time

/** Lets the event loop turn until the condition holds; the time limit of the test is the only other end. */
export async function until(condition: () => boolean): Promise<void> {
  let over = false;
  onTestFinished(() => {
    over = true;
  });
  while (!over && !condition()) await nextTurn();
}

/** Some turns of the event loop: what could happen by itself has happened then. */
export async function turns(n = 5): Promise<void> {
  for (let turn = 0; turn < n; turn++) await nextTurn();
}

/** Milliseconds that something took. */
export async function elapsed(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** What a promise has come to so far, without waiting for it. */
export function watch<T>(promise: Promise<T>): { state: string; value?: T; error?: unknown } {
  const seen: { state: string; value?: T; error?: unknown } = { state: 'pending' };
  promise.then(
    (value) => Object.assign(seen, { state: 'fulfilled', value }),
    (error: unknown) => Object.assign(seen, { state: 'rejected', error }),
  );
  return seen;
}

/** The error that an action throws or rejects with. */
export async function failure(action: () => unknown): Promise<Error & Record<string, unknown>> {
  try {
    await action();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}

/** Runs the garbage collector until the condition holds. */
export async function collected(condition: () => boolean): Promise<void> {
  await until(() => {
    globalThis.gc?.();
    return condition();
  });
}
