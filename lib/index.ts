/** `bsd-socket`: Python's `socket` module. */

export type { AsyncOptions } from './abort.ts';
export type { ListenFdsOptions } from './activation.ts';
export { listenFds } from './activation.ts';
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
export type { DuplexOptions, SocketDuplex } from './duplex.ts';
export type { Enumeration } from './enumerations.ts';
export { AddressFamily, AddressInfo, MsgFlag, SocketKind } from './enumerations.ts';
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
export type { Instruction } from './filter.ts';
export { BPF_JUMP, BPF_STMT } from './filter.ts';
export type { ConnectionOptions, ServerOptions } from './functions.ts';
export {
  createConnection,
  createConnectionAsync,
  createServer,
  fromfd,
  fromshare,
  hasDualstackIPv6,
  hasIPv6,
  socket,
  socketpair,
} from './functions.ts';
export type { OutgoingMessage } from './gathering.ts';
export {
  getfqdn,
  getfqdnAsync,
  gethostbyaddr,
  gethostbyaddrAsync,
  gethostbynameEx,
  gethostbynameExAsync,
  sethostname,
} from './hosts.ts';
export { ifIndextoname, ifNameindex, ifNametoindex } from './interfaces.ts';
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
export type { AddressRow, HostEntry } from './native.ts';
export { htonl, htons, inetAton, inetNtoa, inetNtop, inetPton, ntohl, ntohs } from './notation.ts';
export type { IntegerKind } from './option-integers.ts';
export type { PacketRolloverStats, PacketStatistics } from './option-table-link.ts';
export type { MemInfo, PeerCredentials, TxTime } from './option-table-socket.ts';
export type { TcpRepairWindow } from './option-table-tcp.ts';
export type { Options } from './options.ts';
export type { ReceivedFds } from './passing.ts';
export { recvFds, recvFdsAsync, sendFds, sendFdsAsync } from './passing.ts';
export {
  getprotobyname,
  getprotobynameAsync,
  getservbyname,
  getservbynameAsync,
  getservbyport,
  getservbyportAsync,
} from './services.ts';
export type { SharedSocket, ShareOptions } from './sharing.ts';
export { unshare } from './sharing.ts';
export type { SocketConstructor } from './socket-constructor.ts';
export { Socket, Socket as SocketType } from './socket-constructor.ts';
export type { FileOptions } from './socket-files.ts';
export type { BufferedFile, TextFile } from './socket-io.ts';
export { SocketIO } from './socket-io.ts';
export type { AfalgOptions, ReceivedMessage, ReceivedMessageInto } from './socket-messages.ts';
export type { TcpInfo } from './tcp-info.ts';
export type { SocketStreams, WebOptions } from './web-streams.ts';
export type {
  StrayMessage,
  ZerocopyCompletion,
  ZerocopyOptions,
  ZerocopyResult,
  ZerocopySendOptions,
} from './zerocopy.ts';
export { ZerocopySender, zerocopyCompletion } from './zerocopy.ts';
