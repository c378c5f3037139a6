/** The options of SOL_SOCKET. */
import {
  flag,
  int,
  linger,
  mapped,
  reading,
  structure,
  text,
  timeval,
  uint,
  uint64,
  uints,
} from './option-codecs.ts';
import { optionsOf } from './option-entry.ts';
import { i32, later, Struct, type StructOf, u32 } from './struct.ts';

const { readWrite, readOnly, writeOnly } = optionsOf('SOL_SOCKET');

const credentials = { pid: i32, uid: u32, gid: u32 };

/** Who made the other end: process, user and group. */
export interface PeerCredentials extends StructOf<typeof credentials> {}

const memory = {
  /** Bytes that received data occupies. */
  rmemAlloc: u32,
  /** SO_RCVBUF. */
  rcvbuf: u32,
  /** Bytes that data on its way out occupies below the socket. */
  wmemAlloc: u32,
  /** SO_SNDBUF. */
  sndbuf: u32,
  /** Bytes set aside for the socket. */
  fwdAlloc: u32,
  /** Bytes of the send queue. */
  wmemQueued: u32,
  /** Bytes of options, ancillary data and filters. */
  optmem: u32,
  /** Bytes that wait until a call on the socket is over. */
  backlog: u32,
  /** Packets dropped. */
  drops: later(u32),
};

/** The memory of a socket in bytes: SO_MEMINFO. */
export interface MemInfo extends StructOf<typeof memory> {}

const txTime = {
  /** The clock of SCM_TXTIME: 1 for CLOCK_MONOTONIC, 11 for CLOCK_TAI. */
  clockid: i32,
  /** SOF_TXTIME_DEADLINE_MODE, SOF_TXTIME_REPORT_ERRORS. */
  flags: u32,
};

/** struct sock_txtime. */
export interface TxTime extends StructOf<typeof txTime> {}

// The kernel's -1: there is no peer that has credentials.
const NOBODY = 0xffffffff;

const peerCred = mapped(
  'PeerCredentials | null',
  reading('PeerCredentials', new Struct(credentials)),
  (peer) => (peer.uid === NOBODY ? null : (peer as PeerCredentials)),
);

