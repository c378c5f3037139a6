/** The options of TCP, MPTCP, UDP and UDP-Lite. */
import { type MptcpInfo, mptcpInfo } from './mptcp-info.ts';
import { bytes, type Decoder, flag, int, reading, structure, text, uint } from './option-codecs.ts';
import { optionsOf } from './option-entry.ts';
import { Struct, type StructOf, u32 } from './struct.ts';
import { type TcpInfo, tcpInfo } from './tcp-info.ts';

const { readWrite, readOnly } = optionsOf('IPPROTO_TCP');

const window = { sndWl1: u32, sndWnd: u32, maxWindow: u32, rcvWnd: u32, rcvWup: u32 };

/** struct tcp_repair_window. */
export interface TcpRepairWindow extends StructOf<typeof window> {}

export const tcpLevel = () => ({
  /** What the algorithm of congestion control tells about itself, in a form of its own. */
  tcpCcInfo: readOnly('TCP_CC_INFO', bytes(256)),
  /** The algorithm of congestion control, by its name: `'cubic'`. */
  tcpCongestion: readWrite('TCP_CONGESTION', text),
  /** Whether segments that are not full wait until it is off again. */
  tcpCork: readWrite('TCP_CORK', flag),
  /** Seconds for which accept waits for data; the kernel rounds them to its steps. */
  tcpDeferAccept: readWrite('TCP_DEFER_ACCEPT', int),
  /** Microseconds at most for which an acknowledgement is delayed. */
  tcpDelAckMaxUs: readWrite('TCP_DELACK_MAX_US', int),
  /** How many connections by TCP Fast Open may wait; set on a listening socket, after listen. */
  tcpFastOpen: readWrite('TCP_FASTOPEN', int),
  /** Whether connect waits for the first send, to go with it (TCP Fast Open). */
  tcpFastOpenConnect: readWrite('TCP_FASTOPEN_CONNECT', flag),
  /** The key of the server's cookies: 16 bytes, or 32 for a key and the one before it. */
  tcpFastOpenKey: readWrite('TCP_FASTOPEN_KEY', bytes(32)),
  /** Whether TCP Fast Open does without cookies. */
  tcpFastOpenNoCookie: readWrite('TCP_FASTOPEN_NO_COOKIE', flag),
  /** What the kernel tells about the connection. */
  tcpInfo: readOnly('TCP_INFO', reading('TcpInfo', tcpInfo()) as Decoder<TcpInfo>),
  /** Whether receives tell how many bytes are left, as ancillary data. */
  tcpInq: readWrite('TCP_INQ', flag),
  /** Whether it is a connection of MPTCP. */
  tcpIsMptcp: readOnly('TCP_IS_MPTCP', flag),
  /** Unanswered probes that end a silent connection. */
  tcpKeepCnt: readWrite('TCP_KEEPCNT', int),
  /** Seconds of silence before the first probe. */
  tcpKeepIdle: readWrite('TCP_KEEPIDLE', int),
  /** Seconds between probes. */
  tcpKeepIntvl: readWrite('TCP_KEEPINTVL', int),
  /** Seconds for which a closed connection waits for the peer's end; 0 for the system's default, negative for none. */
  tcpLinger2: readWrite('TCP_LINGER2', int),
  /** The largest segment in bytes: set before connect or listen, it reads as what is in use. */
  tcpMaxSeg: readWrite('TCP_MAXSEG', int),
  /** Whether small segments are sent at once, without Nagle's waiting for more. */
  tcpNoDelay: readWrite('TCP_NODELAY', flag),
  /** Bytes not yet sent below which the socket counts as writable. */
  tcpNotSentLowat: readWrite('TCP_NOTSENT_LOWAT', uint),
  /** The number of the next byte of the queue of tcpRepairQueue. */
  tcpQueueSeq: readWrite('TCP_QUEUE_SEQ', uint),
  /** Whether acknowledgements go out at once, for now: the kernel changes it by itself. */
  tcpQuickAck: readWrite('TCP_QUICKACK', flag),
  /** Whether the socket's state can be taken out and put in: TCP_REPAIR_ON and so on; needs CAP_NET_ADMIN. */
  tcpRepair: readWrite('TCP_REPAIR', int),
  /** The queue that tcpQueueSeq, receives and sends are about in repair: TCP_RECV_QUEUE, TCP_SEND_QUEUE. */
  tcpRepairQueue: readWrite('TCP_REPAIR_QUEUE', int),
  /** The windows, in repair. */
  tcpRepairWindow: readWrite('TCP_REPAIR_WINDOW', structure('TcpRepairWindow', new Struct(window))),
  /** Milliseconds at most between retransmissions. */
  tcpRtoMaxMs: readWrite('TCP_RTO_MAX_MS', int),
  /** Microseconds at least before a retransmission. */
  tcpRtoMinUs: readWrite('TCP_RTO_MIN_US', int),
  /** Whether connections keep the headers of their SYN: 1 from the network layer on, 2 from the link layer on. */
  tcpSaveSyn: readWrite('TCP_SAVE_SYN', int),
  /** The headers of the connection's SYN, once: reading them frees them. None where they were not kept. */
  tcpSavedSyn: readOnly('TCP_SAVED_SYN', bytes(1024)),
  /** How often connect sends its SYN again before it gives up. */
  tcpSynCnt: readWrite('TCP_SYNCNT', int),
  /** Not used any more. */
  tcpThinDupAck: readWrite('TCP_THIN_DUPACK', flag),
  /** Whether a connection with few segments on their way retransmits at equal distances. */
  tcpThinLinearTimeouts: readWrite('TCP_THIN_LINEAR_TIMEOUTS', flag),
  /** The clock of the connection's timestamps; setting it needs repair. */
  tcpTimestamp: readWrite('TCP_TIMESTAMP', uint),
  /** Microseconds by which every segment is delayed. */
  tcpTxDelay: readWrite('TCP_TX_DELAY', int),
  /** The protocol on top, by its name: `'tls'`; `''` for none. */
  tcpUlp: readWrite('TCP_ULP', text),
  /** Milliseconds after which unacknowledged data ends the connection; 0 for the system's default. */
  tcpUserTimeout: readWrite('TCP_USER_TIMEOUT', int),
  /** Limit of the window that is announced, in bytes. */
  tcpWindowClamp: readWrite('TCP_WINDOW_CLAMP', int),
});

