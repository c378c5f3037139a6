/** `bsd-socket/socketserver`: Python's `socketserver` module. */

export type { ServeOptions } from './socketserver/base-server.ts';
export { BaseServer } from './socketserver/base-server.ts';
export { BytesIO } from './socketserver/bytes-io.ts';
export type { ClientAddressOf, RequestOf } from './socketserver/request-handlers.ts';
export {
  BaseRequestHandler,
  DatagramRequestHandler,
  StreamRequestHandler,
} from './socketserver/request-handlers.ts';
export type { RequestHandler, RequestHandlerClass } from './socketserver/server-hooks.ts';
export type { DatagramRequest } from './socketserver/socket-servers.ts';
export {
  SocketServer,
  TCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from './socketserver/socket-servers.ts';
export { SocketWriter } from './socketserver/socket-writer.ts';
export type { Awaitable } from './socketserver/steps.ts';
export type { ShutdownHandle } from './socketserver/wake-up.ts';
export { shutdown, shutdownAsync } from './socketserver/wake-up.ts';
