/** What the tests of asyncio's streams share: servers and connections that end with the test. */
import {
  type ClientConnected,
  type ExceptionContext,
  openConnection,
  openUnixConnection,
  type Server,
  type StartServerOptions,
  type StreamReader,
  type StreamWriter,
  setExceptionHandler,
  startServer,
  startUnixServer,
} from 'bsd-socket/asyncio';
import { onTestFinished } from 'vitest';
import { abstract, type Family, noIPv6, path } from './support.ts';

/** How a connection can be made. */
export interface Way {
  readonly name: string;
  readonly missing?: string | undefined;
  serve(callback: ClientConnected, options?: StartServerOptions): Promise<Server>;
  connect(server: Server, options?: { limit?: number }): Promise<[StreamReader, StreamWriter]>;
}

function kept(server: Server): Server {
  onTestFinished(async () => {
    server.close();
    server.abortClients();
    await server.waitClosed();
  });
  return server;
}

function closing([reader, writer]: [StreamReader, StreamWriter]): [StreamReader, StreamWriter] {
  onTestFinished(() => writer.transport.abort());
  return [reader, writer];
}

/** The port of a server with one socket. */
export function portOf(server: Server): number {
  return (server.sockets[0]!.getsockname() as [string, number])[1];
}

const inet = (name: string, host: string, missing?: string): Way => ({
  name,
  missing,
  serve: async (callback, options) => kept(await startServer(callback, host, 0, options)),
  connect: async (server, options) => closing(await openConnection(host, portOf(server), options)),
});

const unix = (name: string, address: Family['free']): Way => ({
  name,
  serve: async (callback, options) => kept(await startUnixServer(callback, address(), options)),
  connect: async (server, options) =>
    closing(await openUnixConnection(server.sockets[0]!.getsockname() as never, options)),
});

export const tcp = inet('TCP', '127.0.0.1');
export const unixStreams = unix('a Unix path', path);
export const ways: readonly Way[] = [
  tcp,
  inet('TCP over IPv6', '::1', noIPv6),
  unixStreams,
  unix('an abstract Unix name', abstract),
];

/** A server that holds each of its connections, and the two ends of one. */
export async function connected(
  way: Way = tcp,
  options: { limit?: number; serverLimit?: number } = {},
): Promise<{
  server: Server;
  near: [reader: StreamReader, writer: StreamWriter];
  far: [reader: StreamReader, writer: StreamWriter];
}> {
  const { limit, serverLimit } = options;
  const accepted = withResolvers<[StreamReader, StreamWriter]>();
  const server = await way.serve((...streams) => accepted.resolve(streams), { limit: serverLimit });
  const near = await way.connect(server, { limit });
  return { server, near, far: await accepted.promise };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
export function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** What the exception handler is told until the test is over. */
export function reports(): ExceptionContext[] {
  const told: ExceptionContext[] = [];
  setExceptionHandler((context) => told.push(context));
  onTestFinished(() => setExceptionHandler(null));
  return told;
}

/** Echoes to the end of the stream. */
export async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const data = await reader.read(65536);
    if (data.length === 0) break;
    writer.write(data);
    await writer.drain();
  }
  writer.close();
  await writer.waitClosed();
}