const mptcp = optionsOf('SOL_MPTCP');

export const mptcpLevel = () => ({
  /** What the kernel tells about the connection. */
  mptcpInfo: mptcp.readOnly('MPTCP_INFO', reading('MptcpInfo', mptcpInfo()) as Decoder<MptcpInfo>),
});

const udp = optionsOf('IPPROTO_UDP');

export const udpLevel = () => ({
  /** Whether sends are collected into one datagram until it is off again. */
  udpCork: udp.readWrite('UDP_CORK', flag),
  /** What is inside the datagrams: UDP_ENCAP_ESPINUDP and so on. */
  udpEncap: udp.readWrite('UDP_ENCAP', int),
  /** Whether datagrams of one sender may arrive joined, with their size as ancillary data. */
  udpGro: udp.readWrite('UDP_GRO', flag),
  /** Whether IPv6 datagrams without a checksum are taken. */
  udpNoCheck6Rx: udp.readWrite('UDP_NO_CHECK6_RX', flag),
  /** Whether IPv6 datagrams are sent without a checksum. */
  udpNoCheck6Tx: udp.readWrite('UDP_NO_CHECK6_TX', flag),
  /** The size in bytes into which a send is cut, one datagram each; 0 for off. */
  udpSegment: udp.readWrite('UDP_SEGMENT', int),
});

const udpLite = optionsOf('IPPROTO_UDPLITE');

export const udpLiteLevel = () => ({
  /** How many bytes the checksum must at least cover of what is received; 0 for all. */
  udpliteRecvCscov: udpLite.readWrite('UDPLITE_RECV_CSCOV', int),
  /** How many bytes the checksum covers of what is sent; 0 for all. */
  udpliteSendCscov: udpLite.readWrite('UDPLITE_SEND_CSCOV', int),
});
