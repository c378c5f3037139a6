/** `bsd-socket`: Python's `socket` module. */

export type { AsyncOptions } from './abort.ts';
export type { Bytes, WritableBytes } from './buffers.ts';
export * from './constants.generated.ts';
export { getdefaulttimeout, setdefaulttimeout } from './default-timeout.ts';
export { close, dup } from './descriptors.ts';
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
export type { FileSource } from './files/file-source.ts';
export type { BufferedFile, TextFile } from './files/socket-io.ts';
export { SocketIO } from './files/socket-io.ts';
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
export type { Ancillary, AncillaryInput } from './messages/ancillary.ts';
export { CMSG_LEN, CMSG_SPACE } from './messages/ancillary.ts';
export type { BatchOptions } from './messages/batch.ts';
export { MessageBatch } from './messages/batch.ts';
export { decodeAncillary } from './messages/control-decoders.ts';
export type { PacketSource4, PacketSource6 } from './messages/control-encoders.ts';
export { ancillary } from './messages/control-encoders.ts';
export type * from './messages/control-messages.ts';
export type { OutgoingMessage } from './messages/gathering.ts';
export type { ReceivedFds } from './messages/passing.ts';
export { recvFds, recvFdsAsync, sendFds, sendFdsAsync } from './messages/passing.ts';
export type {
  StrayMessage,
  ZerocopyCompletion,
  ZerocopyOptions,
  ZerocopyResult,
  ZerocopySendOptions,
} from './messages/zerocopy.ts';
export { ZerocopySender, zerocopyCompletion } from './messages/zerocopy.ts';
export {
  getfqdn,
  getfqdnAsync,
  gethostbyaddr,
  gethostbyaddrAsync,
  gethostbynameEx,
  gethostbynameExAsync,
  sethostname,
} from './names/hosts.ts';
export { ifIndextoname, ifNameindex, ifNametoindex } from './names/interfaces.ts';
export {
  getaddrinfo,
  getaddrinfoAsync,
  gethostbyname,
  gethostbynameAsync,
  gethostname,
  getnameinfo,
  getnameinfoAsync,
} from './names/lookups.ts';
export { htonl, htons, inetAton, inetNtoa, inetNtop, inetPton, ntohl, ntohs } from './names/notation.ts';
export {
  getprotobyname,
  getprotobynameAsync,
  getservbyname,
  getservbynameAsync,
  getservbyport,
  getservbyportAsync,
} from './names/services.ts';
export type { AddressRow, HostEntry } from './native.ts';
export type { ListenFdsOptions } from './node/activation.ts';
export { listenFds } from './node/activation.ts';
export type { DuplexOptions, SocketDuplex } from './node/duplex.ts';
export type { SharedSocket, ShareOptions } from './node/sharing.ts';
export { unshare } from './node/sharing.ts';
export type { SocketStreams, WebOptions } from './node/web-streams.ts';
export type { Instruction } from './options/filter.ts';
export { BPF_JUMP, BPF_STMT } from './options/filter.ts';
export type { MembershipOptions } from './options/memberships.ts';
export type { MptcpInfo } from './options/mptcp-info.ts';
export type { IntegerKind } from './options/option-integers.ts';
export type { PacketRolloverStats, PacketStatistics } from './options/option-table-link.ts';
export type { MemInfo, PeerCredentials, TxTime } from './options/option-table-socket.ts';
export type { TcpRepairWindow } from './options/option-table-tcp.ts';
export type { Options } from './options/options.ts';
export type { TcpInfo } from './options/tcp-info.ts';
export type { SocketConstructor } from './socket/socket-constructor.ts';
export { Socket, Socket as SocketType } from './socket/socket-constructor.ts';
export type { FileOptions } from './socket/socket-files.ts';
export type { AfalgOptions, ReceivedMessage, ReceivedMessageInto } from './socket/socket-messages.ts';
export type { IterableObject } from './validate.ts';
