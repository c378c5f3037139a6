/**
 * A sample for each option of the view: the socket to try it on, a value to set, what is read back. The test is
 * option-table.test.ts.
 */
import {
  AF_INET6,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  type OSError,
  RTNLGRP_LINK,
  SO_INQ,
  SOCK_DGRAM,
  SOL_SOCKET,
} from 'bsd-socket';
import type { kinds } from './socket-kinds.ts';
import type { AnySocket } from './support.ts';

export interface Sample {
  /** The kind of socket. */
  on: keyof typeof kinds;
  /** The values to set, one after the other; none where the option is only read. */
  set?: readonly unknown[];
  /** What is read after the last one, or without: a value, or what must be true of it. The last one set if left out. */
  reads?: unknown;
  /** What proves that setting an option that cannot be read had its effect. */
  proof?: (sock: AnySocket) => boolean;
  /** Errors that are no failure, each with the condition of which it is a sign. */
  refused?: Readonly<Record<string, string>>;
}

const on = (kind: keyof typeof kinds, ...set: unknown[]): Sample => ({ on: kind, set });
const reads = (kind: keyof typeof kinds, value: unknown): Sample => ({ on: kind, reads: value });
/** Off and on again. */
const toggled = (kind: keyof typeof kinds): Sample => on(kind, false, true);

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isPositive = (value: unknown) => typeof value === 'bigint' && value > 0n;
const isDouble = (size: number) => (value: unknown) => value === 2 * size;
/** The kernel counts in steps. */
const near = (expected: number) => (value: unknown) => Math.abs((value as number) - expected) < 0.02;
/** That the kernel refuses something, which shows that it has understood what went before. */
const refuses = (code: string, action: (sock: AnySocket) => unknown) => (sock: AnySocket) => {
  try {
    action(sock);
    return false;
  } catch (error) {
    return (error as OSError).code === code;
  }
};
const header = Buffer.from([59, 0, 1, 4, 0, 0, 0, 0]);
const unlessBuilt = (code: string, config: string) => ({ [code]: `a kernel without ${config}` });

