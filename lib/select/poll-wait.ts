/**
 * The asynchronous wait of `select` and of poll objects. What is ready is always what poll(2) says, which is asked at
 * first and after each wake-up: so both forms of a call come to the same.
 */
import { type AsyncOptions, signalOf } from '../abort.ts';
import { POLLNVAL } from '../constants.generated.ts';
import { checked } from '../errors.ts';
import { native } from '../native.ts';
import { completed, Pending, type PendingCalls } from './pending.ts';
import type { PollList } from './poll-list.ts';
import { unwatch, type Watcher, watch } from './watch-set.ts';

/** One call: its descriptors, and what it makes of what poll(2) says about them. */
export interface PollCall<T> {
  readonly syscall: string;
  /** Each descriptor once. */
  readonly list: PollList;
  /** What it comes to with what the list tells; undefined where the call goes on. Throws what it fails with. */
  outcome(): T | undefined;
  /** What it comes to when the time is over. */
  nothing(): T;
}

class PollWait<T> implements Watcher {
  readonly #call: PollCall<T>;
  readonly #pending: Pending<T>;
  #watched = 0;

  constructor(
    call: PollCall<T>,
    end: number,
    calls: PendingCalls<T>,
    signal: AbortSignal | undefined,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#call = call;
    const settled = () => this.#leave();
    const expired = () => ask(call) ?? call.nothing();
    this.#pending = new Pending({ signal, end, calls, settled, expired }, resolve, reject);
    try {
      const { list } = call;
      // The events of epoll have the numbers of poll's.
      for (; this.#watched < list.rows; this.#watched++)
        watch(list.fd(this.#watched), list.events(this.#watched), this);
    } catch (error) {
      this.#pending.fail(error);
    }
  }

  wake(): void {
    this.#pending.try(() => ask(this.#call));
  }

  /** What poll(2) would say when the descriptor is closed, which it cannot be asked: a new one may have the number by then. */
  closing(fd: number): void {
    this.#pending.try(() => {
      poll(this.#call);
      this.#call.list.tell(fd, POLLNVAL);
      return this.#call.outcome();
    });
  }

  #leave(): void {
    while (this.#watched > 0) unwatch(this.#call.list.fd(--this.#watched), this);
  }
}

function poll<T>({ list, syscall }: PollCall<T>): number {
  return checked(native.poll(list.pollfds, 0), syscall);
}

function ask<T>(call: PollCall<T>): T | undefined {
  return poll(call) === 0 ? undefined : call.outcome();
}

/**
 * Runs a call on the event loop.
 *
 * @param begin makes it; what that throws rejects the promise
 * @param calls those of the same object, which may be cancelled together
 */
export function waitAsync<T>(
  begin: () => { call: PollCall<T>; end: number },
  calls: PendingCalls<T>,
  options: AsyncOptions | undefined,
): Promise<T> {
  try {
    const { call, end } = begin();
    const signal = signalOf(call.syscall, options);
    signal?.throwIfAborted();
    const outcome = ask(call);
    if (outcome !== undefined) return completed(outcome);
    if (end <= performance.now()) return completed(call.nothing());
    return new Promise((resolve, reject) => {
      new PollWait(call, end, calls, signal, resolve, reject);
    });
  } catch (error) {
    return Promise.reject(error);
  }
}
