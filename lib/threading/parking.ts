/** Waiting for a cell of shared memory to change, blocking and on the event loop: see binding/parking.cpp. */
import { type Abortable, type AsyncOptions, signalOf, unwatch, watch } from '../abort.ts';
import { EAGAIN, ETIMEDOUT } from '../constants.generated.ts';
import { Alarm, deadline } from '../deadline.ts';
import { checked, osError } from '../errors.ts';
import { native } from '../native.ts';
import { Member, READABLE, release, retain } from '../readiness.ts';
import '../signal-watch.ts';
import { outOfRange, seconds, wrongKind } from '../validate.ts';

/** What somebody waits for. */
export interface Wanted {
  readonly cells: Int32Array;
  /** Of the cell that changes. */
  readonly index: number;
  /**
   * Takes what the wait is for, where it can be had.
   *
   * @param before what it has returned when the wait began; undefined then
   * @returns undefined once it is taken; otherwise what the cell held, with which it cannot be had. The wait goes on for
   *   as long as the cell holds just that, so a value with which it could be had must never be returned: it may be there
   *   again by the time the wait begins, and nobody would end it.
   */
  take(before?: number): number | undefined;
}

/** The longest timeout, in seconds. Python: `threading.TIMEOUT_MAX`. */
export const TIMEOUT_MAX = 9223372036;

/** A timeout of a wait in seconds: null for none, and a negative one is over at once, as in Python. */
export function patience(caller: string, timeout: unknown): number | null {
  if (timeout === undefined || timeout === null) return null;
  if (typeof timeout !== 'number') throw wrongKind(caller, 'timeout', 'a number of seconds or null', timeout);
  if (Number.isNaN(timeout)) throw outOfRange(caller, 'timeout', 'a number of seconds', timeout);
  return seconds(caller, 'timeout', Math.max(0, timeout));
}

/**
 * Waits on this thread.
 *
 * @param timeout in seconds; null for none
 * @returns false where the time was over before
 * @throws {InterruptedError} `interrupt` in a thread, a signal that the program listens to on the main thread
 */
export function wait(caller: string, wanted: Wanted, timeout: number | null): boolean {
  const { cells, index } = wanted;
  const before = wanted.take();
  if (before === undefined) return true;
  let seen: number | undefined = before;
  const end = deadline(timeout === null ? null : timeout * 1000);
  for (;;) {
    const left = end - performance.now();
    if (left <= 0) return false;
    const result = native.park(cells, index, seen, left === Number.POSITIVE_INFINITY ? -1 : left);
    if (result !== -EAGAIN && result !== -ETIMEDOUT) checked(result, caller);
    seen = wanted.take(before);
    if (seen === undefined) return true;
  }
}

const sleepers = new Map<number, Sleeper>();
const tokens = new Int32Array(64);
let lastToken = 0;
let member: Member | undefined;

class Wakings extends Member {
  protected override ready(): number {
    let count: number;
    do {
      count = native.parkRead(tokens);
      const woken = Array.from(tokens.subarray(0, count), (token) => sleepers.get(token));
      for (const sleeper of woken) sleeper?.wake();
    } while (count === tokens.length);
    // Whoever sleeps next wants the same.
    return READABLE;
  }
}

/** A wait on the event loop. */
class Sleeper implements Abortable {
  readonly #wanted: Wanted;
  readonly #before: number;
  readonly #signal: AbortSignal | undefined;
  readonly #settle: (result: boolean) => void;
  readonly #reject: (error: unknown) => void;
  #token = 0;
  readonly #alarm = new Alarm();

  constructor(
    wanted: Wanted,
    before: number,
    end: number,
    signal: AbortSignal | undefined,
    settle: (result: boolean) => void,
    reject: (error: unknown) => void,
  ) {
    this.#wanted = wanted;
    this.#before = before;
    this.#signal = signal;
    this.#settle = settle;
    this.#reject = reject;
    if (signal !== undefined) watch(signal, this);
    retain();
    this.#alarm.set(end, () => this.#expired());
    this.#sleep();
  }

  /** It has been unparked. */
  wake(): void {
    sleepers.delete(this.#token);
    this.#sleep();
  }

  aborted(reason: unknown): void {
    const { cells, index } = this.#wanted;
    // Woken for nothing: the next one is to have it.
    if (this.#leave()) native.unpark(cells, index, 1);
    this.#finish();
    this.#reject(reason);
  }

  /** The time is over. The event loop may be late, and what came in time counts. */
  #expired(): void {
    this.#leave();
    this.#finish();
    this.#settle(this.#wanted.take(this.#before) === undefined);
  }

  #sleep(): void {
    const { cells, index } = this.#wanted;
    let result: number;
    do {
      const seen = this.#wanted.take(this.#before);
      if (seen === undefined) {
        this.#finish();
        this.#settle(true);
        return;
      }
      lastToken = (lastToken + 1) & 0x7fffffff;
      result = native.parkAsync(cells, index, seen, lastToken);
      // Where it has changed since, perhaps to what is wanted.
    } while (result === -EAGAIN);
    if (result < 0) {
      this.#finish();
      this.#reject(osError(-result, 'park'));
      return;
    }
    this.#token = lastToken;
    sleepers.set(lastToken, this);
  }

  /** Returns whether it has been woken, and does not know it yet. */
  #leave(): boolean {
    sleepers.delete(this.#token);
    return native.parkLeave(this.#token) > 0;
  }

  #finish(): void {
    this.#alarm.cancel();
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    release();
  }
}

function open(): void {
  if (member !== undefined) return;
  const opened = new Wakings(checked(native.parkFd(), 'eventfd'));
  opened.arm(READABLE);
  member = opened;
}

/** {@link wait} on the event loop. It keeps the process alive. */
export function waitAsync(
  caller: string,
  wanted: Wanted,
  timeout: number | null,
  options?: AsyncOptions,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const signal = signalOf(caller, options);
    signal?.throwIfAborted();
    const before = wanted.take();
    if (before === undefined) resolve(true);
    else if (timeout !== null && timeout <= 0) resolve(false);
    else {
      open();
      const end = deadline(timeout === null ? null : timeout * 1000);
      new Sleeper(wanted, before, end, signal, resolve, reject);
    }
  });
}

/**
 * Calls `changed` whenever somebody has unparked the cell, for as long as the environment lives. It does not keep the
 * process alive.
 */
export function attend(cells: Int32Array, index: number, changed: () => void): void {
  const take = () => {
    const seen = Atomics.load(cells, index);
    changed();
    return seen;
  };
  open();
  new Sleeper({ cells, index, take }, 0, Number.POSITIVE_INFINITY, undefined, changed, changed);
  release();
}
