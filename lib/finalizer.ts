/** `Finalizer`: what is to be done when the owner of something has become unreachable. */

/** What a finalizer keeps of a thing; nothing once that is called off. */
export interface Held<T> {
  thing: T | undefined;
}

/**
 * Does something for things whose owners have become unreachable, until that is called off. A FinalizationRegistry alone
 * would keep what it was given: all of it in a program that never returns to its event loop, where the collector's findings
 * are told, and after it was taken out until V8 looks through all of its heap. Hence it gets no more than a reference.
 */
export class Finalizer<T extends object> {
  readonly #registry: FinalizationRegistry<Held<T>>;

  /** @param finalize must not need the owner, nor may the thing refer to it */
  constructor(finalize: (thing: T) => void) {
    this.#registry = new FinalizationRegistry(({ thing }) => {
      if (thing !== undefined) finalize(thing);
    });
  }

  /** From now on waits for the owner of a thing to become unreachable. Returns what calls it off. */
  register(owner: object, thing: T): Held<T> {
    const held: Held<T> = { thing };
    this.#registry.register(owner, held, held);
    return held;
  }

  unregister(held: Held<T>): void {
    held.thing = undefined;
    this.#registry.unregister(held);
  }
}
