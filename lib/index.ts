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
} from './errors.ts';
export type * from './family.ts';
export type { Instruction } from './filter.ts';
export { BPF_JUMP, BPF_STMT } from './filter.ts';
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
export type { MembershipOptions } from './memberships.ts';
export type { MptcpInfo } from './mptcp-info.ts';
export type { AddressRow } from './native.ts';
export { htonl, htons, inetAton, inetNtoa, inetNtop, inetPton, ntohl, ntohs } from './notation.ts';
export type { IntegerKind } from './option-integers.ts';
export type { PacketRolloverStats, PacketStatistics } from './option-table-link.ts';
export type { MemInfo, PeerCredentials, TxTime } from './option-table-socket.ts';
export type { TcpRepairWindow } from './option-table-tcp.ts';
export type { Options } from './options.ts';
export type { SocketConstructor } from './socket-constructor.ts';
export { Socket } from './socket-constructor.ts';
export type { TcpInfo } from './tcp-info.ts';
