/** `bsd-socket`: Python's `socket` module. */

export type { AsyncOptions } from './abort.ts';
export type { Bytes, WritableBytes } from './buffers.ts';
export * from './constants.generated.ts';
export { getdefaulttimeout, setdefaulttimeout } from './default-timeout.ts';
export { close, dup } from './descriptors.ts';
export type { OSErrorDetails } from './errors.ts';
export {
  BlockingIOError,
  BrokenPipeError,
  ChildProcessError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  gaierror,
  herror,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  OSError,
  OSError as error,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  TimeoutError as timeout,
  UnsupportedOperation,
} from './errors.ts';
export type * from './family.ts';
export type { FileSource } from './file-source.ts';
export type { ConnectionOptions, ServerOptions } from './functions.ts';
export {
  createConnection,
  createConnectionAsync,
  createServer,
  fromfd,
  hasDualstackIPv6,
  hasIPv6,
  socket,
  socketpair,
} from './functions.ts';
export {
  getaddrinfo,
  getaddrinfoAsync,
  gethostbyname,
  gethostbynameAsync,
  gethostname,
  getnameinfo,
  getnameinfoAsync,
} from './lookups.ts';
export type { AddressRow } from './native.ts';
export { htonl, htons, inetAton, inetNtoa, inetNtop, inetPton, ntohl, ntohs } from './notation.ts';
export type { SocketConstructor } from './socket-constructor.ts';
export { Socket } from './socket-constructor.ts';
export type { FileOptions } from './socket-files.ts';
export type { BufferedFile, TextFile } from './socket-io.ts';
export { SocketIO } from './socket-io.ts';
