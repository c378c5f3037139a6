/** Python's `threading.Semaphore` and `BoundedSemaphore` over shared memory. */
import type { AsyncOptions } from '../abort.ts';
import { boolean, integer, outOfRange } from '../validate.ts';
import { Held } from './held.ts';
import { patience } from './parking.ts';
import { type Kind, LIMIT, Primitive, VALUE } from './primitive.ts';

const MOST = 0x7fffffff;

function limit(caller: string, blocking: unknown, timeout: unknown): number | null {
  if (boolean(caller, 'blocking', blocking)) return patience(caller, timeout);
  if (timeout !== null)
    throw outOfRange(
      caller,
      'timeout',
      'null where the call does not block (no timeout can be given)',
      timeout,
    );
  return 0;
}

/** Python: ValueError. */
function releasedTooOften(): RangeError {
  const error = new RangeError('release(): Semaphore released too many times');
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

/** A number of things to be had, which `acquire` takes and `release` gives back. Python: `threading.Semaphore`. */
export class Semaphore extends Primitive {
  /** @param value how many there are at first, or the buffer of a semaphore of another thread, which this one is then */
  constructor(value?: number | SharedArrayBuffer);
  /** @internal */
  constructor(value: number | SharedArrayBuffer, kind: Kind);
  constructor(value: number | SharedArrayBuffer = 1, kind: Kind = 'Semaphore') {
    if (typeof value === 'object') super(kind, value, 0);
    else super(kind, undefined, integer(kind, 'value', value, 0, MOST));
  }

  /**
   * Takes one, and waits until there is one.
   *
   * @param blocking false: do not wait
   * @param timeout in seconds; null for none
   * @returns whether one has been taken
   * @throws {InterruptedError} see `Thread.interrupt`; on the main thread a signal that the program listens to
   */
  acquire(blocking = true, timeout: number | null = null): boolean {
    return this.waitFor('acquire', limit('acquire', blocking, timeout));
  }

  /** {@link acquire} on the event loop. */
  async acquireAsync(
    blocking = true,
    timeout: number | null = null,
    options?: AsyncOptions,
  ): Promise<boolean> {
    return this.waitForAsync('acquire', limit('acquire', blocking, timeout), options);
  }

  /** Gives `n` back and wakes as many who wait. */
  release(n = 1): void {
    integer('release', 'n', n, 1, MOST);
    const most = this.kind === 'BoundedSemaphore' ? this.cells[LIMIT]! : MOST;
    for (;;) {
      const seen = Atomics.load(this.cells, VALUE);
      if (seen > most - n) throw releasedTooOften();
      if (Atomics.compareExchange(this.cells, VALUE, seen, seen + n) === seen) break;
    }
    this.wake(n);
  }

  /** Takes one until the end of a scope: `using _ = semaphore.hold();`. Python: `with semaphore:`. */
  hold(): Held {
    this.acquire();
    return new Held(this);
  }

  /** {@link hold} on the event loop. */
  async holdAsync(options?: AsyncOptions): Promise<Held> {
    await this.acquireAsync(true, null, options);
    return new Held(this);
  }

  /** @internal */
  protected describe(): string {
    const bound = this.kind === 'BoundedSemaphore' ? `/${this.cells[LIMIT]}` : '';
    return `value=${Atomics.load(this.cells, VALUE)}${bound}`;
  }

  /** @internal */
  protected take(): number | undefined {
    let value = Atomics.load(this.cells, VALUE);
    while (value > 0) {
      const before = Atomics.compareExchange(this.cells, VALUE, value, value - 1);
      if (before === value) return undefined;
      value = before;
    }
    return value;
  }
}

/** A semaphore that refuses to have more than at first: `release` throws a RangeError. */
export class BoundedSemaphore extends Semaphore {
  /** @param value how many there are at first, or the buffer of a semaphore of another thread, which this one is then */
  constructor(value: number | SharedArrayBuffer = 1) {
    super(value, 'BoundedSemaphore');
  }
}