export const socketLevel = () => ({
  /** Whether it listens. */
  acceptConn: readOnly('SO_ACCEPTCONN', flag),
  /** The interface, by its name, that the socket is bound to; `''` for none. */
  bindToDevice: readWrite('SO_BINDTODEVICE', text),
  /** The interface, by its index, that the socket is bound to; 0 for none. */
  bindToIfIndex: readWrite('SO_BINDTOIFINDEX', int),
  /** The extensions of classic BPF that the kernel knows: how far the offsets of SKF_AD_ go. */
  bpfExtensions: readOnly('SO_BPF_EXTENSIONS', int),
  /** Whether datagrams may be sent to a broadcast address. */
  broadcast: readWrite('SO_BROADCAST', flag),
  /** Which sizes of buffers stay as they were set: SOCK_SNDBUF_LOCK, SOCK_RCVBUF_LOCK. */
  bufLock: readWrite('SO_BUF_LOCK', int),
  /** Microseconds to poll the device in a receive that waits. */
  busyPoll: readWrite('SO_BUSY_POLL', int),
  /** Packets at most in one round of busy polling. */
  busyPollBudget: writeOnly('SO_BUSY_POLL_BUDGET', int),
  /** Asks the protocol for another path: 1 when the connection makes no progress. */
  cnxAdvice: writeOnly('SO_CNX_ADVICE', int),
  /** The number of the socket, which no other one gets while the system runs. */
  cookie: readOnly('SO_COOKIE', uint64),
  /** Whether the protocol keeps notes for debugging. */
  debug: readWrite('SO_DEBUG', flag),
  /** The address family. */
  domain: readOnly('SO_DOMAIN', int),
  /** Whether only hosts on the same network can be reached, without a gateway. */
  dontRoute: readWrite('SO_DONTROUTE', flag),
  /** The pending error as an errno, 0 for none. Reading it clears it, so that no other call reports it. */
  error: readOnly('SO_ERROR', int),
  /** The processor that received the last packet; setting it prefers the socket for what that processor receives. */
  incomingCpu: readWrite('SO_INCOMING_CPU', int),
  /** The NAPI instance, a receive queue of a device, that the last packet came by; 0 for none. */
  incomingNapiId: readOnly('SO_INCOMING_NAPI_ID', uint),
  /** Whether receives tell, as ancillary data, how many bytes are left (AF_UNIX streams). */
  inq: writeOnly('SO_INQ', flag),
  /** Whether a silent connection is probed: see tcpKeepIdle, tcpKeepIntvl, tcpKeepCnt. */
  keepAlive: readWrite('SO_KEEPALIVE', flag),
  /** How many seconds close waits for data to be sent; 0 resets the connection, null does not wait. */
  linger: readWrite('SO_LINGER', linger),
  /** Whether the filter can no longer be changed. Cannot be undone. */
  lockFilter: readWrite('SO_LOCK_FILTER', flag),
  /** The mark of outgoing packets, for routing and firewalls. */
  mark: readWrite('SO_MARK', uint),
  /** Bytes a second at most; 2n ** 64n - 1n for no limit. */
  maxPacingRate: readWrite('SO_MAX_PACING_RATE', uint64),
  /** The memory that the socket uses. */
  memInfo: readOnly('SO_MEMINFO', reading('MemInfo', new Struct(memory))),
  /** The number of the socket's network namespace. */
  netnsCookie: readOnly('SO_NETNS_COOKIE', uint64),
  /** Whether UDP over IPv4 is sent without checksums. */
  noCheck: readWrite('SO_NO_CHECK', flag),
  /** Whether frames are sent without the check sequence that the device would add, where it can do so. */
  noFcs: readWrite('SO_NOFCS', flag),
  /** Whether urgent data is part of the stream. */
  oobInline: readWrite('SO_OOBINLINE', flag),
  /** Whether receives tell the sender's credentials, as ancillary data (AF_UNIX). */
  passCred: readWrite('SO_PASSCRED', flag),
  /** Whether receives bring a descriptor of the sender's process, as ancillary data (AF_UNIX). */
  passPidFd: readWrite('SO_PASSPIDFD', flag),
  /** Whether descriptors may be received (AF_UNIX). */
  passRights: readWrite('SO_PASSRIGHTS', flag),
  /** Whether receives tell the sender's security context, as ancillary data (AF_UNIX). */
  passSec: readWrite('SO_PASSSEC', flag),
  /** Where the next receive with MSG_PEEK begins, in bytes; -1 for the beginning, always. */
  peekOff: readWrite('SO_PEEK_OFF', int),
  /** Who made the other end of an AF_UNIX connection, as of that moment; null where there is none. */
  peerCred: readOnly('SO_PEERCRED', peerCred),
  /** The supplementary groups of who made the other end of an AF_UNIX connection. */
  peerGroups: readOnly('SO_PEERGROUPS', uints),
  /** The security context of the other end of an AF_UNIX connection; needs a security module. */
  peerSec: readOnly('SO_PEERSEC', text),
  /** Whether busy polling goes on where interrupts would do. */
  preferBusyPoll: readWrite('SO_PREFER_BUSY_POLL', flag),
  /** The priority of outgoing packets, from 0 to 6; more needs CAP_NET_ADMIN. */
  priority: readWrite('SO_PRIORITY', int),
  /** The protocol. */
  protocol: readOnly('SO_PROTOCOL', int),
  /** Size of the receive buffer in bytes. The kernel doubles what is set, and reading gives the double. */
  rcvBuf: readWrite('SO_RCVBUF', int),
  /** As rcvBuf, beyond the system's limit; needs CAP_NET_ADMIN. */
  rcvBufForce: writeOnly('SO_RCVBUFFORCE', int),
  /** Bytes that must have arrived before a receive returns. */
  rcvLowat: readWrite('SO_RCVLOWAT', int),
  /** Whether receives tell the packet's mark, as ancillary data. */
  rcvMark: readWrite('SO_RCVMARK', flag),
  /** Whether receives tell the packet's priority, as ancillary data. */
  rcvPriority: readWrite('SO_RCVPRIORITY', flag),
  /** Seconds after which a receive fails with EAGAIN, null for none; settimeout is the better way. */
  rcvTimeo: readWrite('SO_RCVTIMEO', timeval),
  /** Bytes of memory that are set aside for the socket, where control groups account for it. */
  reserveMem: readWrite('SO_RESERVE_MEM', int),
  /** Whether an address can be bound to while connections of an earlier socket linger there. */
  reuseAddr: readWrite('SO_REUSEADDR', flag),
  /** Whether several sockets can be bound to one address and share what arrives. */
  reusePort: readWrite('SO_REUSEPORT', flag),
  /** Whether receives tell how many datagrams were dropped, as ancillary data. */
  rxqOvfl: readWrite('SO_RXQ_OVFL', flag),
  /** Whether an error queue that is not empty counts as exceptional for select and poll. */
  selectErrQueue: readWrite('SO_SELECT_ERR_QUEUE', flag),
  /** Size of the send buffer in bytes. The kernel doubles what is set, and reading gives the double. */
  sndBuf: readWrite('SO_SNDBUF', int),
  /** As sndBuf, beyond the system's limit; needs CAP_NET_ADMIN. */
  sndBufForce: writeOnly('SO_SNDBUFFORCE', int),
  /** Always 1 on Linux. */
  sndLowat: readOnly('SO_SNDLOWAT', int),
  /** Seconds after which a send fails with EAGAIN, null for none; settimeout is the better way. */
  sndTimeo: readWrite('SO_SNDTIMEO', timeval),
  /** Whether receives tell when the packet arrived, in microseconds, as ancillary data. */
  timestamp: readWrite('SO_TIMESTAMP', flag),
  /** Which timestamps are made and reported: bits SOF_TIMESTAMPING_. */
  timestamping: readWrite('SO_TIMESTAMPING', uint),
  /** Whether receives tell when the packet arrived, in nanoseconds, as ancillary data. */
  timestampNs: readWrite('SO_TIMESTAMPNS', flag),
  /** Whether a connection tries another path when it makes no progress: SOCK_TXREHASH_ENABLED and so on. */
  txRehash: readWrite('SO_TXREHASH', int),
  /** Clock and flags of the times at which packets are to be sent, SCM_TXTIME. */
  txTime: readWrite('SO_TXTIME', structure('TxTime', new Struct(txTime))),
  /** The socket type. */
  type: readOnly('SO_TYPE', int),
  /** Whether a wireless device reports whether packets were acknowledged. */
  wifiStatus: readWrite('SO_WIFI_STATUS', flag),
  /** Whether MSG_ZEROCOPY works. */
  zerocopy: readWrite('SO_ZEROCOPY', flag),
});
