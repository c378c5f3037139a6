/** What received ancillary data means: its bytes as the objects of control-messages.ts. */

import { internet, unpack } from '../address/address.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_RECVERR,
  IP_TOS,
  IP_TTL,
  IPV6_HOPLIMIT,
  IPV6_ORIGDSTADDR,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_TCLASS,
  PACKET_TX_TIMESTAMP,
  SCM_CREDENTIALS,
  SCM_PIDFD,
  SCM_RIGHTS,
  SO_RXQ_OVFL,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOL_IP,
  SOL_IPV6,
  SOL_PACKET,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
} from '../constants.generated.ts';
import type { Inet6Address, Inet6Family, InetAddress, InetFamily } from '../family.ts';
import { lazy } from '../lazy.ts';
import { native } from '../native.ts';
import { LITTLE_ENDIAN } from '../options/struct.ts';
import { type Ancillary, intsOf } from './ancillary.ts';
import type { ControlMessage } from './control-messages.ts';

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer) => new DataView(buffer, byteOffset, byteLength);
const int = (data: Buffer, offset = 0) => viewOf(data).getInt32(offset, LITTLE_ENDIAN);
const unsigned = (data: Buffer, offset = 0) => viewOf(data).getUint32(offset, LITTLE_ENDIAN);

const INT = 4;
const IN_ADDR = 4;
const IN6_ADDR = 16;
const SOCKADDR_IN = 16;
const SOCKADDR_IN6 = 28;
const SOCK_EXTENDED_ERR = 16;
const WORD = 4;
const LONG = 8;

const hostOf = (family: number, data: Buffer, offset: number, size: number) =>
  native.inet_ntop(family, data.subarray(offset, offset + size)) as string;

/** The sockaddr at the offset; null for an empty one. */
function addressOf(data: Buffer, offset: number, size: number): InetAddress | Inet6Address | null {
  const family = viewOf(data).getUint16(offset, LITTLE_ENDIAN);
  if (family === AF_UNSPEC || data.length < offset + size) return null;
  return unpack(internet(family), data.subarray(offset, offset + size)) as InetAddress | Inet6Address;
}

/**
 * The time in a struct timeval or timespec, in nanoseconds. Its two fields have 64 bits each, but in the old layout on
 * a 32-bit system.
 *
 * @param size of the struct
 * @param fraction the nanoseconds of the second field's unit
 */
function timeOf(data: Buffer, offset: number, size: number, fraction: bigint): bigint {
  const view = viewOf(data);
  const field = (at: number) =>
    size === 2 * LONG ? view.getBigInt64(at, LITTLE_ENDIAN) : BigInt(view.getInt32(at, LITTLE_ENDIAN));
  return field(offset) * 1_000_000_000n + field(offset + size / 2) * fraction;
}

const timestamp =
  (fraction: bigint) =>
  (data: Buffer): ControlMessage => ({
    kind: 'timestamp',
    time: timeOf(data, 0, data.length >= 2 * LONG ? 2 * LONG : 2 * WORD, fraction),
  });

/** struct scm_timestamping: three times, of which the second one is history. */
function timestamping(data: Buffer): ControlMessage {
  const size = data.length >= 6 * LONG ? 2 * LONG : 2 * WORD;
  const time = (index: number) => timeOf(data, index * size, size, 1n) || null;
  return { kind: 'timestamping', software: time(0), hardware: time(2) };
}

const hopLimit =
  (family: InetFamily | Inet6Family) =>
  (data: Buffer): ControlMessage => ({ kind: 'hopLimit', family, hopLimit: int(data) });

const trafficClass =
  (family: InetFamily | Inet6Family) =>
  (data: Buffer): ControlMessage => {
    const value = data.length < INT ? data[0]! : int(data);
    return { kind: 'trafficClass', family, trafficClass: value, dscp: value >> 2, ecn: value & 3 };
  };

const originalDestination =
  (size: number) =>
  (data: Buffer): ControlMessage | null => {
    const address = addressOf(data, 0, size);
    return address && { kind: 'originalDestination', address };
  };

const extendedError =
  (sockaddrSize: number) =>
  (data: Buffer): ControlMessage => ({
    kind: 'extendedError',
    errno: unsigned(data),
    origin: data[4]!,
    type: data[5]!,
    code: data[6]!,
    info: unsigned(data, 8),
    data: unsigned(data, 12),
    offender:
      data.length < SOCK_EXTENDED_ERR + sockaddrSize
        ? null
        : addressOf(data, SOCK_EXTENDED_ERR, sockaddrSize),
  });

