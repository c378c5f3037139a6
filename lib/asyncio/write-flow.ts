/** When a transport tells its protocol to pause and to resume writing: Python's rules for the two marks. */
import { wrongKind } from '../validate.ts';
import { callExceptionHandler } from './exception-handler.ts';
import type { FlowProtocol, WriteBufferLimits } from './protocols.ts';

const HIGH = 64 * 1024;

/** What has a write buffer and a protocol. */
export interface Buffering {
  getProtocol(): FlowProtocol;
  getWriteBufferSize(): number;
}

export class WriteFlow {
  #high: number;
  #low: number;
  #paused = false;
  readonly #transport: Buffering;
  readonly #usual: number;

  /** @param usual the high-water mark in bytes, unless another is set */
  constructor(transport: Buffering, usual = HIGH) {
    this.#transport = transport;
    this.#usual = usual;
    this.#high = usual;
    this.#low = usual / 4;
  }

  get limits(): [low: number, high: number] {
    return [this.#low, this.#high];
  }

  /** See {@link Transport.setWriteBufferLimits}. */
  setLimits(limits: Partial<WriteBufferLimits> = {}): void {
    if (typeof limits !== 'object' || limits === null)
      throw wrongKind('setWriteBufferLimits', 'limits', 'an object', limits);
    const high = limits.high ?? (limits.low === undefined ? this.#usual : 4 * limits.low);
    const low = limits.low ?? Math.floor(high / 4);
    if (!(high >= low && low >= 0)) {
      throw new RangeError(`setWriteBufferLimits(): high (${high}) must be >= low (${low}) must be >= 0`);
    }
    this.#high = high;
    this.#low = low;
    this.grown();
  }

  /** The write buffer may have grown. */
  grown(): void {
    if (this.#paused || this.#transport.getWriteBufferSize() <= this.#high) return;
    this.#paused = true;
    this.#tell('pauseWriting');
  }

  /** The write buffer may have shrunk. */
  shrunk(): void {
    if (!this.#paused || this.#transport.getWriteBufferSize() > this.#low) return;
    this.#paused = false;
    this.#tell('resumeWriting');
  }

  #tell(what: 'pauseWriting' | 'resumeWriting'): void {
    const transport = this.#transport;
    const protocol = transport.getProtocol();
    try {
      protocol[what]();
    } catch (exception) {
      callExceptionHandler({ message: `protocol.${what}() failed`, exception, transport, protocol });
    }
  }
}
