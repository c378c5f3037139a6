/** The options of AF_PACKET, AF_NETLINK and AF_VSOCK. */
import { flag, int, mapped, reading, timeval, uint64, uints } from './option-codecs.ts';
import { optionsOf } from './option-entry.ts';
import { Struct, type StructOf, u32, u64 } from './struct.ts';

const packet = optionsOf('SOL_PACKET');

const statistics = {
  /** Packets received. */
  packets: u32,
  /** Of these, packets for which there was no room. */
  drops: u32,
};

/** struct tpacket_stats. */
export interface PacketStatistics extends StructOf<typeof statistics> {}

const rollover = {
  /** Packets that other sockets of the fanout took. */
  all: u64,
  /** Packets given away since they belong to one large flow. */
  huge: u64,
  /** Attempts that found no room anywhere. */
  failed: u64,
};

/** struct tpacket_rollover_stats. */
export interface PacketRolloverStats extends StructOf<typeof rollover> {}

export const packetLevel = () => ({
  /** Whether receives tell of length, VLAN and status, as ancillary data. */
  packetAuxData: packet.readWrite('PACKET_AUXDATA', flag),
  /** Bytes of a packet from which on it is also queued as a whole, beside the ring. */
  packetCopyThresh: packet.readWrite('PACKET_COPY_THRESH', int),
  /** The fanout: its number in the low 16 bits, PACKET_FANOUT_HASH and so on with flags in the high ones. */
  packetFanout: packet.readWrite('PACKET_FANOUT', int),
  /** Whether outgoing packets are left out. */
  packetIgnoreOutgoing: packet.readWrite('PACKET_IGNORE_OUTGOING', flag),
  /** Whether packets of the transmit ring that are wrong are dropped, and do not end the send. */
  packetLoss: packet.readWrite('PACKET_LOSS', flag),
  /** Whether the address tells the interface that received the packet, and not the bond above it. */
  packetOrigDev: packet.readWrite('PACKET_ORIGDEV', flag),
  /** Whether packets go past the queueing discipline. */
  packetQdiscBypass: packet.readWrite('PACKET_QDISC_BYPASS', flag),
  /** Bytes of room before each packet of the ring. */
  packetReserve: packet.readWrite('PACKET_RESERVE', int),
  /** What rollover has done, in a fanout. */
  packetRolloverStats: packet.readOnly(
    'PACKET_ROLLOVER_STATS',
    reading('PacketRolloverStats', new Struct(rollover)),
  ),
  /** Packets and losses since it was last read: reading it sets both to 0. */
  packetStatistics: packet.readOnly('PACKET_STATISTICS', reading('PacketStatistics', new Struct(statistics))),
  /** Where the ring's timestamps come from: SOF_TIMESTAMPING_RAW_HARDWARE, or 0. */
  packetTimestamp: packet.readWrite('PACKET_TIMESTAMP', int),
  /** Whether packets of the transmit ring say where their data begins. */
  packetTxHasOff: packet.readWrite('PACKET_TX_HAS_OFF', flag),
  /** The version of the ring's headers: TPACKET_V1 and so on. */
  packetVersion: packet.readWrite('PACKET_VERSION', int),
  /** Whether packets have a struct virtio_net_hdr before them. */
  packetVnetHdr: packet.readWrite('PACKET_VNET_HDR', flag),
  /** The size of that header in bytes; 0 for none. */
  packetVnetHdrSz: packet.readWrite('PACKET_VNET_HDR_SZ', int),
});

const netlink = optionsOf('SOL_NETLINK');

/** The numbers of the bits that are set, the lowest being 1. */
function groups(words: number[]): number[] {
  const bits = Array.from({ length: words.length * 32 }, (_, bit) => bit);
  return bits.filter((bit) => (words[bit >> 5]! >>> (bit & 31)) & 1).map((bit) => bit + 1);
}

export const netlinkLevel = () => ({
  /** Whether a broadcast reports that some member did not get it. */
  netlinkBroadcastError: netlink.readWrite('NETLINK_BROADCAST_ERROR', flag),
  /** Whether acknowledgements come without the request. */
  netlinkCapAck: netlink.readWrite('NETLINK_CAP_ACK', flag),
  /** Whether errors come with a text and the attribute that they are about. */
  netlinkExtAck: netlink.readWrite('NETLINK_EXT_ACK', flag),
  /** Whether requests for a dump are checked strictly, and its filters count. */
  netlinkGetStrictChk: netlink.readWrite('NETLINK_GET_STRICT_CHK', flag),
  /** Whether messages of all network namespaces that have a number here arrive. */
  netlinkListenAllNsid: netlink.readWrite('NETLINK_LISTEN_ALL_NSID', flag),
  /** The groups that the socket has joined. */
  netlinkListMemberships: netlink.readOnly('NETLINK_LIST_MEMBERSHIPS', mapped('number[]', uints, groups)),
  /** Whether messages that are lost for want of room go unreported. */
  netlinkNoEnobufs: netlink.readWrite('NETLINK_NO_ENOBUFS', flag),
  /** Whether receives tell the group, as ancillary data. */
  netlinkPktInfo: netlink.readWrite('NETLINK_PKTINFO', flag),
});

const vsock = optionsOf('AF_VSOCK');

export const vsockLevel = () => ({
  /** Limit of vmSocketsBufferSize, in bytes. */
  vmSocketsBufferMaxSize: vsock.readWrite('SO_VM_SOCKETS_BUFFER_MAX_SIZE', uint64),
  /** Least value of vmSocketsBufferSize, in bytes. */
  vmSocketsBufferMinSize: vsock.readWrite('SO_VM_SOCKETS_BUFFER_MIN_SIZE', uint64),
  /** Size of the buffers of a connection, in bytes. */
  vmSocketsBufferSize: vsock.readWrite('SO_VM_SOCKETS_BUFFER_SIZE', uint64),
  /** Seconds after which connect gives up. */
  vmSocketsConnectTimeout: vsock.readWrite('SO_VM_SOCKETS_CONNECT_TIMEOUT', timeval),
});
