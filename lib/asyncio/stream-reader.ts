/** `StreamReader`: bytes of a connection, read by count, by line or by separator. */
import { inspect } from 'node:util';
import type { AsyncOptions } from '../abort.ts';
import { type Bytes, bytesOf, readable } from '../buffers.ts';
import { integer, invalidState, outOfRange, wrongKind } from '../validate.ts';
import { Incoming } from './incoming.ts';
import type { Transport } from './protocols.ts';

/** How many bytes a line or a part may have, unless it is told otherwise; twice as many are received ahead. */
export const DEFAULT_LIMIT = 65536;

const NEWLINE = [Buffer.from('\n')];

/** A limit of a reader, checked. */
export function limitOf(caller: string, limit: unknown = DEFAULT_LIMIT): number {
  if (typeof limit === 'number' && limit <= 0) throw outOfRange(caller, 'limit', 'more than 0', limit);
  return integer(caller, 'limit', limit, 1, Number.MAX_SAFE_INTEGER);
}

/** The separators, from short to long. */
function separatorsOf(separator: unknown): Uint8Array[] {
  const caller = 'readuntil';
  const list = (Array.isArray(separator) ? separator : [separator])
    .map((each) => bytesOf(readable(caller, 'separator', each)))
    .sort((a, b) => a.length - b.length);
  if (list.length === 0) throw new RangeError('readuntil(): Separator should contain at least one element');
  if (list[0]!.length === 0)
    throw new RangeError('readuntil(): Separator should be at least one-byte string');
  return list;
}

const bufferOf = (view: Uint8Array) =>
  Buffer.isBuffer(view) ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/**
 * What arrives on a connection. Python: `asyncio.StreamReader`, whose methods are coroutines: they keep their names
 * here and return promises.
 *
 * One read at a time: a second one that would have to wait, too, rejects. All reads reject with the error that ended the
 * connection, and with the reason of `options.signal` when it aborts; what has arrived stays for the next read then.
 */
export class StreamReader {
  /** @internal */
  readonly incoming: Incoming;
  /**
   * @internal Who reads may still want to write: the connection is closed as a forgotten one when nobody can reach
   * either.
   */
  companion: object | undefined;

  /**
   * @param limit in bytes: how long a line may be, or what comes before a separator. Twice as many are received ahead.
   * 65536 if left out
   */
  constructor(limit?: number);
  /** @internal */
  constructor(incoming: Incoming);
  constructor(over?: number | Incoming) {
    this.incoming = over instanceof Incoming ? over : new Incoming(limitOf('StreamReader', over));
  }

  /**
   * Reads at most `n` bytes, as soon as there are some; with -1 everything up to the end of the stream. An empty buffer
   * is the end. The limit does not count.
   *
   * @param n in bytes; -1 if left out
   */
  read(n = -1, options?: AsyncOptions): Promise<Buffer> {
    const { incoming } = this;
    if (Number.isInteger(n) && n > 0) return incoming.read('read', this, n, options);
    return this.#checked(
      'read',
      n,
      (count) => (count < 0 ? () => incoming.takeAll() : () => Buffer.alloc(0)),
      options,
    );
  }

  /**
   * Reads a line, with its `'\n'`. At the end of the stream what is left, without one; an empty buffer is the end.
   *
   * @throws {RangeError} the line is longer than the limit; it is gone, or where it had no end yet, all that has arrived
   */
  readline(options?: AsyncOptions): Promise<Buffer> {
    const { incoming } = this;
    return incoming.read('readuntil', this, incoming.takeLine(), options);
  }

  /**
   * Reads up to a separator, and with it.
   *
   * @param separator bytes or text, or an array of them: the one that ends first counts. `'\n'` if left out
   * @throws {IncompleteReadError} the stream has ended without one
   * @throws {LimitOverrunError} there are more bytes before the separator than the limit; they can still be read
   */
  readuntil(separator: Bytes | readonly Bytes[] = '\n', options?: AsyncOptions): Promise<Buffer> {
    const { incoming } = this;
    try {
      const separators = separator === '\n' ? NEWLINE : separatorsOf(separator);
      return incoming.read('readuntil', this, incoming.takeUntil(separators), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Reads exactly `n` bytes. The limit does not count.
   *
   * @throws {IncompleteReadError} the stream has ended before
   */
  readexactly(n: number, options?: AsyncOptions): Promise<Buffer> {
    const { incoming } = this;
    return this.#checked(
      'readexactly',
      n,
      (count) => {
        if (count < 0) throw outOfRange('readexactly', 'n', 'not less than zero', count);
        return () => incoming.takeExactly(count);
      },
      options,
    );
  }

  #checked(
    caller: string,
    n: unknown,
    attemptFor: (count: number) => () => Buffer | undefined,
    options: AsyncOptions | undefined,
  ): Promise<Buffer> {
    try {
      const most = Number.MAX_SAFE_INTEGER;
      return this.incoming.read(caller, this, attemptFor(integer(caller, 'n', n, -most, most)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Whether everything has been read and no more will arrive. */
  atEof(): boolean {
    return this.incoming.ended && this.incoming.bytes.length === 0;
  }

  /** The error that ended the connection; null where there is none. */
  exception(): Error | null {
    return this.incoming.exception;
  }

  /** Ends reading with an error: the read that waits, and all that follow, reject with it. */
  setException(error: Error): void {
    if (!(error instanceof Error)) throw wrongKind('setException', 'error', 'an Error', error);
    this.incoming.setException(error);
  }

  /** Adds bytes, which belong to the reader from now on. The connection does this. */
  feedData(data: Bytes): void {
    this.incoming.feedData(bufferOf(bytesOf(readable('feedData', 'data', data))));
  }

  /** Says that no more will arrive. The connection does this. */
  feedEof(): void {
    this.incoming.feedEof();
  }

  /** Names the transport that is paused when there is too much to read, once. The connection does this. */
  setTransport(transport: Transport): void {
    if (this.incoming.transport !== null) throw invalidState('Transport already set');
    this.incoming.transport = transport;
  }

  /** Reads line by line, to the end of the stream. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  /** `<StreamReader 4 bytes eof>` */
  toString(): string {
    const { bytes, ended, limit, reading, exception, transport, paused } = this.incoming;
    const facts = [
      'StreamReader',
      bytes.length > 0 && `${bytes.length} bytes`,
      ended && 'eof',
      limit !== DEFAULT_LIMIT && `limit=${limit}`,
      reading !== undefined && 'waiting',
      exception !== null && `exception=${exception}`,
      transport !== null && `transport=${transport}`,
      paused && 'paused',
    ];
    return `<${facts.filter(Boolean).join(' ')}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
