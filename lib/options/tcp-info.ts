/** TCP_INFO: what the kernel tells about a TCP connection. */
import { lazy } from '../lazy.ts';
import { bits, later, Struct, type StructOf, u8, u16, u32, u64 } from './struct.ts';

/**
 * struct tcp_info of Linux 7.2. The first fields, to `deliveredCe`, are those of Linux 4.18, the oldest that Node.js
 * runs on; of the later ones a kernel gives those that it knows.
 */
export const tcpInfo = lazy(
  () =>
    new Struct({
      /** TCP_ESTABLISHED, TCP_LISTEN and so on. */
      state: u8,
      /** State of congestion control: TCP_CA_Open, TCP_CA_Recovery and so on. */
      caState: u8,
      /** Retransmissions of the oldest segment so far, by timeout. */
      retransmits: u8,
      /** Probes of a zero window, or of a silent peer, that are unanswered. */
      probes: u8,
      /** How often the timeout of retransmission has been doubled. */
      backoff: u8,
      /** What was negotiated: TCPI_OPT_TIMESTAMPS, TCPI_OPT_SACK, TCPI_OPT_WSCALE and so on, as bits. */
      options: u8,
      /** The peer's window is counted in units of two to this. */
      sndWscale: bits(0, 4),
      /** Our window is counted in units of two to this. */
      rcvWscale: bits(4, 4, true),
      /** 1 where `deliveryRate` was limited by the program and not by the network. */
      deliveryRateAppLimited: bits(0, 1),
      /** Why TCP Fast Open failed on a client, 0 for not at all: enum tcp_fastopen_client_fail. */
      fastopenClientFail: bits(1, 2, true),

      /** Timeout of retransmission, in microseconds. */
      rto: u32,
      /** How long an acknowledgement may be delayed, in microseconds. */
      ato: u32,
      /** Largest segment that is sent, in bytes. */
      sndMss: u32,
      /** Largest segment that the peer seems to send, in bytes. */
      rcvMss: u32,
      /** Segments sent and not acknowledged; of a listening socket the connections that wait for accept. */
      unacked: u32,
      /** Segments acknowledged out of order; of a listening socket its backlog. */
      sacked: u32,
      /** Segments that are taken for lost. */
      lost: u32,
      /** Segments that are on their way once more. */
      retrans: u32,
      /** No longer used. */
      fackets: u32,
      /** Milliseconds since data was sent. */
      lastDataSent: u32,
      /** Not kept by Linux: 0. */
      lastAckSent: u32,
      /** Milliseconds since data was received. */
      lastDataRecv: u32,
      /** Milliseconds since an acknowledgement was received. */
      lastAckRecv: u32,
      /** Largest packet of the path, in bytes. */
      pmtu: u32,
      /** Limit of the window that is announced, in bytes. */
      rcvSsthresh: u32,
      /** Round-trip time, smoothed, in microseconds. */
      rtt: u32,
      /** Mean deviation of the round-trip time, in microseconds. */
      rttvar: u32,
      /** Where slow start ends, in segments. */
      sndSsthresh: u32,
      /** Congestion window, in segments. */
      sndCwnd: u32,
      /** Largest segment that we have announced, in bytes. */
      advmss: u32,
      /** How many segments may overtake each other before one counts as lost. */
      reordering: u32,
      /** Round-trip time as the receiver sees it, in microseconds. */
      rcvRtt: u32,
      /** Room for received data that is aimed at, in bytes. */
      rcvSpace: u32,
      /** Segments retransmitted since the connection was made. */
      totalRetrans: u32,

      /** Bytes a second at which sending is paced; 2n ** 64n - 1n for no limit. */
      pacingRate: u64,
      /** SO_MAX_PACING_RATE in bytes a second; 2n ** 64n - 1n for no limit. */
      maxPacingRate: u64,
      /** Bytes that the peer has acknowledged. */
      bytesAcked: u64,
      /** Bytes received in order. */
      bytesReceived: u64,
      /** Segments sent. */
      segsOut: u32,
      /** Segments received. */
      segsIn: u32,
      /** Bytes in the send queue that have not been sent. */
      notsentBytes: u32,
      /** Shortest round-trip time lately, in microseconds; 2 ** 32 - 1 before the first. */
      minRtt: u32,
      /** Segments with data received. */
      dataSegsIn: u32,
      /** Segments with data sent. */
      dataSegsOut: u32,
      /** Bytes a second that arrived lately. */
      deliveryRate: u64,
      /** Microseconds in which there was something to send. */
      busyTime: u64,
      /** Microseconds in which the peer's window held sending up. */
      rwndLimited: u64,
      /** Microseconds in which the send buffer held sending up. */
      sndbufLimited: u64,
      /** Segments delivered, retransmissions included. */
      delivered: u32,
      /** Of these, segments that met congestion by ECN. */
      deliveredCe: u32,

      /** Bytes of data sent, retransmissions included (4.19). */
      bytesSent: later(u64),
      /** Bytes of data retransmitted (4.19). */
      bytesRetrans: later(u64),
      /** Duplicate segments that the peer has reported (4.19). */
      dsackDups: later(u32),
      /** How often segments were found to have overtaken each other (4.19). */
      reordSeen: later(u32),
      /** Segments received out of order (5.4). */
      rcvOoopack: later(u32),
      /** Window that the peer has announced, in bytes (5.4). */
      sndWnd: later(u32),
      /** Window that we have announced, in bytes (6.2). */
      rcvWnd: later(u32),
      /** How often another path was tried, by another flow hash (6.2). */
      rehash: later(u32),
      /** Timeouts of retransmission (6.7). */
      totalRto: later(u16),
      /** Recoveries from timeouts of retransmission (6.7). */
      totalRtoRecoveries: later(u16),
      /** Milliseconds spent in recoveries from timeouts (6.7). */
      totalRtoTime: later(u32),
      /** Segments received that had met congestion by ECN (6.18). */
      receivedCe: later(u32),
      /** Bytes that the peer has reported as arrived with ECT(1) (6.18). */
      deliveredE1Bytes: later(u32),
      /** Bytes that the peer has reported as arrived with ECT(0) (6.18). */
      deliveredE0Bytes: later(u32),
      /** Bytes that the peer has reported as having met congestion (6.18). */
      deliveredCeBytes: later(u32),
      /** Bytes received with ECT(1) (6.18). */
      receivedE1Bytes: later(u32),
      /** Bytes received with ECT(0) (6.18). */
      receivedE0Bytes: later(u32),
      /** Bytes received that had met congestion (6.18). */
      receivedCeBytes: later(u32),
      /** The modes of accurate ECN as one number, whose bits Linux 6.18 and 7.0 lay out differently. */
      accecn: later(u32),
    }),
);

/** What the kernel tells about a TCP connection: struct tcp_info, without the `tcpi_`. */
export interface TcpInfo extends StructOf<ReturnType<typeof tcpInfo> extends Struct<infer F> ? F : never> {}
