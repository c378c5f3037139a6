/** What all file objects over a socket have in common: reading, writing and closing, in both forms. */
import type { AsyncOptions } from '../abort.ts';
import { type Bytes, readable as bytesToSend, writable as memory, type WritableBytes } from '../buffers.ts';
import { UnsupportedOperation } from '../errors.ts';
import { READABLE, WRITABLE } from '../readiness.ts';
import { integer, wrongKind } from '../validate.ts';
import { bytesOf, type Layer, readlines, writelines } from './file-layers.ts';
import type { Steps, Wire } from './wire.ts';

/** A size as Python takes it: null, or anything below 0, for none. */
export function sizeOf(caller: string, name: string, size: unknown): number {
  if (size === null || size === undefined) return -1;
  return Math.max(-1, integer(caller, name, size, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
}

/**
 * A file object over a socket. Each call that may wait exists twice, as on the socket, and waits for one receive or send
 * after the other, each as long as the socket's timeout says.
 *
 * Errors of all calls: `RangeError` on a closed file, `UnsupportedOperation` where it does not go in that direction, and
 * those of the socket's receive or send. After a `TimeoutError` of a read there can be no other: `OSError` "cannot read
 * from timed out object". After any other error nothing that has been received, or written to a buffer, is lost.
 */
export abstract class FileObject<T extends Buffer | string, Input extends T | Bytes> {
  /** @internal */
  protected readonly wire: Wire;
  readonly #layer: Layer<T>;

  /** @internal */
  protected constructor(wire: Wire, layer: Layer<T>) {
    this.wire = wire;
    this.#layer = layer;
  }

  /** @internal Turns what a user writes into what the layer writes. */
  protected abstract dataOf(caller: string, data: unknown): T;

  /** The mode that it was made with. */
  abstract readonly mode: string;

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.wire.closed;
  }

  /** The descriptor; -1 once it is closed. */
  get name(): number {
    return this.wire.closed ? -1 : this.wire.endpoint.disclose();
  }

  /** The descriptor of the socket. */
  fileno(): number {
    this.wire.check();
    return this.wire.endpoint.disclose();
  }

  readable(): boolean {
    this.wire.check();
    return this.wire.reads;
  }

  writable(): boolean {
    this.wire.check();
    return this.wire.writes;
  }

  /** False: nobody can go back in a socket. */
  seekable(): boolean {
    this.wire.check();
    return false;
  }

  /** False: a socket is no terminal. */
  isatty(): boolean {
    return this.seekable();
  }

  /** Throws `UnsupportedOperation`: nobody can go to another place of a socket. */
  seek(): never {
    this.wire.check();
    throw new UnsupportedOperation('not seekable');
  }

  /** As {@link seek}. */
  tell(): never {
    return this.seek();
  }

  /** As {@link seek}. */
  truncate(): never {
    return this.seek();
  }

  /** @internal */
  protected reading<R>(steps: Steps<R>): R {
    return this.wire.run(READABLE, steps);
  }

  /** @internal */
  protected readingAsync<R>(caller: string, steps: () => Steps<R>, options?: AsyncOptions): Promise<R> {
    return this.#async(READABLE, caller, steps, options);
  }

  #async<R>(
    direction: typeof READABLE | typeof WRITABLE,
    caller: string,
    steps: () => Steps<R>,
    options?: AsyncOptions,
  ): Promise<R> {
    try {
      return this.wire.runAsync(direction, caller, steps(), options);
    } catch (error) {
      // A wrong argument.
      return Promise.reject(error);
    }
  }

  /**
   * Reads `size` bytes or characters, fewer only where the stream ends before. On a non-blocking socket what is there,
   * null where that is nothing.
   *
   * @param size -1 or null for all until the end
   */
  read(size: number | null = -1): T | null {
    return this.reading(this.#layer.read(sizeOf('read', 'size', size)));
  }

  /** {@link read} on the event loop. */
  readAsync(size: number | null = -1, options?: AsyncOptions): Promise<T> {
    const steps = () => this.#layer.read(sizeOf('read', 'size', size)) as Steps<T>;
    return this.readingAsync('read', steps, options);
  }

  /**
   * Reads one line with its end, without an end only where the stream ends before. Nothing is the end of the stream.
   *
   * @param size at most so much of it; -1 or null for no limit
   */
  readline(size: number | null = -1): T {
    return this.reading(this.#layer.readline(sizeOf('readline', 'size', size)));
  }

  /** {@link readline} on the event loop. */
  readlineAsync(size: number | null = -1, options?: AsyncOptions): Promise<T> {
    return this.readingAsync(
      'readline',
      () => this.#layer.readline(sizeOf('readline', 'size', size)),
      options,
    );
  }

  /**
   * Reads all lines until the end of the stream.
   *
   * @param hint enough once the lines have more bytes or characters together than this; -1, 0 or null for no limit
   */
  readlines(hint: number | null = -1): T[] {
    return this.reading(readlines(this.#layer, sizeOf('readlines', 'hint', hint)));
  }

  /** {@link readlines} on the event loop. */
  readlinesAsync(hint: number | null = -1, options?: AsyncOptions): Promise<T[]> {
    const steps = () => readlines(this.#layer, sizeOf('readlines', 'hint', hint));
    return this.readingAsync('readlines', steps, options);
  }

  /** @internal */
  protected writing(data: unknown): number | null {
    return this.wire.run(WRITABLE, this.#layer.write(this.dataOf('write', data)));
  }

  /** @internal */
  protected writingAsync(data: unknown, options?: AsyncOptions): Promise<number> {
    const steps = () => this.#layer.write(this.dataOf('write', data)) as Steps<number>;
    return this.#async(WRITABLE, 'write', steps, options);
  }

  /** Writes each of them, as `write` does; adds no line ends. */
  writelines(lines: Iterable<Input>): void {
    this.wire.run(WRITABLE, this.#writelines(lines));
  }

  /** {@link writelines} on the event loop. */
  writelinesAsync(lines: Iterable<Input>, options?: AsyncOptions): Promise<void> {
    return this.#async(WRITABLE, 'writelines', () => this.#writelines(lines), options);
  }

  #writelines(lines: unknown): Steps<void> {
    if (typeof (lines as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function')
      throw wrongKind('writelines', 'lines', 'iterable', lines);
    return writelines(this.#layer, lines as Iterable<unknown>, (line) => this.dataOf('writelines', line));
  }

  /** Sends what a buffer holds back. */
  flush(): void {
    this.wire.check();
    if (this.wire.writes) this.wire.run(WRITABLE, this.#layer.flush());
  }

  /** {@link flush} on the event loop. */
  async flushAsync(options?: AsyncOptions): Promise<void> {
    this.wire.check();
    if (this.wire.writes) await this.#async(WRITABLE, 'flush', () => this.#layer.flush(), options);
  }

  /**
   * Sends what a buffer holds back, and closes the file; the socket too, if it has been closed already and this was its
   * last file. Closing twice is no error. The file is closed even when this throws.
   */
  close(): void {
    if (this.closed) return;
    try {
      this.flush();
    } finally {
      this.wire.close();
    }
  }

  /** {@link close} on the event loop, after the writes that are pending. */
  async closeAsync(options?: AsyncOptions): Promise<void> {
    if (this.closed) return;
    try {
      await this.flushAsync(options);
    } finally {
      this.wire.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.closeAsync();
  }

  /** The lines until the end of the stream. Leaving early leaves the file open. */
  *[Symbol.iterator](): Generator<T, void> {
    for (;;) {
      const line = this.readline();
      if (line.length === 0) return;
      yield line;
    }
  }

  /** The lines until the end of the stream, on the event loop. Leaving early leaves the file open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const line = await this.readlineAsync();
      if (line.length === 0) return;
      yield line;
    }
  }
}

/** A file object that reads and writes bytes. */
export abstract class BinaryFile extends FileObject<Buffer, Bytes> {
  /** @internal */
  protected override dataOf(caller: string, data: unknown): Buffer {
    return bytesOf(bytesToSend(caller, 'data', data));
  }

  /** @internal */
  protected abstract filling(view: NodeJS.ArrayBufferView): Steps<number | null>;

  /**
   * Reads into the caller's memory. Returns how many bytes, 0 at the end of the stream, null where a non-blocking socket
   * has none.
   */
  readinto(buffer: WritableBytes): number | null {
    return this.reading(this.filling(memory('readinto', 'buffer', buffer)));
  }

  /** {@link readinto} on the event loop. */
  readintoAsync(buffer: WritableBytes, options?: AsyncOptions): Promise<number> {
    const steps = () => this.filling(memory('readinto', 'buffer', buffer)) as Steps<number>;
    return this.readingAsync('readinto', steps, options);
  }
}
