/**
 * Bytes between a file object and its socket: received ones that nobody has read, or written ones that have not been
 * sent. They lie side by side in memory that is used again and again.
 */

const NEWLINE = 10;
// How far memory grows at once for bytes that have been asked for and may never come.
const STEP = 16 * 1024 * 1024;
// Memory that has grown beyond this is given back when it is empty.
const KEPT = 64 * 1024;
const EMPTY = Buffer.alloc(0);

export class ByteStore {
  /** How many bytes it reads ahead at the most, or holds back. */
  readonly size: number;
  // Not filled with zeros: nobody gets to see any of it but what has been received.
  memory: Buffer = EMPTY;
  /** The bytes are those from `start` to `end`. */
  start = 0;
  end = 0;
  // No line ends before this.
  #scanned = 0;

  constructor(size: number) {
    this.size = size;
  }

  get length(): number {
    return this.end - this.start;
  }

  /**
   * Makes room behind the bytes, so that there can be `total` of them; only a part of that where it is very much.
   *
   * @returns how many bytes to receive: what is missing, or as many as may be read ahead
   */
  room(total: number): number {
    const { length, size } = this;
    if (length === 0) this.#restart();
    const wanted = Math.max(length + 1, Math.min(total, Math.max(2 * length, STEP)), size);
    // Not before it is full: `total` may grow with each receive.
    if (wanted > this.memory.length && this.memory.length - length < size) {
      const memory = Buffer.allocUnsafeSlow(wanted);
      this.memory.copy(memory, 0, this.start, this.end);
      this.#moved(memory);
    } else if (this.start > 0 && this.start + wanted > this.memory.length) {
      this.memory.copyWithin(0, this.start, this.end);
      this.#moved(this.memory);
    }
    return Math.min(this.memory.length - this.end, Math.max(wanted - length, size));
  }

  #restart(): void {
    this.start = 0;
    this.end = 0;
    this.#scanned = 0;
    if (this.memory.length > Math.max(KEPT, this.size)) this.memory = EMPTY;
  }

  /** The bytes have moved to the beginning of `memory`. */
  #moved(memory: Buffer): void {
    const { start, length } = this;
    this.memory = memory;
    this.#scanned = Math.max(0, this.#scanned - start);
    this.start = 0;
    this.end = length;
  }

  /** So many bytes have been written behind the end. */
  filled(count: number): void {
    this.end += count;
  }

  /** Appends as many of the bytes as fit the size. Returns how many. */
  push(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.size - this.length);
    if (count === 0) return 0;
    this.room(this.length + count);
    this.memory.set(count === bytes.length ? bytes : bytes.subarray(0, count), this.end);
    this.end += count;
    return count;
  }

  /** The length of the first line with its end, or `limit` where it is longer; 0 where neither is there yet. */
  lineEnd(limit: number): number {
    const from = Math.max(this.start, this.#scanned);
    const found = this.memory.subarray(from, this.end).indexOf(NEWLINE);
    const line = found < 0 ? 0 : from + found + 1 - this.start;
    if (found < 0) this.#scanned = this.end;
    if (limit >= 0 && this.length >= limit && (line === 0 || line > limit)) return limit;
    return line;
  }

  /** A view of the bytes, good until the next call. */
  view(): Buffer {
    return this.memory.subarray(this.start, this.end);
  }

  skip(count: number): void {
    this.start += count;
  }

  /** Takes the first `count` bytes out. */
  take(count: number): Buffer {
    const { memory, start } = this;
    if (count === memory.length) {
      // All of the memory has been received: it need not be copied.
      this.memory = EMPTY;
      this.#restart();
      return memory;
    }
    this.start += count;
    return Buffer.from(memory.subarray(start, start + count));
  }
}
