/**
 * The sends with MSG_ZEROCOPY of one socket whose memory the kernel still reads. The kernel counts them, from 0 in 32 bits,
 * and tells by these numbers which ones are done: in ranges, in any order.
 */

/** One call of the user's: as many of the kernel's sends as it takes. */
export class ZerocopySend {
  /** What must not be collected. */
  readonly memory: unknown;
  /** The kernel has copied a part of the bytes at least. */
  copied = false;
  readonly #done: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;
  #unanswered = 0;
  #sealed = false;

  constructor(memory: unknown) {
    this.memory = memory;
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A send that has failed before it was sealed has nobody who waits.
    this.#done.catch(() => {});
  }

  /** The kernel has taken one more send. */
  begun(): void {
    this.#unanswered++;
  }

  /** The kernel has answered one of them. */
  answered(copied: boolean): void {
    this.#unanswered--;
    if (copied) this.copied = true;
    this.#check();
  }

  /** No more sends will follow. Resolves when the kernel has answered all. */
  seal(): Promise<void> {
    this.#sealed = true;
    this.#check();
    return this.#done;
  }

  /** The kernel will not answer any more. */
  fail(error: unknown): void {
    this.#reject(error);
  }

  #check(): void {
    if (this.#sealed && this.#unanswered === 0) this.#resolve();
  }
}

export class ZerocopySends {
  readonly #byNumber = new Map<number, ZerocopySend>();
  /** The number that the kernel gives to the next send. */
  #next: number;

  constructor(first = 0) {
    this.#next = first;
  }

  /** How many sends the kernel has not answered. */
  get size(): number {
    return this.#byNumber.size;
  }

  /** The kernel has taken one more send. */
  add(send: ZerocopySend): void {
    this.#byNumber.set(this.#next, send);
    this.#next = (this.#next + 1) >>> 0;
    send.begun();
  }

  /** The kernel has answered the sends from `first` to `last`, which may be beyond the point where the count wraps. */
  complete(first: number, last: number, copied: boolean): void {
    const distance = (last - first) >>> 0;
    // Either way round no more steps than there are sends.
    if (distance < this.#byNumber.size) {
      for (let step = 0; step <= distance; step++) this.#answer((first + step) >>> 0, copied);
      return;
    }
    for (const number of [...this.#byNumber.keys()]) {
      if ((number - first) >>> 0 <= distance) this.#answer(number, copied);
    }
  }

  /** Forgets all that the kernel has not answered, and returns them. */
  drop(): Set<ZerocopySend> {
    const dropped = new Set(this.#byNumber.values());
    this.#byNumber.clear();
    return dropped;
  }

  #answer(number: number, copied: boolean): void {
    const send = this.#byNumber.get(number);
    this.#byNumber.delete(number);
    send?.answered(copied);
  }
}
