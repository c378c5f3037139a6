/** Python's `threading.Event` over shared memory. */
import type { AsyncOptions } from '../abort.ts';
import { patience } from './parking.ts';
import { Primitive, VALUE } from './primitive.ts';

// The cell counts the changes, and is odd while the flag is set: so whoever waits sees that it has been set meanwhile,
// though it may be cleared by then.
const SET = 1;

/** A flag that threads wait for. Python: `threading.Event`. */
export class Event extends Primitive {
  /** @param buffer of an event of another thread, which this one is then */
  constructor(buffer?: SharedArrayBuffer) {
    super('Event', buffer, 0);
  }

  /** Whether the flag is set. */
  isSet(): boolean {
    return (Atomics.load(this.cells, VALUE) & SET) !== 0;
  }

  /** Sets the flag and wakes all who wait for it. */
  set(): void {
    if ((Atomics.or(this.cells, VALUE, SET) & SET) === 0) this.wake(0xffffffff);
  }

  /** Takes the flag back. */
  clear(): void {
    const seen = Atomics.load(this.cells, VALUE);
    // Where somebody is quicker, he has cleared it.
    if ((seen & SET) !== 0) Atomics.compareExchange(this.cells, VALUE, seen, seen + 1);
  }

  /**
   * Waits until the flag is set. Whoever was waiting when it was set has been served, though it may be cleared by the
   * time he returns.
   *
   * @param timeout in seconds; null for none
   * @returns false where the time was over before
   * @throws {InterruptedError} see `Thread.interrupt`; on the main thread a signal that the program listens to
   */
  wait(timeout: number | null = null): boolean {
    return this.waitFor('wait', patience('wait', timeout));
  }

  /** {@link wait} on the event loop. */
  async waitAsync(timeout: number | null = null, options?: AsyncOptions): Promise<boolean> {
    return this.waitForAsync('wait', patience('wait', timeout), options);
  }

  /** @internal */
  protected describe(): string {
    return this.isSet() ? 'set' : 'unset';
  }

  /** @internal */
  protected take(before?: number): number | undefined {
    const seen = Atomics.load(this.cells, VALUE);
    return (seen & SET) !== 0 || seen !== (before ?? seen) ? undefined : seen;
  }
}
