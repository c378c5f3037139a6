/**
 * The receiving side of a stream: what has arrived, and the read that waits for more. It is apart from the
 * `StreamReader`, so that a connection does not keep alive those who could use it.
 */
import { type Abortable, type AsyncOptions, signalOf, unwatch, watch } from '../abort.ts';
import { invalidState } from '../validate.ts';
import { ChunkList } from './chunk-list.ts';
import type { Transport } from './protocols.ts';
import { IncompleteReadError, LimitOverrunError } from './stream-errors.ts';

/** What a read has come to; undefined where it has to wait. */
type Attempt = () => Buffer | undefined;
/** What a read wants: an attempt, or at most so many bytes, once there are some. */
type Wish = Attempt | number;

const NEWLINES = [Buffer.from('\n')];
const settled = Promise.resolve();

/** A read that waits. */
class Reading implements Abortable {
  readonly wish: Wish;
  // Stays reachable meanwhile.
  readonly owner: object;
  readonly #incoming: Incoming;
  readonly #resolve: (data: Buffer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(
    incoming: Incoming,
    owner: object,
    wish: Wish,
    resolve: (data: Buffer) => void,
    reject: (error: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#incoming = incoming;
    this.owner = owner;
    this.wish = wish;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
  }

  /** What has arrived stays for the next read. */
  aborted(reason: unknown): void {
    this.fail(reason);
  }

  succeed(data: Buffer): void {
    this.#settle();
    this.#resolve(data);
  }

  fail(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.#incoming.reading = undefined;
    if (this.#signal !== undefined) unwatch(this.#signal, this);
  }
}

export class Incoming {
  readonly limit: number;
  readonly bytes = new ChunkList();
  /** No more will arrive. */
  ended = false;
  /** What ended the connection. */
  exception: Error | null = null;
  /** Somebody has been told of that. */
  told = false;
  /** The read that waits. */
  reading: Reading | undefined;
  transport: Transport | null = null;
  /** Reading from the transport is paused, as there is too much already. */
  paused = false;
  #woken = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  // What the connection does.

  /** Takes what a transport has received. The read that waits looks at once: there is one of these in a turn. */
  received(data: Buffer): void {
    const { reading } = this;
    if (typeof reading?.wish === 'number' && data.length <= reading.wish && this.bytes.length === 0) {
      reading.succeed(data);
      return;
    }
    this.bytes.push(data);
    if (this.reading !== undefined) this.#retry();
    // One that still waits wants more, however much there is.
    if (this.reading === undefined) this.#pauseAboveLimit();
  }

  feedData(data: Buffer): void {
    if (this.ended) throw invalidState('feedData after feedEof');
    if (data.length === 0) return;
    this.bytes.push(data);
    this.#wake();
    this.#pauseAboveLimit();
  }

  #pauseAboveLimit(): void {
    if (this.transport === null || this.paused || this.bytes.length <= 2 * this.limit) return;
    this.transport.pauseReading();
    this.paused = true;
  }

  feedEof(): void {
    this.ended = true;
    this.#wake();
  }

  setException(error: Error): void {
    this.exception = error;
    if (this.reading === undefined) return;
    this.told = true;
    this.reading.fail(error);
  }

  /** Throws what ended the connection. */
  throwException(): void {
    if (this.exception === null) return;
    this.told = true;
    throw this.exception;
  }

  /** The read looks when all is there that arrives together. */
  #wake(): void {
    if (this.reading === undefined || this.#woken) return;
    this.#woken = true;
    settled.then(() => this.#retry());
  }

  #retry(): void {
    this.#woken = false;
    const { reading } = this;
    if (reading === undefined) return;
    try {
      const data = this.#attempt(reading.wish);
      if (data === undefined) this.#resume();
      else reading.succeed(data);
    } catch (error) {
      reading.fail(error);
    }
  }

  #resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.transport?.resumeReading();
  }

  #resumeBelowLimit(): void {
    if (this.paused && this.bytes.length <= this.limit) this.#resume();
  }

  // What the reader does.

  /**
   * Tries, and waits for more until that has come to something.
   *
   * @param caller the method, for errors
   * @param owner stays reachable meanwhile
   */
  read(caller: string, owner: object, wish: Wish, options?: AsyncOptions): Promise<Buffer> {
    try {
      const signal = signalOf(caller, options);
      signal?.throwIfAborted();
      this.throwException();
      const data = this.#attempt(wish);
      if (data !== undefined) return Promise.resolve(data);
      if (this.reading !== undefined) {
        throw invalidState(`${caller}() called while another coroutine is already waiting for incoming data`);
      }
      return new Promise((resolve, reject) => {
        this.reading = new Reading(this, owner, wish, resolve, reject, signal);
        // A transport that is paused would never bring what is waited for.
        this.#resume();
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #attempt(wish: Wish): Buffer | undefined {
    return typeof wish === 'number' ? this.#takeSome(wish) : wish();
  }

  #takeSome(most: number): Buffer | undefined {
    if (this.bytes.length === 0 && !this.ended) return undefined;
    return this.take(Math.min(most, this.bytes.length));
  }

  /** Takes bytes out. */
  take(count: number): Buffer {
    const data = this.bytes.take(count);
    this.#resumeBelowLimit();
    return data;
  }

  /** Everything up to the end. */
  takeAll(): Buffer | undefined {
    return this.ended ? this.take(this.bytes.length) : undefined;
  }

  /** So many bytes. */
  takeExactly(count: number): Buffer | undefined {
    if (this.bytes.length >= count) return this.take(count);
    if (this.ended) throw new IncompleteReadError(this.bytes.take(this.bytes.length), count);
    return undefined;
  }

  /** Bytes up to and with a separator. The separators go from short to long. */
  takeUntil(separators: readonly Uint8Array[]): Attempt {
    const { bytes, limit } = this;
    const [shortest, longest] = [separators[0]!.length, separators.at(-1)!.length];
    // No separator begins before this. Another read may take bytes away from one that waits.
    let searched = bytes.taken;
    return () => {
      let offset = Math.max(0, searched - bytes.taken);
      if (bytes.length - offset >= shortest) {
        const match = bytes.find(separators, offset);
        if (match !== undefined) {
          if (match[0] > limit)
            throw new LimitOverrunError('Separator is found, but chunk is longer than limit', match[0]);
          return this.take(match[1]);
        }
        offset = Math.max(0, bytes.length + 1 - longest);
        searched = bytes.taken + offset;
        if (offset > limit)
          throw new LimitOverrunError('Separator is not found, and chunk exceed the limit', offset);
      }
      if (this.ended) throw new IncompleteReadError(bytes.take(bytes.length), null);
      return undefined;
    };
  }

  /** A line; the rest where no line ends any more. */
  takeLine(): Attempt {
    const { bytes } = this;
    const attempt = this.takeUntil(NEWLINES);
    return () => {
      try {
        return attempt();
      } catch (error) {
        if (error instanceof IncompleteReadError) return error.partial;
        if (!(error instanceof LimitOverrunError)) throw error;
        // The line, where it is complete, or else everything.
        const complete = bytes.find(NEWLINES, error.consumed)?.[0] === error.consumed;
        bytes.skip(complete ? error.consumed + 1 : bytes.length);
        this.#resumeBelowLimit();
        throw new RangeError(error.message, { cause: error });
      }
    };
  }
}
