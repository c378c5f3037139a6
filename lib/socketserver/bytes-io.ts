/** A file object in memory, for datagrams: Python's `io.BytesIO`. */
import { type Bytes, bytesOf, readable, type WritableBytes, writable } from '../buffers.ts';
import { closedFile, integer, wrongKind } from '../validate.ts';

const NEWLINE = 10;

/**
 * Bytes as a file: what is read and written begins at the position, and moves it. The asynchronous calls are those of
 * the file objects of sockets, so that one handler does for streams and datagrams; nothing here waits.
 */
export class BytesIO {
  // What is before `#length` has been written, the rest is room.
  #memory: Buffer;
  #length: number;
  #position = 0;
  #closed = false;

  /** @param initial what it has at the beginning */
  constructor(initial: Bytes = '') {
    this.#memory = Buffer.from(bytesOf(readable('BytesIO', 'initial', initial)));
    this.#length = this.#memory.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  #check(): void {
    if (this.#closed) throw closedFile();
  }

  readable(): boolean {
    this.#check();
    return true;
  }

  writable(): boolean {
    this.#check();
    return true;
  }

  seekable(): boolean {
    this.#check();
    return true;
  }

  /** All of the bytes, wherever the position is. */
  getvalue(): Buffer {
    this.#check();
    return Buffer.from(this.#memory.subarray(0, this.#length));
  }

  /** The position, in bytes. */
  tell(): number {
    this.#check();
    return this.#position;
  }

  /**
   * Moves the position, which may be behind the end. Returns it.
   *
   * @param whence what the offset counts from: 0 the beginning, 1 the position, 2 the end
   */
  seek(offset: number, whence: 0 | 1 | 2 = 0): number {
    this.#check();
    const from = [0, this.#position, this.#length][integer('seek', 'whence', whence, 0, 2)]!;
    const least = whence === 0 ? 0 : Number.MIN_SAFE_INTEGER;
    this.#position = Math.max(0, from + integer('seek', 'offset', offset, least, Number.MAX_SAFE_INTEGER));
    return this.#position;
  }

  /** The bytes from the position to `end`, which become the position. */
  #take(end: number): Buffer {
    const taken = Buffer.from(this.#memory.subarray(Math.min(this.#position, end), end));
    this.#position += taken.length;
    return taken;
  }

  #end(caller: string, size: number | null): number {
    this.#check();
    const limits = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const;
    const most = size === null ? -1 : integer(caller, 'size', size, ...limits);
    return most < 0 ? this.#length : Math.min(this.#length, this.#position + most);
  }

  /** Reads `size` bytes, fewer where the end comes before; all until the end for -1 or null. */
  read(size: number | null = -1): Buffer {
    return this.#take(this.#end('read', size));
  }

  async readAsync(size: number | null = -1): Promise<Buffer> {
    return this.read(size);
  }

  /** Reads one line with its end, at most `size` bytes of it. Nothing is the end. */
  readline(size: number | null = -1): Buffer {
    const end = this.#end('readline', size);
    const found = this.#memory.subarray(0, end).indexOf(NEWLINE, this.#position);
    return this.#take(found < 0 ? end : found + 1);
  }

  async readlineAsync(size: number | null = -1): Promise<Buffer> {
    return this.readline(size);
  }

  /** Reads lines, until they have `hint` bytes together or more; all of them for -1, 0 or null. */
  readlines(hint: number | null = -1): Buffer[] {
    const most = hint === null || hint <= 0 ? Number.POSITIVE_INFINITY : hint;
    const lines: Buffer[] = [];
    let size = 0;
    for (const line of this) {
      lines.push(line);
      size += line.length;
      if (size >= most) break;
    }
    return lines;
  }

  async readlinesAsync(hint: number | null = -1): Promise<Buffer[]> {
    return this.readlines(hint);
  }

  /** Reads into the caller's memory. Returns how many bytes. */
  readinto(buffer: WritableBytes): number {
    const view = bytesOf(writable('readinto', 'buffer', buffer));
    const data = this.read(view.length);
    view.set(data);
    return data.length;
  }

  async readintoAsync(buffer: WritableBytes): Promise<number> {
    return this.readinto(buffer);
  }

  /** Writes bytes, over those that are there; zeros fill what is between the end and a position behind it. */
  write(data: Bytes): number {
    this.#check();
    const bytes = bytesOf(readable('write', 'data', data));
    if (bytes.length === 0) return 0;
    const end = this.#position + bytes.length;
    if (end > this.#memory.length) {
      const memory = Buffer.alloc(Math.max(end, 2 * this.#memory.length));
      memory.set(this.#memory.subarray(0, this.#length));
      this.#memory = memory;
    }
    this.#memory.set(bytes, this.#position);
    this.#position = end;
    this.#length = Math.max(this.#length, end);
    return bytes.length;
  }

  async writeAsync(data: Bytes): Promise<number> {
    return this.write(data);
  }

  /** Writes each of them; adds no line ends. */
  writelines(lines: Iterable<Bytes>): void {
    this.#check();
    if (typeof (lines as Iterable<Bytes> | null)?.[Symbol.iterator] !== 'function')
      throw wrongKind('writelines', 'lines', 'iterable', lines);
    for (const line of lines) this.write(line);
  }

  async writelinesAsync(lines: Iterable<Bytes>): Promise<void> {
    this.writelines(lines);
  }

  /** Does nothing: there is nothing to flush. */
  flush(): void {
    this.#check();
  }

  async flushAsync(): Promise<void> {
    this.#check();
  }

  /** Lets the bytes go. */
  close(): void {
    this.#closed = true;
    this.#memory = Buffer.alloc(0);
    this.#length = 0;
  }

  async closeAsync(): Promise<void> {
    this.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** The lines from the position to the end. */
  *[Symbol.iterator](): Generator<Buffer, void> {
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (const line of this) yield line;
  }
}
