/** `bsd-socket/socketserver`: Python's `socketserver` module. */

export type { ServeOptions } from './socketserver/base-server.ts';
export { BaseServer } from './socketserver/base-server.ts';
export { BytesIO } from './socketserver/bytes-io.ts';
export type { CollectOptions, ForkingAttributes, ForkingServer } from './socketserver/forking-mix-in.ts';
export { ForkingMixIn } from './socketserver/forking-mix-in.ts';
export type { HandlerModule } from './socketserver/handler-module.ts';
export type { MixedIn, ServerClass } from './socketserver/mixed-in.ts';
export {
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  ForkingUnixStreamServer,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
} from './socketserver/ready-made-servers.ts';
export type { ClientAddressOf, RequestOf } from './socketserver/request-handlers.ts';
export {
  BaseRequestHandler,
  DatagramRequestHandler,
  StreamRequestHandler,
} from './socketserver/request-handlers.ts';
export { RequestServer } from './socketserver/request-server.ts';
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
export type { ThreadingAttributes } from './socketserver/threading-mix-in.ts';
export { ThreadingMixIn } from './socketserver/threading-mix-in.ts';
export type { ShutdownHandle } from './socketserver/wake-up.ts';
export { shutdown, shutdownAsync } from './socketserver/wake-up.ts';
