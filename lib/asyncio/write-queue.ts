/** Bytes that wait to be sent: pieces, as they were written, and how much of the first one has gone already. */

// IOV_MAX of Linux: sendmsg(2) takes no more.
const MOST_PIECES = 1024;

export class WriteQueue {
  /** How many bytes there are. */
  size = 0;
  #pieces: Uint8Array[] = [];
  #first = 0;

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.size += piece.length;
  }

  /** As many pieces as one call takes. */
  next(): Uint8Array[] {
    return this.#pieces.slice(this.#first, this.#first + MOST_PIECES);
  }

  /** So many bytes have gone. */
  skip(count: number): void {
    this.size -= count;
    if (this.size === 0) {
      this.clear();
      return;
    }
    let rest = count;
    while (rest > 0 && rest >= this.#pieces[this.#first]!.length) rest -= this.#pieces[this.#first++]!.length;
    if (rest > 0) this.#pieces[this.#first] = this.#pieces[this.#first]!.subarray(rest);
    if (this.#first < MOST_PIECES || 2 * this.#first < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }

  clear(): void {
    this.size = 0;
    this.#pieces = [];
    this.#first = 0;
  }
}
