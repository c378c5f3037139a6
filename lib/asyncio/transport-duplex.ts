/**
 * A transport as a `node:stream` Duplex, on which node's TLS runs. The stream reads and writes and does not close:
 * whoever has made it decides when the transport is done, and is told of its end.
 */
import { Duplex } from 'node:stream';
import type { Protocol, Transport } from './protocols.ts';

// What a transport receives at once, at most.
const CHUNK = 65536;

type Callback = (error?: Error | null) => void;

/** Who runs over the stream. */
export interface Overlay {
  /** What a user of the transport works with in its stead. */
  readonly transport: Transport;
  /** The peer has ended its sending side. */
  wireEnded(): void;
  /** The connection is over. */
  wireLost(error: Error | null): void;
}

export class TransportDuplex extends Duplex implements Protocol {
  readonly #transport: Transport;
  readonly #overlay: Overlay;
  /** The write that waits until the transport's buffer has room. */
  #waiting: Callback | undefined;
  #paused = false;

  /** @param early bytes that came before, and that the stream begins with */
  constructor(transport: Transport, overlay: Overlay, early: Uint8Array) {
    super({ allowHalfOpen: true, autoDestroy: false, highWaterMark: CHUNK });
    this.#transport = transport;
    this.#overlay = overlay;
    transport.setProtocol(this);
    if (early.length > 0) this.push(early);
  }

  /** What stands in for the transport that tells this. */
  get standIn(): Transport {
    return this.#overlay.transport;
  }

  dataReceived(data: Buffer): void {
    if (!this.destroyed && !this.push(data)) this.#transport.pauseReading();
  }

  eofReceived(): boolean {
    if (!this.destroyed) this.push(null);
    this.#overlay.wireEnded();
    return true;
  }

  connectionLost(error: Error | null): void {
    this.#overlay.wireLost(error);
  }

  pauseWriting(): void {
    this.#paused = true;
  }

  resumeWriting(): void {
    this.#paused = false;
    const written = this.#waiting;
    this.#waiting = undefined;
    written?.();
  }

  override _read(): void {
    this.#transport.resumeReading();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Callback): void {
    this.#transport.write(chunk);
    this.#written(written);
  }

  override _writev(chunks: { chunk: Buffer }[], written: Callback): void {
    this.#transport.writelines(chunks.map(({ chunk }) => chunk));
    this.#written(written);
  }

  #written(written: Callback): void {
    if (this.#paused) this.#waiting = written;
    else written();
  }
}

/** What users work with in the stead of a transport that something runs over; the transport itself otherwise. */
export function outermost(transport: Transport): Transport {
  const protocol = transport.getProtocol();
  return protocol instanceof TransportDuplex ? outermost(protocol.standIn) : transport;
}
