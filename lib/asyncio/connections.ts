/** Streams over connected sockets: what `openConnection` returns, and what a server's callback is called with. */
import { debuglog } from 'node:util';
import type { Socket } from '../socket/socket-constructor.ts';
import { callExceptionHandler } from './exception-handler.ts';
import { Incoming } from './incoming.ts';
import type { Transport } from './protocols.ts';
import { type Attachments, SocketTransport } from './socket-transport.ts';
import { beginTls, startTls } from './start-tls.ts';
import { StreamProtocol } from './stream-protocol.ts';
import { StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';
import type { TlsSettings } from './tls-settings.ts';

// NODE_DEBUG=bsd-socket
const debug = debuglog('bsd-socket');

/** The two ends of a connection in the program. */
export type Streams = [reader: StreamReader, writer: StreamWriter];

/**
 * Called with each connection of a server. What it throws, or what the promise that it returns rejects with, goes to
 * the exception handler, and the connection is closed.
 */
export type ClientConnected = (reader: StreamReader, writer: StreamWriter) => unknown;

function streamsOf(transport: Transport, protocol: StreamProtocol, incoming: Incoming): Streams {
  protocol.connectionMade(transport);
  const reader = new StreamReader(incoming);
  return [reader, new StreamWriter({ transport, protocol, reader })];
}

/** The streams of a connection that this side has made; with TLS, once the handshake is done. */
export async function openStreams(
  socket: Socket,
  limit: number,
  tls: TlsSettings | null,
  signal: AbortSignal | undefined,
): Promise<Streams> {
  const incoming = new Incoming(limit);
  const protocol = new StreamProtocol(incoming, false);
  const plain = new SocketTransport(socket, protocol);
  const transport = tls === null ? plain : await startTls(plain, protocol, tls, undefined, signal);
  const streams = streamsOf(transport, protocol, incoming);
  transport.resumeReading();
  return streams;
}

/** What a server does with each connection. */
export interface Serving {
  callback: ClientConnected;
  limit: number;
  tls: TlsSettings | null;
}

/** Calls a server's callback with the streams of a connection; with TLS, once the handshake is done. */
export function serveStreams(
  { callback, limit, tls }: Serving,
  socket: Socket,
  peername: unknown,
  server: Attachments,
): void {
  const incoming = new Incoming(limit);
  const protocol = new StreamProtocol(incoming, true);
  const plain = new SocketTransport(socket, protocol, { peername, server });
  const serve = (transport: Transport) => {
    const streams = streamsOf(transport, protocol, incoming);
    transport.resumeReading();
    call(callback, streams);
  };
  if (tls === null) {
    serve(plain);
    return;
  }
  const secure = beginTls(plain, protocol, tls);
  secure.secured().then(
    () => serve(secure),
    (error: unknown) => handshakeFailed(error, plain),
  );
}

/** A client that cannot be talked to is its own concern, but for whoever looks for it: as in Python's debug mode. */
function handshakeFailed(error: unknown, transport: Transport): void {
  debug('Error on transport creation for incoming connection %O: %O', transport, error);
}

function call(callback: ClientConnected, [reader, writer]: Streams): void {
  const failed = (exception: unknown) => {
    const { transport } = writer;
    callExceptionHandler({
      message: 'Unhandled exception in client_connected_cb',
      exception,
      transport,
    });
    transport.close();
  };
  try {
    Promise.resolve(callback(reader, writer)).catch(failed);
  } catch (exception) {
    failed(exception);
  }
}
