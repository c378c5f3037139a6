/** MPTCP_INFO: what the kernel tells about an MPTCP connection. */
import { lazy } from '../lazy.ts';
import { later, Struct, type StructOf, u8, u32, u64 } from './struct.ts';

/** struct mptcp_info of Linux 7.2. Of the fields that may be undefined a kernel gives those that it knows. */
export const mptcpInfo = lazy(
  () =>
    new Struct({
      /** Subflows beside the first. */
      subflows: u8,
      /** Addresses announced to the peer. */
      addAddrSignal: u8,
      /** Addresses of the peer's that were accepted. */
      addAddrAccepted: u8,
      /** Limit of `subflows`. */
      subflowsMax: u8,
      /** Limit of `addAddrSignal`. */
      addAddrSignalMax: u8,
      /** Limit of `addAddrAccepted`. */
      addAddrAcceptedMax: u8,
      /** MPTCP_INFO_FLAG_FALLBACK (plain TCP) and so on, as bits. */
      flags: u32,
      /** The connection's token. */
      token: u32,
      /** Number of the next byte to send. */
      writeSeq: u64,
      /** Number of the first byte that is not acknowledged. */
      sndUna: u64,
      /** Number of the next byte to receive. */
      rcvNxt: u64,
      /** Local addresses in use. */
      localAddrUsed: later(u8),
      /** Limit of `localAddrUsed`. */
      localAddrMax: later(u8),
      /** 1 where checksums are in use. */
      csumEnabled: later(u8),
      /** Retransmissions. */
      retransmits: later(u32),
      /** Bytes retransmitted. */
      bytesRetrans: later(u64),
      /** Bytes sent. */
      bytesSent: later(u64),
      /** Bytes received. */
      bytesReceived: later(u64),
      /** Bytes that the peer has acknowledged. */
      bytesAcked: later(u64),
      /** All subflows, with the first. */
      subflowsTotal: later(u8),
      /** Limit of laminar endpoints. */
      endpLaminarMax: later(u8),
      /** Limit of fullmesh endpoints. */
      endpFullmeshMax: later(u8),
      /** Milliseconds since data was sent. */
      lastDataSent: later(u32),
      /** Milliseconds since data was received. */
      lastDataRecv: later(u32),
      /** Milliseconds since an acknowledgement was received. */
      lastAckRecv: later(u32),
    }),
);

/** What the kernel tells about an MPTCP connection: struct mptcp_info, without the `mptcpi_`. */
export interface MptcpInfo
  extends StructOf<ReturnType<typeof mptcpInfo> extends Struct<infer F> ? F : never> {}
