/** Ancillary data to send, from what it means: the kinds of control-messages.ts that the kernel takes. */

import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_TCLASS,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SCM_TXTIME,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_UDP,
  UDP_SEGMENT,
} from '../constants.generated.ts';
import type { Inet6Family, InetFamily } from '../family.ts';
import { inetPton } from '../names/notation.ts';
import { LITTLE_ENDIAN } from '../options/struct.ts';
import { descriptor, integer, items, outOfRange, wrongKind } from '../validate.ts';
import type { Ancillary } from './ancillary.ts';

const ID_MAX = 0xffffffff;
const INT_MAX = 0x7fffffff;

/** Native-endian integers of 32 bits, signed or not. */
function words(...numbers: number[]): Buffer {
  const data = Buffer.alloc(4 * numbers.length);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  numbers.forEach((number, index) => {
    view.setInt32(4 * index, number | 0, LITTLE_ENDIAN);
  });
  return data;
}

function byFamily<T>(caller: string, family: unknown, inet: T, inet6: T): T {
  if (family === AF_INET) return inet;
  if (family === AF_INET6) return inet6;
  throw outOfRange(caller, 'family', 'AF_INET or AF_INET6', family);
}

/** From where to send an IPv4 packet: what `decodeAncillary` found in a request will do. */
export interface PacketSource4 {
  family: InetFamily;
  /** The interface to send from; 0 or none leaves it to the routing table. */
  ifindex?: number;
  /** The source address; none leaves it to the kernel. */
  specDst?: string;
}
/** From where to send an IPv6 packet. */
export interface PacketSource6 {
  family: Inet6Family;
  ifindex?: number;
  /** The source address. That of a request that was sent to a multicast group is none. */
  addr?: string;
}

/** Encoders of ancillary data for `sendmsg`. */
export const ancillary = {
  /**
   * SCM_RIGHTS: passes descriptors on over a Unix socket. The receiver gets duplicates: the sender may close its own
   * when the call is done. unix(7)
   */
  rights(fds: Iterable<number>): Ancillary {
    const caller = 'ancillary.rights';
    const numbers = items(caller, 'fds', fds, 'an iterable of descriptors').map((fd) =>
      descriptor(caller, 'an item of fds', fd),
    );
    return [SOL_SOCKET, SCM_RIGHTS, words(...numbers)];
  },

  /**
   * SCM_CREDENTIALS: who the sender says it is, over a Unix socket. Without privileges only the truth passes: EPERM.
   * Left out are the process's own. unix(7)
   */
  credentials({
    pid = process.pid,
    uid = process.getuid!(),
    gid = process.getgid!(),
  }: {
    pid?: number;
    uid?: number;
    gid?: number;
  } = {}): Ancillary {
    const caller = 'ancillary.credentials';
    integer(caller, 'pid', pid, 0, INT_MAX);
    integer(caller, 'uid', uid, 0, ID_MAX);
    integer(caller, 'gid', gid, 0, ID_MAX);
    return [SOL_SOCKET, SCM_CREDENTIALS, words(pid, uid, gid)];
  },

  /** IP_PKTINFO, IPV6_PKTINFO: the interface and the source address of this datagram. ip(7), ipv6(7) */
  packetInfo(source: PacketSource4 | PacketSource6): Ancillary {
    const caller = 'ancillary.packetInfo';
    if (typeof source !== 'object' || source === null) throw wrongKind(caller, 'source', 'an object', source);
    const { family, ifindex = 0 } = source;
    const inet = byFamily(caller, family, true, false);
    integer(caller, 'ifindex', ifindex, 0, INT_MAX);
    if (inet) {
      const { specDst = '0.0.0.0' } = source as PacketSource4;
      const data = Buffer.concat([words(ifindex), inetPton(AF_INET, specDst), words(0)]);
      return [SOL_IP, IP_PKTINFO, data];
    }
    const { addr = '::' } = source as PacketSource6;
    return [SOL_IPV6, IPV6_PKTINFO, Buffer.concat([inetPton(AF_INET6, addr), words(ifindex)])];
  },

  /** IP_TTL, IPV6_HOPLIMIT: how many routers this datagram may pass, 0 (IPv4: 1) to 255. */
  hopLimit(family: InetFamily | Inet6Family, hopLimit: number): Ancillary {
    const caller = 'ancillary.hopLimit';
    const [level, type, least] = byFamily(
      caller,
      family,
      [SOL_IP, IP_TTL, 1] as const,
      [SOL_IPV6, IPV6_HOPLIMIT, 0] as const,
    );
    return [level, type, words(integer(caller, 'hopLimit', hopLimit, least, 255))];
  },

  /**
   * IP_TOS, IPV6_TCLASS of this datagram, from 0 to 255: four times the DSCP, plus the ECN bits.
   */
  trafficClass(family: InetFamily | Inet6Family, trafficClass: number): Ancillary {
    const caller = 'ancillary.trafficClass';
    const [level, type] = byFamily(
      caller,
      family,
      [SOL_IP, IP_TOS] as const,
      [SOL_IPV6, IPV6_TCLASS] as const,
    );
    return [level, type, words(integer(caller, 'trafficClass', trafficClass, 0, 255))];
  },

  /**
   * UDP_SEGMENT: the kernel cuts the bytes into datagrams of `segmentSize` bytes each, the last one of what is left.
   * udp(7)
   */
  udpSegment(segmentSize: number): Ancillary {
    const size = integer('ancillary.udpSegment', 'segmentSize', segmentSize, 1, 0xffff);
    return [SOL_UDP, UDP_SEGMENT, Buffer.from(Uint16Array.of(size).buffer)];
  },

  /**
   * SCM_TXTIME: when the packet is to leave. The socket needs SO_TXTIME, whose clock counts, and the interface a queue
   * that heeds it, such as etf or fq.
   *
   * @param time nanoseconds of the clock that SO_TXTIME was set with
   */
  txTime(time: bigint): Ancillary {
    if (typeof time !== 'bigint') throw wrongKind('ancillary.txTime', 'time', 'a bigint', time);
    if (time < 0n || time >= 2n ** 64n)
      throw outOfRange('ancillary.txTime', 'time', 'from 0 to 2 ** 64 - 1', time);
    return [SOL_SOCKET, SCM_TXTIME, Buffer.from(BigUint64Array.of(time).buffer)];
  },
} as const;
