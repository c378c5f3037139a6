/** The options of IPv6. */
import { bytes, flag, inet6Address, int, networkIndex, pathMtu } from './option-codecs.ts';
import { optionsOf } from './option-entry.ts';

const { readWrite, readOnly, writeOnly } = optionsOf('IPPROTO_IPV6');

// An extension header has 2048 bytes at most.
const extensionHeader = bytes(2048);

export const ipv6Level = () => ({
  /** Which source addresses are preferred: IPV6_PREFER_SRC_TMP and so on. */
  ipv6AddrPreferences: readWrite('IPV6_ADDR_PREFERENCES', int),
  /** Whether the kernel chooses flow labels. */
  ipv6AutoFlowLabel: readWrite('IPV6_AUTOFLOWLABEL', flag),
  /** Where in the packet the kernel puts and checks the checksum; -1 for nowhere (SOCK_RAW). */
  ipv6Checksum: readWrite('IPV6_CHECKSUM', int),
  /** Whether packets that are too large are refused and not fragmented. */
  ipv6DontFrag: readWrite('IPV6_DONTFRAG', flag),
  /** The destination options header of outgoing packets. */
  ipv6DstOpts: readWrite('IPV6_DSTOPTS', extensionHeader),
  /** Whether receives tell flow label and traffic class, as ancillary data. */
  ipv6FlowInfo: readWrite('IPV6_FLOWINFO', flag),
  /** Whether the flow info of addresses counts in sends. */
  ipv6FlowInfoSend: readWrite('IPV6_FLOWINFO_SEND', flag),
  /** Whether addresses can be bound to that the host does not have. */
  ipv6FreeBind: readWrite('IPV6_FREEBIND', flag),
  /** Whether the program writes the IPv6 header itself (SOCK_RAW). */
  ipv6HdrIncl: readWrite('IPV6_HDRINCL', flag),
  /** The hop-by-hop options header of outgoing packets. */
  ipv6HopOpts: readWrite('IPV6_HOPOPTS', extensionHeader),
  /** The hop limit below which packets are dropped. */
  ipv6MinHopCount: readWrite('IPV6_MINHOPCOUNT', int),
  /** The largest packet of the path, in bytes; reads as such on a connected socket, can be lowered on any. */
  ipv6Mtu: readWrite('IPV6_MTU', int),
  /** Whether packets may be fragmented: IPV6_PMTUDISC_WANT, IPV6_PMTUDISC_DO and so on. */
  ipv6MtuDiscover: readWrite('IPV6_MTU_DISCOVER', int),
  /** Whether multicasts arrive for all groups that the host has joined, and not only for the socket's own. */
  ipv6MulticastAll: readWrite('IPV6_MULTICAST_ALL', flag),
  /** How many networks multicasts may cross; 1 for the own one alone. */
  ipv6MulticastHops: readWrite('IPV6_MULTICAST_HOPS', int),
  /** The index of the interface where multicasts go out; 0 for the routing table's choice. */
  ipv6MulticastIf: readWrite('IPV6_MULTICAST_IF', int),
  /** Whether multicasts come back to members on this host. */
  ipv6MulticastLoop: readWrite('IPV6_MULTICAST_LOOP', flag),
  /** The largest packet of the path, in bytes; of a connected socket only. */
  ipv6PathMtu: readOnly('IPV6_PATHMTU', pathMtu),
  /** Whether receives tell the destination options, as ancillary data. */
  ipv6RecvDstOpts: readWrite('IPV6_RECVDSTOPTS', flag),
  /** Whether errors of the network go to the error queue, MSG_ERRQUEUE. */
  ipv6RecvErr: readWrite('IPV6_RECVERR', flag),
  /** Whether errors in the error queue tell where the packet's extensions begin, by RFC 4884. */
  ipv6RecvErrRfc4884: readWrite('IPV6_RECVERR_RFC4884', flag),
  /** Whether receives tell the size of the largest fragment, as ancillary data. */
  ipv6RecvFragSize: readWrite('IPV6_RECVFRAGSIZE', flag),
  /** Whether receives tell the hop limit, as ancillary data. */
  ipv6RecvHopLimit: readWrite('IPV6_RECVHOPLIMIT', flag),
  /** Whether receives tell the hop-by-hop options, as ancillary data. */
  ipv6RecvHopOpts: readWrite('IPV6_RECVHOPOPTS', flag),
  /** Whether receives tell the destination before a firewall changed it, as ancillary data. */
  ipv6RecvOrigDstAddr: readWrite('IPV6_RECVORIGDSTADDR', flag),
  /** Whether receives tell of a smaller path, as ancillary data. */
  ipv6RecvPathMtu: readWrite('IPV6_RECVPATHMTU', flag),
  /** Whether receives tell the destination and the interface, as ancillary data. */
  ipv6RecvPktInfo: readWrite('IPV6_RECVPKTINFO', flag),
  /** Whether receives tell the routing header, as ancillary data. */
  ipv6RecvRtHdr: readWrite('IPV6_RECVRTHDR', flag),
  /** Whether receives tell the traffic class, as ancillary data. */
  ipv6RecvTclass: readWrite('IPV6_RECVTCLASS', flag),
  /** Packets with this router alert arrive; -1 for none (SOCK_RAW with IPPROTO_RAW). */
  ipv6RouterAlert: writeOnly('IPV6_ROUTER_ALERT', int),
  /** Whether router alerts of other network namespaces are left out. */
  ipv6RouterAlertIsolate: readWrite('IPV6_ROUTER_ALERT_ISOLATE', flag),
  /** The routing header of outgoing packets. */
  ipv6RtHdr: readWrite('IPV6_RTHDR', extensionHeader),
  /** The destination options before the routing header of outgoing packets. */
  ipv6RtHdrDstOpts: readWrite('IPV6_RTHDRDSTOPTS', extensionHeader),
  /** The traffic class of outgoing packets: DSCP and ECN; -1 for the default. */
  ipv6Tclass: readWrite('IPV6_TCLASS', int),
  /** Whether addresses can be bound to that are not the host's, for a transparent proxy; needs CAP_NET_ADMIN. */
  ipv6Transparent: readWrite('IPV6_TRANSPARENT', flag),
  /** How many networks outgoing packets may cross; -1 for the system's default. */
  ipv6UnicastHops: readWrite('IPV6_UNICAST_HOPS', int),
  /** The index of the interface by which packets go out; 0 for none. */
  ipv6UnicastIf: readWrite('IPV6_UNICAST_IF', networkIndex),
  /** Whether the socket is for IPv6 alone, and not for IPv4 too; before bind. */
  ipv6V6Only: readWrite('IPV6_V6ONLY', flag),
  /** The destination of a connection before netfilter redirected it here. */
  ip6tSoOriginalDst: readOnly('IP6T_SO_ORIGINAL_DST', inet6Address),
});

const icmp = optionsOf('IPPROTO_ICMPV6');

export const icmpv6Level = () => ({
  /** The types of ICMPv6 messages that are dropped, one bit a type in 32 bytes (SOCK_RAW). */
  icmp6Filter: icmp.readWrite('ICMP6_FILTER', bytes(32)),
});
