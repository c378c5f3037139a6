/** Received bytes that nobody has read yet: chunks as they came, off which reads take their bytes. */

// The Buffer object of a small chunk takes more memory than its bytes: where such ones queue up they are gathered.
const SMALL = 512;
const GATHERED = 4096;
// Chunks that have been taken are forgotten so many at a time.
const TAKEN = 1024;
// How far to look for one of several separators before looking for the next one.
const WINDOW = 256;
const EMPTY: Buffer = Buffer.alloc(0);

/** Where a separator is. */
export type Match = readonly [start: number, end: number];

/** The match that ends first, and of those that end there the shortest. The separators go from short to long. */
function firstMatch(bytes: Buffer, separators: readonly Uint8Array[], from: number): Match | undefined {
  if (separators.length === 1) {
    const start = bytes.indexOf(separators[0]!, from);
    return start < 0 ? undefined : [start, start + separators[0]!.length];
  }
  // In growing windows: a separator that does not occur must not cost a look at everything, each time.
  const reach = separators.at(-1)!.length - 1;
  let size = WINDOW;
  for (let end = from; end < bytes.length; size *= 4) {
    const start = Math.max(from, end - reach);
    end = Math.min(bytes.length, end + size);
    let window = bytes.subarray(start, end);
    let found: Match | undefined;
    for (const separator of separators) {
      const at = window.indexOf(separator);
      if (at < 0) continue;
      found = [start + at, start + at + separator.length];
      window = window.subarray(0, at + separator.length - 1);
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

export class ChunkList {
  /** How many bytes there are. */
  length = 0;
  /** How many bytes have been taken out, so far. */
  taken = 0;
  readonly #chunks: (Buffer | undefined)[] = [];
  // The first chunk that has not been taken, and how much of it has.
  #first = 0;
  #offset = 0;
  // Memory behind the last chunk, if that has been gathered here, and how much of it is used.
  #memory = EMPTY;
  #used = 0;

  /** Appends a chunk, which belongs to the list from now on. */
  push(chunk: Buffer): void {
    if (this.length > 0 && chunk.length < SMALL) this.#gather(chunk);
    else {
      this.#chunks.push(chunk);
      this.#memory = EMPTY;
    }
    this.length += chunk.length;
  }

  #gather(chunk: Buffer): void {
    if (this.#used + chunk.length > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(GATHERED);
      this.#used = 0;
      this.#chunks.push(EMPTY);
    }
    // What has been handed out of this memory lies before, and nobody writes there any more.
    this.#memory.set(chunk, this.#used);
    this.#used += chunk.length;
    this.#chunks[this.#chunks.length - 1] = this.#memory.subarray(0, this.#used);
  }

  /** Takes the first `count` bytes out, without a copy where one chunk has them. There are so many. */
  take(count: number): Buffer {
    if (count === 0) return Buffer.alloc(0);
    const first = this.#chunks[this.#first]!;
    const left = first.length - this.#offset;
    if (count <= left) {
      const all = this.#offset === 0 && count === left;
      const bytes = all ? first : first.subarray(this.#offset, this.#offset + count);
      this.skip(count);
      return bytes;
    }
    const bytes = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      const chunk = this.#chunks[this.#first]!;
      const size = Math.min(chunk.length - this.#offset, count - filled);
      chunk.copy(bytes, filled, this.#offset, this.#offset + size);
      filled += size;
      this.skip(size);
    }
    return bytes;
  }

  /** Takes the first `count` bytes out, for nobody. */
  skip(count: number): void {
    this.length -= count;
    this.taken += count;
    let rest = count;
    while (rest > 0) {
      const left = this.#chunks[this.#first]!.length - this.#offset;
      if (rest < left) {
        this.#offset += rest;
        return;
      }
      rest -= left;
      this.#chunks[this.#first++] = undefined;
      this.#offset = 0;
    }
    this.#forget();
  }

  clear(): void {
    this.skip(this.length);
  }

  #forget(): void {
    if (this.length === 0) {
      // The usual case, and pop() is faster.
      if (this.#chunks.length === 1) this.#chunks.pop();
      else this.#chunks.length = 0;
      this.#memory = EMPTY;
    } else if (this.#first >= TAKEN && 2 * this.#first >= this.#chunks.length) {
      this.#chunks.splice(0, this.#first);
    } else return;
    this.#first = 0;
  }

  /**
   * The first match of one of several separators, from short to long, that begins at `from` or later: the one that
   * ends first.
   */
  find(separators: readonly Uint8Array[], from: number): Match | undefined {
    const reach = separators.at(-1)!.length - 1;
    let [index, base] = this.#locate(from);
    let begin = from - base;
    // What a match that crosses into the next chunk can begin in.
    let before = EMPTY;
    for (; index < this.#chunks.length; index++) {
      const chunk = this.#chunk(index);
      if (before.length > 0) {
        const border = Buffer.concat([before, chunk.subarray(0, reach)]);
        const match = firstMatch(border, separators, 0);
        const start = base - before.length;
        if (match !== undefined) return [start + match[0], start + match[1]];
      }
      const match = firstMatch(chunk, separators, begin);
      if (match !== undefined) return [base + match[0], base + match[1]];
      if (reach > 0) {
        const searched = chunk.subarray(begin);
        const tail = searched.length < reach ? Buffer.concat([before, searched]) : searched;
        before = tail.subarray(Math.max(0, tail.length - reach));
      }
      base += chunk.length;
      begin = 0;
    }
    return undefined;
  }

  /** What is left of a chunk. */
  #chunk(index: number): Buffer {
    const chunk = this.#chunks[index]!;
    return index === this.#first && this.#offset > 0 ? chunk.subarray(this.#offset) : chunk;
  }

  /** The chunk in which that byte is, and the position of its own first one. */
  #locate(position: number): [index: number, base: number] {
    if (position === 0) return [this.#first, 0];
    // A search that goes on does so near the end.
    let index = this.#chunks.length;
    let base = this.length;
    while (base > position) {
      index--;
      base -= this.#chunks[index]!.length - (index === this.#first ? this.#offset : 0);
    }
    return [index, base];
  }
}