/** Makes an object of data that has at least the size given beside it. */
type Decode = (data: Buffer) => ControlMessage | null;

type Line = readonly [level: number, type: number, size: number, decode: Decode];

const decoders = (): Line[] => [
  [SOL_SOCKET, SCM_RIGHTS, INT, (data) => ({ kind: 'rights', fds: intsOf(data) })],
  [SOL_SOCKET, SCM_PIDFD, INT, (data) => ({ kind: 'pidfd', fd: int(data) })],
  [
    SOL_SOCKET,
    SCM_CREDENTIALS,
    3 * INT,
    (data) => ({ kind: 'credentials', pid: int(data), uid: unsigned(data, 4), gid: unsigned(data, 8) }),
  ],
  [SOL_SOCKET, SO_TIMESTAMP_OLD, 2 * WORD, timestamp(1000n)],
  [SOL_SOCKET, SO_TIMESTAMP_NEW, 2 * LONG, timestamp(1000n)],
  [SOL_SOCKET, SO_TIMESTAMPNS_OLD, 2 * WORD, timestamp(1n)],
  [SOL_SOCKET, SO_TIMESTAMPNS_NEW, 2 * LONG, timestamp(1n)],
  [SOL_SOCKET, SO_TIMESTAMPING_OLD, 6 * WORD, timestamping],
  [SOL_SOCKET, SO_TIMESTAMPING_NEW, 6 * LONG, timestamping],
  [SOL_SOCKET, SO_RXQ_OVFL, INT, (data) => ({ kind: 'receiveQueueOverflow', dropped: unsigned(data) })],
  [
    SOL_IP,
    IP_PKTINFO,
    INT + 2 * IN_ADDR,
    (data) => ({
      kind: 'packetInfo',
      family: AF_INET,
      ifindex: int(data),
      specDst: hostOf(AF_INET, data, INT, IN_ADDR),
      addr: hostOf(AF_INET, data, INT + IN_ADDR, IN_ADDR),
    }),
  ],
  [
    SOL_IPV6,
    IPV6_PKTINFO,
    IN6_ADDR + INT,
    (data) => ({
      kind: 'packetInfo',
      family: AF_INET6,
      ifindex: int(data, IN6_ADDR),
      addr: hostOf(AF_INET6, data, 0, IN6_ADDR),
    }),
  ],
  [SOL_IP, IP_TTL, INT, hopLimit(AF_INET)],
  [SOL_IPV6, IPV6_HOPLIMIT, INT, hopLimit(AF_INET6)],
  [SOL_IP, IP_TOS, 1, trafficClass(AF_INET)],
  [SOL_IPV6, IPV6_TCLASS, INT, trafficClass(AF_INET6)],
  [SOL_IP, IP_ORIGDSTADDR, SOCKADDR_IN, originalDestination(SOCKADDR_IN)],
  [SOL_IPV6, IPV6_ORIGDSTADDR, SOCKADDR_IN6, originalDestination(SOCKADDR_IN6)],
  [SOL_IP, IP_RECVERR, SOCK_EXTENDED_ERR, extendedError(SOCKADDR_IN)],
  [SOL_IPV6, IPV6_RECVERR, SOCK_EXTENDED_ERR, extendedError(SOCKADDR_IN6)],
  [SOL_PACKET, PACKET_TX_TIMESTAMP, SOCK_EXTENDED_ERR, extendedError(SOCKADDR_IN)],
  [SOL_UDP, UDP_GRO, INT, (data) => ({ kind: 'udpGro', segmentSize: int(data) })],
];

const decoderOf = lazy(
  () => new Map(decoders().map(([level, type, size, decode]) => [`${level}:${type}`, { size, decode }])),
);

/**
 * Ancillary data, as `recvmsg` returns it, as objects. What is unknown, or was cut below its size, is of kind
 * 'unknown' and keeps its bytes; of cut rights the whole descriptors are there. It closes nothing and keeps nothing.
 */
export function decodeAncillary(ancdata: Iterable<Ancillary>): ControlMessage[] {
  return Array.from(ancdata, ([level, type, data]): ControlMessage => {
    const known = decoderOf().get(`${level}:${type}`);
    const message = known !== undefined && data.length >= known.size ? known.decode(data) : null;
    return message ?? { kind: 'unknown', level, type, data };
  });
}