export const samples: Readonly<Record<string, Sample>> = {
  // SOL_SOCKET
  acceptConn: reads('listener', true),
  bindToDevice: on('tcp', 'lo', '', 'lo'),
  bindToIfIndex: on('tcp', 1),
  bpfExtensions: reads('tcp', (value: unknown) => (value as number) >= 40),
  broadcast: toggled('udp'),
  bufLock: { ...on('tcp', 3), refused: { ENOPROTOOPT: 'Linux before 5.15' } },
  busyPoll: { ...on('udp', 50), refused: unlessBuilt('ENOPROTOOPT', 'CONFIG_NET_RX_BUSY_POLL') },
  busyPollBudget: {
    ...on('udp', 16),
    proof: refuses('EINVAL', ({ options }) => Object.assign(options, { busyPollBudget: 70_000 })),
    refused: unlessBuilt('ENOPROTOOPT', 'busy polling'),
  },
  cnxAdvice: {
    ...on('connection', 1),
    // Nothing can be seen of an advice but that it was taken.
    proof: ({ options }) => options.error === 0,
  },
  cookie: reads('tcp', isPositive),
  debug: toggled('tcp'),
  domain: reads('tcp6', AF_INET6),
  dontRoute: toggled('udp'),
  error: reads('tcp', 0),
  incomingCpu: on('tcp', 0),
  incomingNapiId: { ...reads('tcp', 0), refused: unlessBuilt('ENOPROTOOPT', 'CONFIG_NET_RX_BUSY_POLL') },
  inq: {
    ...toggled('unix'),
    proof: refuses('EINVAL', (sock) => sock.setsockopt(SOL_SOCKET, SO_INQ, 2)),
    refused: { ENOPROTOOPT: 'Linux before 6.17' },
  },
  keepAlive: toggled('tcp'),
  linger: on('tcp', 7, 0, null, 7),
  lockFilter: on('udp', true),
  mark: on('tcp', 0xfedcba98),
  maxPacingRate: on('tcp', 1_000_000n, 5_000_000_000n),
  memInfo: reads('tcp', (value: { sndbuf: number }) => value.sndbuf > 0),
  netnsCookie: { ...reads('tcp', isPositive), refused: { ENOPROTOOPT: 'Linux before 5.14' } },
  noCheck: toggled('udp'),
  noFcs: toggled('packet'),
  oobInline: toggled('tcp'),
  passCred: toggled('unix'),
  passPidFd: { ...toggled('unix'), refused: { ENOPROTOOPT: 'Linux before 6.5' } },
  passRights: { ...on('unix', true, false), refused: { ENOPROTOOPT: 'Linux before 6.16' } },
  passSec: { ...toggled('unix'), refused: unlessBuilt('EOPNOTSUPP', 'CONFIG_SECURITY_NETWORK') },
  peekOff: on('unix', 0, 5, -1),
  peerCred: reads('unix', { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() }),
  peerGroups: reads('unix', (value: number[]) => {
    const own = process.getgroups!().filter((group) => group !== process.getgid!());
    return own.every((group) => value.includes(group));
  }),
  peerSec: {
    ...reads('unix', (value: string) => value.length > 0),
    refused: { ENOPROTOOPT: 'a kernel without a security module that labels sockets' },
  },
  preferBusyPoll: { ...toggled('udp'), refused: unlessBuilt('ENOPROTOOPT', 'busy polling') },
  priority: on('tcp', 5),
  protocol: reads('udplite', IPPROTO_UDPLITE),
  rcvBuf: { ...on('tcp', 10_000), reads: isDouble(10_000) },
  rcvBufForce: { ...on('tcp', 8_000_000), proof: ({ options }) => options.rcvBuf === 16_000_000 },
  rcvLowat: on('tcp', 100),
  rcvMark: { ...toggled('udp'), refused: { ENOPROTOOPT: 'Linux before 5.19' } },
  rcvPriority: { ...toggled('udp'), refused: { ENOPROTOOPT: 'Linux before 6.14' } },
  rcvTimeo: { ...on('tcp', null, 2, 1.5), reads: near(1.5) },
  reserveMem: {
    ...on('tcp', 8192),
    reads: isCount,
    refused: {
      EOPNOTSUPP: 'a kernel that does not account the memory of sockets',
      ENOPROTOOPT: 'Linux before 5.17',
    },
  },
  reuseAddr: toggled('tcp'),
  reusePort: toggled('tcp'),
  rxqOvfl: toggled('udp'),
  selectErrQueue: toggled('udp'),
  sndBuf: { ...on('tcp', 10_000), reads: isDouble(10_000) },
  sndBufForce: { ...on('tcp', 8_000_000), proof: ({ options }) => options.sndBuf === 16_000_000 },
  sndLowat: reads('tcp', 1),
  sndTimeo: { ...on('tcp', 2, 1.5, null), reads: null },
  timestamp: toggled('udp'),
  timestamping: on('udp', 0x10, 0x18),
  timestampNs: toggled('udp'),
  txRehash: { ...on('tcp', 0, 1), refused: { ENOPROTOOPT: 'Linux before 5.18' } },
  txTime: on('udp', { clockid: 1, flags: 2 }),
  type: reads('udp', SOCK_DGRAM),
  wifiStatus: toggled('udp'),
  zerocopy: toggled('tcp'),

  // IPPROTO_IP, SOL_RAW
  ipBindAddressNoPort: toggled('tcp'),
  ipChecksum: toggled('udp'),
  ipFreeBind: toggled('tcp'),
  ipHdrIncl: toggled('raw'),
  ipLocalPortRange: {
    ...on('tcp', [0, 0], [40_000, 40_100]),
    refused: { ENOPROTOOPT: 'Linux before 6.3' },
  },
  ipMinTtl: on('tcp', 200),
  ipMtu: reads('connected udp', (value: number) => value >= 65535),
  ipMtuDiscover: on('udp', 0, 2),
  ipMulticastAll: on('udp', true, false),
  ipMulticastIf: { ...on('udp', 'lo', '127.0.0.1'), reads: '127.0.0.1' },
  ipMulticastLoop: on('udp', true, false),
  ipMulticastTtl: on('udp', 3, 255),
  ipNoDefrag: toggled('raw'),
  // Router alert.
  ipOptions: on('udp', Buffer.from([0x94, 4, 0, 0])),
  ipPassSec: toggled('udp'),
  ipPktInfo: toggled('udp'),
  ipProtocol: { ...reads('raw', IPPROTO_UDP), refused: { ENOPROTOOPT: 'Linux before 6.5' } },
  ipRecvErr: toggled('udp'),
  ipRecvErrRfc4884: toggled('udp'),
  ipRecvFragSize: toggled('raw'),
  ipRecvOpts: toggled('udp'),
  ipRecvOrigDstAddr: toggled('udp'),
  ipRecvTos: toggled('udp'),
  ipRecvTtl: toggled('udp'),
  ipRetOpts: toggled('udp'),
  ipRouterAlert: {
    ...on('raw', true, false, true),
    proof: refuses('EADDRINUSE', ({ options }) => Object.assign(options, { ipRouterAlert: true })),
  },
  ipTos: on('udp', 0x28),
  ipTransparent: toggled('tcp'),
  ipTtl: on('tcp', 7),
  ipUnicastIf: on('udp', 0, 1),
  originalDst: {
    ...reads('connection', (value: unknown[]) => value.length === 2),
    refused: {
      ENOENT: 'a connection that netfilter does not track',
      ENOPROTOOPT: 'a kernel without connection tracking',
    },
  },
  icmpFilter: on('raw icmp', 0xffffff00),

  // IPPROTO_IPV6, IPPROTO_ICMPV6
  ipv6AddrPreferences: { ...on('udp6', 2), reads: (value: number) => (value & 2) === 2 },
  ipv6AutoFlowLabel: on('udp6', true, false),
  ipv6Checksum: on('raw6', 2, -1),
  ipv6DontFrag: toggled('udp6'),
  ipv6DstOpts: on('udp6', header),
  ipv6FlowInfo: toggled('udp6'),
  ipv6FlowInfoSend: toggled('udp6'),
  ipv6FreeBind: toggled('tcp6'),
  ipv6HdrIncl: toggled('raw6'),
  ipv6HopOpts: on('udp6', header),
  ipv6MinHopCount: on('tcp6', 200),
  ipv6Mtu: { ...on('connected udp6', 1400), reads: isCount },
  ipv6MtuDiscover: on('udp6', 0, 2),
  ipv6MulticastAll: on('udp6', true, false),
  ipv6MulticastHops: on('udp6', 3),
  ipv6MulticastIf: on('udp6', 1),
  ipv6MulticastLoop: on('udp6', true, false),
  ipv6PathMtu: reads('connected tcp6', (value: number) => value >= 1280),
  ipv6RecvDstOpts: toggled('udp6'),
  ipv6RecvErr: toggled('udp6'),
  ipv6RecvErrRfc4884: toggled('udp6'),
  ipv6RecvFragSize: toggled('raw6'),
  ipv6RecvHopLimit: toggled('udp6'),
  ipv6RecvHopOpts: toggled('udp6'),
  ipv6RecvOrigDstAddr: toggled('udp6'),
  ipv6RecvPathMtu: toggled('udp6'),
  ipv6RecvPktInfo: toggled('udp6'),
  ipv6RecvRtHdr: toggled('udp6'),
  ipv6RecvTclass: toggled('udp6'),
  ipv6RouterAlert: {
    ...on('raw6 of any', 0, -1, 0),
    proof: refuses('EADDRINUSE', ({ options }) => Object.assign(options, { ipv6RouterAlert: 0 })),
  },
  ipv6RouterAlertIsolate: toggled('raw6 of any'),
  // Segment routing by way of ::1.
  ipv6RtHdr: on('udp6', Buffer.from([59, 2, 4, 0, ...Array(4).fill(0), ...Array(15).fill(0), 1])),
  ipv6RtHdrDstOpts: on('udp6', header),
  ipv6Tclass: on('udp6', 0x28),
  ipv6Transparent: toggled('tcp6'),
  ipv6UnicastHops: on('udp6', 3),
  ipv6UnicastIf: on('udp6', 0, 1),
  ipv6V6Only: on('tcp6', true, false),
  ip6tSoOriginalDst: {
    ...reads('connected tcp6', (value: unknown[]) => value.length === 4),
    refused: {
      ENOENT: 'a connection that netfilter does not track',
      ENOPROTOOPT: 'a kernel without connection tracking',
    },
  },
  icmp6Filter: on('raw icmpv6', Buffer.alloc(32, 0xf0)),

  // TCP, MPTCP, UDP, UDP-Lite
  tcpCcInfo: reads('connection', (value: unknown) => Buffer.isBuffer(value)),
  tcpCongestion: on('tcp', 'reno'),
  tcpCork: toggled('tcp'),
  tcpDeferAccept: { ...on('tcp', 0, 5), reads: (value: number) => value >= 5 },
  tcpDelAckMaxUs: { ...on('tcp', 20_000), refused: { ENOPROTOOPT: 'Linux before 6.15' } },
  tcpFastOpen: on('listener', 5),
  tcpFastOpenConnect: {
    ...toggled('tcp'),
    refused: { EOPNOTSUPP: 'a system whose net.ipv4.tcp_fastopen is off for clients' },
  },
  tcpFastOpenKey: on('tcp', Buffer.alloc(16, 1), Buffer.alloc(32, 2)),
  tcpFastOpenNoCookie: toggled('tcp'),
  tcpInfo: reads('connection', ({ state, rto }: { state: number; rto: number }) => state === 1 && rto > 0),
  tcpInq: toggled('tcp'),
  tcpIsMptcp: { ...reads('mptcp', true), refused: { ENOPROTOOPT: 'Linux before 5.18' } },
  tcpKeepCnt: on('tcp', 3),
  tcpKeepIdle: on('tcp', 30),
  tcpKeepIntvl: on('tcp', 10),
  tcpLinger2: on('tcp', 20),
  tcpMaxSeg: { ...on('tcp', 1000), reads: isCount },
  tcpNoDelay: toggled('tcp'),
  tcpNotSentLowat: on('tcp', 4096, 0xfffffff0),
  tcpQueueSeq: reads('repaired', isCount),
  tcpQuickAck: on('connection', true, false),
  tcpRepair: on('tcp', 1),
  tcpRepairQueue: on('repaired', 1, 2),
  tcpRepairWindow: reads('repaired', (value: { rcvWnd: number }) => isCount(value.rcvWnd)),
  tcpRtoMaxMs: { ...on('tcp', 10_000), refused: { ENOPROTOOPT: 'Linux before 6.15' } },
  tcpRtoMinUs: { ...on('tcp', 100_000), refused: { ENOPROTOOPT: 'Linux before 6.15' } },
  tcpSaveSyn: on('listener', 1, 2),
  tcpSavedSyn: reads('saved syn', (value: Buffer) => value[0] === 0x45),
  tcpSynCnt: on('tcp', 3),
  tcpThinDupAck: { ...on('tcp', true), reads: (value: unknown) => typeof value === 'boolean' },
  tcpThinLinearTimeouts: toggled('tcp'),
  tcpTimestamp: reads('connection', isCount),
  tcpTxDelay: on('tcp', 1000),
  tcpUlp: { ...on('connection', 'tls'), refused: unlessBuilt('ENOENT', 'CONFIG_TLS') },
  tcpUserTimeout: on('tcp', 5000),
  tcpWindowClamp: on('connection', 20_000),
  mptcpInfo: reads('mptcp', ({ token, csumEnabled }: { token: number; csumEnabled?: number }) => {
    return isCount(token) && (csumEnabled ?? 0) <= 1;
  }),
  udpCork: toggled('udp'),
  udpEncap: on('udp', 2),
  udpGro: toggled('udp'),
  udpNoCheck6Rx: toggled('udp6'),
  udpNoCheck6Tx: toggled('udp6'),
  udpSegment: on('udp', 1200, 0),
  udpliteRecvCscov: on('udplite', 8, 20),
  udpliteSendCscov: on('udplite', 8, 20),

  // AF_PACKET, AF_NETLINK, AF_VSOCK
  packetAuxData: toggled('packet'),
  packetCopyThresh: on('packet', 100),
  packetFanout: { ...on('packet of all', 0x1_0007), reads: 0x1_0007 },
  packetIgnoreOutgoing: toggled('packet'),
  packetLoss: toggled('packet'),
  packetOrigDev: toggled('packet'),
  packetQdiscBypass: toggled('packet'),
  packetReserve: on('packet', 64),
  // It counts what passes on the loopback interface, that of other tests too.
  packetRolloverStats: reads(
    'rollover',
    ({ all, huge, failed }: Record<string, bigint>) =>
      [all, huge, failed].every((count) => typeof count === 'bigint' && count < 1n << 32n) && all! >= huge!,
  ),
  packetStatistics: reads('packet', { packets: 0, drops: 0 }),
  packetTimestamp: on('packet', 0x40, 0),
  packetTxHasOff: toggled('packet'),
  packetVersion: on('packet', 2),
  packetVnetHdr: toggled('packet'),
  packetVnetHdrSz: { ...on('packet', 12), refused: { ENOPROTOOPT: 'Linux before 6.6' } },
  netlinkBroadcastError: toggled('netlink'),
  netlinkCapAck: toggled('netlink'),
  netlinkExtAck: toggled('netlink'),
  netlinkGetStrictChk: toggled('netlink'),
  netlinkListenAllNsid: toggled('netlink'),
  netlinkListMemberships: reads('netlink', [RTNLGRP_LINK]),
  netlinkNoEnobufs: toggled('netlink'),
  netlinkPktInfo: toggled('netlink'),
  vmSocketsBufferMaxSize: on('vsock', 1_000_000n),
  vmSocketsBufferMinSize: on('vsock', 1000n),
  vmSocketsBufferSize: on('vsock', 100_000n),
  vmSocketsConnectTimeout: { ...on('vsock', 1.5), reads: near(1.5) },
};
