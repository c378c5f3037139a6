/** Streams over connected sockets: what `openConnection` returns, and what a server's callback is called with. */
import type { Socket } from '../socket/socket-constructor.ts';
import { callExceptionHandler } from './exception-handler.ts';
import { Incoming } from './incoming.ts';
import type { Transport } from './protocols.ts';
import { type Attachments, SocketTransport } from './socket-transport.ts';
import { StreamProtocol } from './stream-protocol.ts';
import { StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';

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

/** The streams of a connection that this side has made. */
export function openStreams(socket: Socket, limit: number): Streams {
  const incoming = new Incoming(limit);
  const protocol = new StreamProtocol(incoming, false);
  const transport = new SocketTransport(socket, protocol);
  const streams = streamsOf(transport, protocol, incoming);
  transport.resumeReading();
  return streams;
}

/** Calls a server's callback with the streams of a connection. */
export function serveStreams(
  callback: ClientConnected,
  limit: number,
  socket: Socket,
  peername: unknown,
  server: Attachments,
): void {
  const incoming = new Incoming(limit);
  const protocol = new StreamProtocol(incoming, true);
  const transport = new SocketTransport(socket, protocol, { peername, server });
  const streams = streamsOf(transport, protocol, incoming);
  transport.resumeReading();
  call(callback, streams);
}

async function call(callback: ClientConnected, streams: Streams): Promise<void> {
  const [reader, writer] = streams;
  try {
    await callback(reader, writer);
  } catch (exception) {
    const { transport } = writer;
    callExceptionHandler({
      message: 'Unhandled exception in client_connected_cb',
      exception,
      transport,
    });
    transport.close();
  }
}
