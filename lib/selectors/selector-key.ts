/** What a selector knows about one registered file object. */
import type { Selectable } from '../select/selectable.ts';

// What a program registers it knows itself, and says so where it wants to.
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would ask for a cast in every loop over what is ready.
export type Any = any;

/** As Python's it never changes, and can be taken apart: `const [fileobj, fd, events, data] = key`. */
export class SelectorKey<F extends Selectable = Any, D = Any> {
  /** The file object as it was registered. */
  readonly fileobj: F;
  /** Its descriptor. */
  readonly fd: number;
  /** What is waited for: EVENT_READ, EVENT_WRITE or both. */
  readonly events: number;
  /** What was registered with it: anything. */
  readonly data: D;

  constructor(fileobj: F, fd: number, events: number, data: D) {
    this.fileobj = fileobj;
    this.fd = fd;
    this.events = events;
    this.data = data;
  }

  [Symbol.iterator](): IterableIterator<Any> {
    return [this.fileobj, this.fd, this.events, this.data].values();
  }
}
