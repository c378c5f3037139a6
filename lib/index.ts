/** `bsd-socket`: Python's `socket` module. */

export type { AsyncOptions } from './abort.ts';
export type { Ancillary, AncillaryInput } from './ancillary.ts';
export { CMSG_LEN, CMSG_SPACE } from './ancillary.ts';
export type { BatchOptions } from './batch.ts';
export { MessageBatch } from './batch.ts';
export type { Bytes, WritableBytes } from './buffers.ts';
export * from './constants.generated.ts';
export { decodeAncillary } from './control-decoders.ts';
export type { PacketSource4, PacketSource6 } from './control-encoders.ts';
export { ancillary } from './control-encoders.ts';
export type * from './control-messages.ts';

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
} from './errors.ts';
export type * from './family.ts';
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
export type { OutgoingMessage } from './gathering.ts';
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
export type { ReceivedFds } from './passing.ts';
export { recvFds, recvFdsAsync, sendFds, sendFdsAsync } from './passing.ts';
export type { SocketConstructor } from './socket-constructor.ts';
export { Socket } from './socket-constructor.ts';
export type { AfalgOptions, ReceivedMessage, ReceivedMessageInto } from './socket-messages.ts';
export type {
  StrayMessage,
  ZerocopyCompletion,
  ZerocopyOptions,
  ZerocopyResult,
  ZerocopySendOptions,
} from './zerocopy.ts';
export { ZerocopySender, zerocopyCompletion } from './zerocopy.ts';
