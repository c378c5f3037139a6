/** Pending asynchronous calls of `select`, poll and epoll objects. */
import { type Abortable, unwatch, watch } from '../abort.ts';
import { ECANCELED } from '../constants.generated.ts';
import { Alarm } from '../deadline.ts';
import { osError } from '../errors.ts';
import { release, retain } from '../readiness.ts';

/** The pending calls of one object, in order of arrival. */
export type PendingCalls<T> = Set<Pending<T>>;

export interface PendingOptions<T> {
  signal: AbortSignal | undefined;
  /** When the call is over. */
  end: number;
  /** What it comes to then, or the error that it throws. */
  expired(): T;
  /** Called once, when the call has been settled in whatever way. */
  settled(): void;
  /** Those that it belongs to. */
  calls: PendingCalls<T>;
}

/** One of them. While it is pending it keeps the process alive. */
export class Pending<T> implements Abortable {
  readonly #options: PendingOptions<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #alarm = new Alarm();
  #pending = true;

  constructor(options: PendingOptions<T>, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal, end, calls } = options;
    retain();
    calls.add(this);
    if (signal !== undefined) watch(signal, this);
    this.#alarm.set(end, () => this.try(() => options.expired()));
  }

  /** The signal has aborted. */
  aborted(reason: unknown): void {
    this.fail(reason);
  }

  /** Settles the call with what `attempt` returns or throws; undefined says that it goes on. */
  try(attempt: () => T | undefined): void {
    try {
      const value = attempt();
      if (value !== undefined) this.succeed(value);
    } catch (error) {
      this.fail(error);
    }
  }

  succeed(value: T): void {
    if (this.#settle()) this.#resolve(value);
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (!this.#pending) return false;
    this.#pending = false;
    const { signal, calls, settled } = this.#options;
    calls.delete(this);
    this.#alarm.cancel();
    if (signal !== undefined) unwatch(signal, this);
    release();
    settled();
    return true;
  }
}

/** Fails all calls of an object: it is being closed. */
export function cancel<T>(calls: PendingCalls<T>, syscall: string): void {
  for (const call of calls) call.fail(osError(ECANCELED, syscall));
}

// After so many calls that completed at once the next ones wait for a turn of the event loop, which a program that does
// nothing but wait for what is always ready would stop otherwise.
const MOST_IMMEDIATE = 32;
let immediate = 0;

/** The promise of a call that need not wait. */
export function completed<T>(value: T): Promise<T> {
  if (++immediate <= MOST_IMMEDIATE) return Promise.resolve(value);
  return new Promise((resolve) => {
    setImmediate(() => {
      immediate = 0;
      resolve(value);
    });
  });
}
