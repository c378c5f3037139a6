/** Servers of `bsd-socket/socketserver` for the tests: a synchronous one serves in a thread of its own. */

import * as library from 'bsd-socket';
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, Socket } from 'bsd-socket';
import * as socketserver from 'bsd-socket/socketserver';
import { onTestFinished } from 'vitest';
import { type AnySocket, keep, type Library, type Mode, path } from './support.ts';
import { thread } from './threads.ts';

export type Module = typeof socketserver;
// biome-ignore lint/suspicious/noExplicitAny: each kind has addresses of its own.
export type AnyServer = socketserver.SocketServer<any, any, any>;

export interface Kind {
  readonly name: 'TCPServer' | 'UDPServer' | 'UnixStreamServer' | 'UnixDatagramServer';
  readonly family: number;
  readonly type: number;
  /** An address that is free to bind to. */
  // biome-ignore lint/suspicious/noExplicitAny: each kind has addresses of its own.
  free(): any;
}

export const kinds: readonly Kind[] = [
  { name: 'TCPServer', family: AF_INET, type: SOCK_STREAM, free: () => ['127.0.0.1', 0] },
  { name: 'UDPServer', family: AF_INET, type: SOCK_DGRAM, free: () => ['127.0.0.1', 0] },
  { name: 'UnixStreamServer', family: AF_UNIX, type: SOCK_STREAM, free: path },
  { name: 'UnixDatagramServer', family: AF_UNIX, type: SOCK_DGRAM, free: path },
];
export const [tcp, udp, unixStream] = kinds as [Kind, Kind, Kind, Kind];

/** A client of a server: connected, and with an address of its own. */
export function clientOf(kind: Kind, address: unknown): AnySocket {
  const client = keep(new Socket<number>(kind.family, kind.type));
  client.settimeout(10);
  if (kind.type === SOCK_DGRAM) client.bind(kind.free());
  // biome-ignore lint/suspicious/noExplicitAny: each kind has addresses of its own.
  client.connect(address as any);
  return client;
}

export interface Served {
  // biome-ignore lint/suspicious/noExplicitAny: each kind has addresses of its own.
  readonly address: any;
  /** Ends the loop and closes the server. Returns the server's `log`, if it has one. */
  end(): Promise<unknown>;
}

/**
 * Serves until `end`. `make` makes the server; it sees its arguments and nothing else, as it runs in a thread where the
 * mode is sync.
 */
export async function serve<A>(
  mode: Mode,
  make: (module: Module, socket: Library, args: A) => AnyServer,
  args: A,
): Promise<Served> {
  if (mode === 'async') {
    const server = make(socketserver, library, args);
    const over = server.serveForeverAsync(null);
    over.catch(() => {});
    onTestFinished(() => server.serverCloseAsync());
    const end = async () => {
      await server.shutdownAsync();
      await over;
      await server.serverCloseAsync();
      return (server as { log?: unknown }).log;
    };
    return { address: server.serverAddress, end };
  }
  const { worker, done } = thread(
    async (socket, given: { make: string; args: A }, port, load) => {
      const module = await load('socketserver');
      // biome-ignore lint/security/noGlobalEval: a function of the test's own, which cannot cross over otherwise.
      const server = eval(`(${given.make})`)(module, socket, given.args);
      try {
        port.postMessage({ address: server.serverAddress, handle: server.shutdownHandle() });
        // Whatever ends it wakes it.
        server.serveForever(null);
      } finally {
        server.serverClose();
      }
      return server.log;
    },
    { make: String(make), args },
  );
  const begun = await Promise.race([
    new Promise<{ address: unknown; handle: socketserver.ShutdownHandle }>((resolve) =>
      worker.once('message', resolve),
    ),
    done.then(() => {
      throw new Error('the server has ended');
    }),
  ]);
  const end = async () => {
    await socketserver.shutdownAsync(begun.handle);
    return done;
  };
  return { address: begun.address, end };
}
