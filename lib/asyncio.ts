/** `bsd-socket/asyncio`: the streams of Python's `asyncio`. */

export type { AsyncOptions } from './abort.ts';
export type { ClientConnected, Streams } from './asyncio/connections.ts';
export type { DatagramOptions } from './asyncio/datagram-endpoint.ts';
export { createDatagramEndpoint } from './asyncio/datagram-endpoint.ts';
export type { AnyDatagramProtocol, DatagramTransport } from './asyncio/datagram-protocol.ts';
export { DatagramProtocol } from './asyncio/datagram-protocol.ts';
export { addReader, addWriter, removeReader, removeWriter } from './asyncio/descriptor-callbacks.ts';
export type { ExceptionContext, ExceptionHandler } from './asyncio/exception-handler.ts';
export {
  callExceptionHandler,
  defaultExceptionHandler,
  getExceptionHandler,
  setExceptionHandler,
} from './asyncio/exception-handler.ts';
export type { OpenConnectionOptions, UnixConnectionOptions } from './asyncio/open-connection.ts';
export { openConnection, openUnixConnection } from './asyncio/open-connection.ts';
export type { Protocol, Transport, WriteBufferLimits } from './asyncio/protocols.ts';
export type { SendfileOptions } from './asyncio/sock-calls.ts';
export {
  SendfileNotAvailableError,
  sockAccept,
  sockConnect,
  sockRecv,
  sockRecvfrom,
  sockRecvfromInto,
  sockRecvInto,
  sockSendall,
  sockSendfile,
  sockSendto,
} from './asyncio/sock-calls.ts';
export type { ServingOptions, StartServerOptions } from './asyncio/start-server.ts';
export { startServer } from './asyncio/start-server.ts';
export type { StartUnixServerOptions } from './asyncio/start-unix-server.ts';
export { startUnixServer } from './asyncio/start-unix-server.ts';
export { IncompleteReadError, LimitOverrunError } from './asyncio/stream-errors.ts';
export { StreamReader } from './asyncio/stream-reader.ts';
export { Server } from './asyncio/stream-server.ts';
export { StreamWriter } from './asyncio/stream-writer.ts';
export type {
  ClientTlsOptions,
  ServerTlsOptions,
  SslOptions,
  StartTlsOptions,
  TlsTimes,
} from './asyncio/tls-settings.ts';
