/** What a lock or a semaphore has been taken for: a scope of `using`. */

/** Whoever gives something back. */
interface Releasing {
  release(): void;
}

/** A lock or semaphore that is held until the end of the scope: `using _ = lock.hold();` */
export class Held implements Disposable {
  #taken: Releasing | undefined;

  /** @internal */
  constructor(taken: Releasing) {
    this.#taken = taken;
  }

  /** Releases it; a second time does nothing. */
  [Symbol.dispose](): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.release();
  }
}
