/**
 * Ancillary data by what it means, as types that are told apart by their `kind`. The names of the fields are the
 * kernel's: see ip(7), ipv6(7), udp(7), unix(7), socket(7).
 */
import type { Inet6Address, Inet6Family, InetAddress, InetFamily } from '../family.ts';

/** SCM_RIGHTS: descriptors, which belong to the receiver: close them. */
export interface RightsMessage {
  kind: 'rights';
  fds: number[];
}
/** SCM_PIDFD: a descriptor of the sending process, which belongs to the receiver: close it. */
export interface PidfdMessage {
  kind: 'pidfd';
  fd: number;
}
/** SCM_CREDENTIALS: who has sent it, checked by the kernel. */
export interface CredentialsMessage {
  kind: 'credentials';
  pid: number;
  uid: number;
  gid: number;
}
/** SO_TIMESTAMP, SO_TIMESTAMPNS: when the packet came in. */
export interface TimestampMessage {
  kind: 'timestamp';
  /** Nanoseconds since 1970; with SO_TIMESTAMP in whole microseconds. */
  time: bigint;
}
/** SO_TIMESTAMPING: when the packet came in or went out. */
export interface TimestampingMessage {
  kind: 'timestamping';
  /** The kernel's own, in nanoseconds since 1970; null for none. */
  software: bigint | null;
  /** The network card's, in nanoseconds of its clock; null for none. */
  hardware: bigint | null;
}
/** IP_PKTINFO: where an IPv4 packet came in. */
export interface PacketInfo4Message {
  kind: 'packetInfo';
  family: InetFamily;
  /** The number of the interface: `ifIndextoname` has its name. */
  ifindex: number;
  /** The local address of the packet, from which to answer. */
  specDst: string;
  /** The destination in the packet's header, which may be a broadcast or multicast address. */
  addr: string;
}
/** IPV6_PKTINFO: where an IPv6 packet came in. */
export interface PacketInfo6Message {
  kind: 'packetInfo';
  family: Inet6Family;
  ifindex: number;
  /** IPv4's alone. */
  specDst?: undefined;
  /** The destination in the packet's header, which may be a multicast address. */
  addr: string;
}
export type PacketInfoMessage = PacketInfo4Message | PacketInfo6Message;
/** IP_TTL, IPV6_HOPLIMIT: how many routers the packet could still have passed. */
export interface HopLimitMessage {
  kind: 'hopLimit';
  family: InetFamily | Inet6Family;
  hopLimit: number;
}
/** IP_TOS, IPV6_TCLASS. */
export interface TrafficClassMessage {
  kind: 'trafficClass';
  family: InetFamily | Inet6Family;
  /** The whole byte. */
  trafficClass: number;
  /** Its upper six bits: the class of service, RFC 2474. */
  dscp: number;
  /** Its lower two bits: 0 not capable, 1 and 2 capable, 3 congestion experienced, RFC 3168. */
  ecn: number;
}
/** UDP_GRO: the bytes are several datagrams in a row. */
export interface UdpGroMessage {
  kind: 'udpGro';
  /** The size of each datagram in bytes; the last one may be shorter. */
  segmentSize: number;
}
/** IP_RECVERR, IPV6_RECVERR, out of MSG_ERRQUEUE: struct sock_extended_err. */
export interface ExtendedErrorMessage {
  kind: 'extendedError';
  /** What has failed. Timestamps (ENOMSG) and zero-copy completions (0) come this way, too. */
  errno: number;
  /** SO_EE_ORIGIN_LOCAL, SO_EE_ORIGIN_ICMP and so on. */
  origin: number;
  /** With SO_EE_ORIGIN_ICMP and SO_EE_ORIGIN_ICMP6 the packet's type. */
  type: number;
  /** With SO_EE_ORIGIN_ICMP and SO_EE_ORIGIN_ICMP6 the packet's code. */
  code: number;
  /** By the origin: the path's MTU for EMSGSIZE, the first of a range of completions. */
  info: number;
  /** By the origin: the last of a range of completions, the number of a timestamp. */
  data: number;
  /** Who has reported the error; null where nobody but this host has. */
  offender: InetAddress | Inet6Address | null;
}
/** SO_RXQ_OVFL. */
export interface ReceiveQueueOverflowMessage {
  kind: 'receiveQueueOverflow';
  /** How many packets the socket had no room for since it was made, modulo 2 ** 32. */
  dropped: number;
}
/** IP_ORIGDSTADDR, IPV6_ORIGDSTADDR: where a packet was sent to, before a rule of the firewall sent it here. */
export interface OriginalDestinationMessage {
  kind: 'originalDestination';
  address: InetAddress | Inet6Address;
}
/** Whatever has no form of its own here, or was cut. */
export interface UnknownMessage {
  kind: 'unknown';
  level: number;
  type: number;
  data: Buffer;
}

/** A piece of ancillary data, decoded. */
export type ControlMessage =
  | RightsMessage
  | PidfdMessage
  | CredentialsMessage
  | TimestampMessage
  | TimestampingMessage
  | PacketInfoMessage
  | HopLimitMessage
  | TrafficClassMessage
  | UdpGroMessage
  | ExtendedErrorMessage
  | ReceiveQueueOverflowMessage
  | OriginalDestinationMessage
  | UnknownMessage;
