/** What a datagram endpoint tells, and what it can be asked for: asyncio's datagram transports and protocols. */
import type { Bytes } from '../buffers.ts';
import type { Address, AddressInput, InetAddress } from '../family.ts';
import type { WriteBufferLimits } from './protocols.ts';

/** A socket for datagrams with a write buffer. Python: `asyncio.DatagramTransport`. */
export interface DatagramTransport {
  /**
   * Sends a datagram, or buffers it where the socket takes no more; never waits. What the system refuses is told to
   * `errorReceived`. After `close` and `abort` nothing is sent.
   *
   * @param addr where to; null for the remote address of the endpoint. A host name is resolved on this thread, each time
   * @throws {RangeError} an address other than the remote address that the endpoint has
   */
  sendto(data: Bytes, addr?: AddressInput | null): void;
  /** Sends what is buffered, then closes. Nothing is received any more. */
  close(): void;
  /** Closes at once; what is buffered is lost. */
  abort(): void;
  isClosing(): boolean;
  /** `'socket'`, `'sockname'`, `'peername'`: null where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: each name has a type of its own.
  getExtraInfo(name: string, missing?: unknown): any;
  /** Bytes that wait to be sent, and 8 more for each datagram. */
  getWriteBufferSize(): number;
  getWriteBufferLimits(): [low: number, high: number];
  /** Python's rules where one is left out: `low` is a quarter of `high`, `high` four times `low`. */
  setWriteBufferLimits(limits?: Partial<WriteBufferLimits>): void;
  /** Replaces the protocol. */
  setProtocol(protocol: AnyDatagramProtocol): void;
  getProtocol(): AnyDatagramProtocol;
}

/**
 * Told what happens to a datagram endpoint. Override what is of interest. Python: `asyncio.DatagramProtocol`.
 *
 * `A` is the form of the addresses: `[host, port]` unless it is said otherwise. What a method throws is told to the
 * exception handler, and the endpoint goes on.
 */
export class DatagramProtocol<A = InetAddress> {
  /** First of all: the endpoint exists. */
  connectionMade(_transport: DatagramTransport): void {}
  /** A datagram has arrived. The buffer belongs to the protocol. An address is null where the sender has none. */
  datagramReceived(_data: Buffer, _addr: A): void {}
  /** A send or a receive has failed, for a reason that may pass: the peer's port is closed, for example. */
  errorReceived(_error: Error): void {}
  /** Last of all: the endpoint is closed. Null after `close` and `abort`. */
  connectionLost(_error: Error | null): void {}
  /** The write buffer has grown above its high-water mark. */
  pauseWriting(): void {}
  /** The write buffer has drained to its low-water mark. */
  resumeWriting(): void {}
}

/** Of any family. */
export type AnyDatagramProtocol = DatagramProtocol<Address | null>;
