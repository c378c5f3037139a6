/** What the tests of asyncio's TLS share: certificates, servers and connections that are closed after the test. */
import { readFileSync } from 'node:fs';
import {
  type ClientConnected,
  type OpenConnectionOptions,
  openConnection,
  type Server,
  type StartServerOptions,
  type StreamReader,
  type StreamWriter,
  startServer,
} from 'bsd-socket/asyncio';
import { onTestFinished } from 'vitest';

export const fixture = (file: string) => new URL(`./fixtures/tls/${file}.pem`, import.meta.url);
const read = (file: string) => readFileSync(fixture(file));

/** For localhost and 127.0.0.1, signed by itself. */
export const cert = read('certificate');
export const key = read('key');
/** The same of somebody whom nobody knows. */
export const stranger = { cert: read('stranger-certificate'), key: read('stranger-key') };

/** Closes a server with all its connections after the test. */
export function ends(server: Server): Server {
  onTestFinished(() => {
    server.close();
    server.abortClients();
  });
  return server;
}

export const portOf = (server: Server) => (server.sockets[0]!.getsockname() as [string, number])[1];

/** A server with the certificate, and its port. */
export async function serve(
  callback: ClientConnected,
  options: StartServerOptions = {},
): Promise<[server: Server, port: number]> {
  const ssl = options.ssl === undefined ? { cert, key } : options.ssl;
  const server = ends(await startServer(callback, '127.0.0.1', 0, { ...options, ssl }));
  return [server, portOf(server)];
}

/** A connection that knows the certificate. */
export async function dial(
  port: number,
  options: OpenConnectionOptions = {},
): Promise<[reader: StreamReader, writer: StreamWriter]> {
  const ssl = options.ssl === undefined ? { ca: cert } : options.ssl;
  const [reader, writer] = await openConnection('127.0.0.1', port, { ...options, ssl });
  onTestFinished(() => writer.transport.abort());
  return [reader, writer];
}

/** Sends back what comes, and closes at the end. */
export const echo: ClientConnected = async (reader, writer) => {
  for (let data = await reader.read(65536); data.length > 0; data = await reader.read(65536)) {
    writer.write(data);
    await writer.drain();
  }
  writer.close();
};
