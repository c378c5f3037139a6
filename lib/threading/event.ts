/** Python's `threading.Event` over shared memory. */
import type { AsyncOptions } from '../abort.ts';
import { patience } from './parking.ts';
import { Primitive, VALUE } from './primitive.ts';

/** A flag that threads wait for. Python: `threading.Event`. */
export class Event extends Primitive {
  /** @param buffer of an event of another thread, which this one is then */
  constructor(buffer?: SharedArrayBuffer) {
    super('Event', buffer, 0);
  }

  /** Whether the flag is set. */
  isSet(): boolean {
    return Atomics.load(this.cells, VALUE) !== 0;
  }

  /** Sets the flag and wakes all who wait for it. */
  set(): void {
    if (Atomics.exchange(this.cells, VALUE, 1) === 0) this.wake(0xffffffff);
  }

  /** Takes the flag back. */
  clear(): void {
    Atomics.store(this.cells, VALUE, 0);
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
  protected take(woken: boolean): number | undefined {
    return woken || Atomics.load(this.cells, VALUE) !== 0 ? undefined : 0;
  }
}
