/** The options of IPv4. */
import {
  bytes,
  flag,
  inetAddress,
  inetInterface,
  int,
  networkIndex,
  portRange,
  uint,
} from './option-codecs.ts';
import { optionsOf } from './option-entry.ts';

const { readWrite, readOnly, writeOnly } = optionsOf('IPPROTO_IP');

// Options have 40 bytes at most in an IPv4 header.
const headerOptions = bytes(40);

export const ipLevel = () => ({
  /** Whether bind with port 0 leaves the choice of the port to connect. */
  ipBindAddressNoPort: readWrite('IP_BIND_ADDRESS_NO_PORT', flag),
  /** Whether receives tell the checksum of the packet, as ancillary data (UDP). */
  ipChecksum: readWrite('IP_CHECKSUM', flag),
  /** Whether addresses can be bound to that the host does not have. */
  ipFreeBind: readWrite('IP_FREEBIND', flag),
  /** Whether the program writes the IPv4 header itself (SOCK_RAW). */
  ipHdrIncl: readWrite('IP_HDRINCL', flag),
  /** The ports from which the kernel chooses one, `[low, high]`; 0 for a side where the system's limit counts. */
  ipLocalPortRange: readWrite('IP_LOCAL_PORT_RANGE', portRange),
  /** The TTL below which packets are dropped. */
  ipMinTtl: readWrite('IP_MINTTL', int),
  /** The largest packet of the path, in bytes; of a connected socket only. */
  ipMtu: readOnly('IP_MTU', int),
  /** Whether packets may be fragmented: IP_PMTUDISC_WANT, IP_PMTUDISC_DO and so on. */
  ipMtuDiscover: readWrite('IP_MTU_DISCOVER', int),
  /** Whether multicasts arrive for all groups that the host has joined, and not only for the socket's own. */
  ipMulticastAll: readWrite('IP_MULTICAST_ALL', flag),
  /** Where multicasts go out: set it to an IPv4 address of the interface or to its name; it reads as an address. */
  ipMulticastIf: readWrite('IP_MULTICAST_IF', inetInterface),
  /** Whether multicasts come back to members on this host. */
  ipMulticastLoop: readWrite('IP_MULTICAST_LOOP', flag),
  /** How many networks multicasts may cross; 1 for the own one alone. */
  ipMulticastTtl: readWrite('IP_MULTICAST_TTL', int),
  /** Whether fragments arrive as they are (SOCK_RAW). */
  ipNoDefrag: readWrite('IP_NODEFRAG', flag),
  /** The options in the header of outgoing packets. */
  ipOptions: readWrite('IP_OPTIONS', headerOptions),
  /** Whether receives tell the security context of the peer, as ancillary data. */
  ipPassSec: readWrite('IP_PASSSEC', flag),
  /** Whether receives tell the destination and the interface, as ancillary data. */
  ipPktInfo: readWrite('IP_PKTINFO', flag),
  /** The protocol of a SOCK_RAW socket's packets. */
  ipProtocol: readOnly('IP_PROTOCOL', int),
  /** Whether errors of the network go to the error queue, MSG_ERRQUEUE. */
  ipRecvErr: readWrite('IP_RECVERR', flag),
  /** Whether errors in the error queue tell where the packet's extensions begin, by RFC 4884. */
  ipRecvErrRfc4884: readWrite('IP_RECVERR_RFC4884', flag),
  /** Whether receives tell the size of the largest fragment, as ancillary data. */
  ipRecvFragSize: readWrite('IP_RECVFRAGSIZE', flag),
  /** Whether receives tell the options in the header, as ancillary data. */
  ipRecvOpts: readWrite('IP_RECVOPTS', flag),
  /** Whether receives tell the destination before a firewall changed it, as ancillary data. */
  ipRecvOrigDstAddr: readWrite('IP_RECVORIGDSTADDR', flag),
  /** Whether receives tell the type of service, as ancillary data. */
  ipRecvTos: readWrite('IP_RECVTOS', flag),
  /** Whether receives tell the TTL, as ancillary data. */
  ipRecvTtl: readWrite('IP_RECVTTL', flag),
  /** Whether receives tell the options with which to answer, as ancillary data. */
  ipRetOpts: readWrite('IP_RETOPTS', flag),
  /** Whether packets with the router alert option arrive (SOCK_RAW). */
  ipRouterAlert: writeOnly('IP_ROUTER_ALERT', flag),
  /** The type of service of outgoing packets: DSCP and ECN. */
  ipTos: readWrite('IP_TOS', int),
  /** Whether addresses can be bound to that are not the host's, for a transparent proxy; needs CAP_NET_ADMIN. */
  ipTransparent: readWrite('IP_TRANSPARENT', flag),
  /** How many networks outgoing packets may cross; -1 for the system's default. */
  ipTtl: readWrite('IP_TTL', int),
  /** The index of the interface by which packets go out; 0 for none. */
  ipUnicastIf: readWrite('IP_UNICAST_IF', networkIndex),
  /** The destination of a connection before netfilter redirected it here. */
  originalDst: readOnly('SO_ORIGINAL_DST', inetAddress),
});

const raw = optionsOf('SOL_RAW');

export const rawLevel = () => ({
  /** The types of ICMP messages that are dropped, one bit a type (SOCK_RAW). */
  icmpFilter: raw.readWrite('ICMP_FILTER', uint),
});
