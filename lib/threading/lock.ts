/** Python's `threading.Lock` over shared memory. */
import type { AsyncOptions } from '../abort.ts';
import { boolean, invalidState, outOfRange, seconds } from '../validate.ts';
import { Held } from './held.ts';
import { Primitive, VALUE } from './primitive.ts';

const FREE = 0;
const TAKEN = 1;

/** The timeout of `acquire(blocking, timeout)` in seconds; null for none. */
function limit(caller: string, blocking: unknown, timeout: unknown): number | null {
  boolean(caller, 'blocking', blocking);
  if (timeout === -1) return blocking ? null : 0;
  if (!blocking)
    throw outOfRange(
      caller,
      'timeout',
      '-1 where the call does not block (no timeout can be given)',
      timeout,
    );
  return seconds(caller, 'timeout', timeout);
}

/**
 * A lock between threads. Any thread may release it. Python: `threading.Lock`.
 *
 *     const lock = new Lock();
 *     {
 *       using _ = lock.hold();
 *       // Nobody else is in here.
 *     }
 */
export class Lock extends Primitive {
  /** @param buffer of a lock of another thread, which this one is then */
  constructor(buffer?: SharedArrayBuffer) {
    super('Lock', buffer, FREE);
  }

  /**
   * Takes the lock, and waits until that is possible.
   *
   * @param blocking false: do not wait
   * @param timeout in seconds; -1 for none
   * @returns whether it has been taken
   * @throws {InterruptedError} see `Thread.interrupt`; on the main thread a signal that the program listens to
   */
  acquire(blocking = true, timeout = -1): boolean {
    return this.waitFor('acquire', limit('acquire', blocking, timeout));
  }

  /** {@link acquire} on the event loop. */
  async acquireAsync(blocking = true, timeout = -1, options?: AsyncOptions): Promise<boolean> {
    return this.waitForAsync('acquire', limit('acquire', blocking, timeout), options);
  }

  /** Lets the lock go. Throws an `Error` with the code ERR_INVALID_STATE where nobody has it. */
  release(): void {
    if (Atomics.exchange(this.cells, VALUE, FREE) === FREE) throw invalidState('release unlocked lock');
    this.wake(1);
  }

  /** Whether somebody has it. */
  locked(): boolean {
    return Atomics.load(this.cells, VALUE) !== FREE;
  }

  /** Takes the lock until the end of a scope: `using _ = lock.hold();`. Python: `with lock:`. */
  hold(): Held {
    this.acquire();
    return new Held(this);
  }

  /** {@link hold} on the event loop. */
  async holdAsync(options?: AsyncOptions): Promise<Held> {
    await this.acquireAsync(true, -1, options);
    return new Held(this);
  }

  /** @internal */
  protected describe(): string {
    return this.locked() ? 'locked' : 'unlocked';
  }

  /** @internal */
  protected take(): number | undefined {
    return Atomics.compareExchange(this.cells, VALUE, FREE, TAKEN) === FREE ? undefined : TAKEN;
  }
}
