/** Poll objects: poll(2) with a list of descriptors that is kept from call to call. */
import type { AsyncOptions } from '../abort.ts';
import { ENOENT, POLLIN, POLLOUT, POLLPRI } from '../constants.generated.ts';
import { deadline } from '../deadline.ts';
import { osError } from '../errors.ts';
import { integer, invalidState } from '../validate.ts';
import { cancel, type PendingCalls } from './pending.ts';
import { PollList } from './poll-list.ts';
import { type PollCall, waitAsync } from './poll-wait.ts';
import { notRegistered } from './registration-errors.ts';
import { descriptorOf, type Selectable } from './selectable.ts';
import { limit, wait } from './waiting.ts';

/** Descriptors that are ready, each with the events of poll(2). */
export type Events = [fd: number, events: number][];

const USHRT_MAX = 0xffff;

/** One call of poll(2). Its list is never changed, so that it may be pending while others come. */
class PollOnce implements PollCall<Events> {
  readonly syscall = 'poll';
  readonly list: PollList;

  constructor(registered: ReadonlyMap<number, number>) {
    this.list = new PollList(registered);
  }

  outcome(): Events {
    const { list } = this;
    const events: Events = [];
    for (let row = 0; row < list.rows; row++) {
      const found = list.found(row);
      if (found !== 0) events.push([list.fd(row), found]);
    }
    return events;
  }

  nothing(): Events {
    return [];
  }
}

/** What {@link poll} returns: Python's poll object. */
export class Poll {
  readonly #registered = new Map<number, number>();
  // Made anew after a change.
  #call: PollOnce | undefined;
  readonly #calls: PendingCalls<Events> = new Set();

  /**
   * Registers a descriptor. To register it again changes its events.
   *
   * @param fd a descriptor or an object with one
   * @param eventmask bits POLLIN, POLLPRI, POLLOUT and so on: those three if left out
   * @throws {TypeError} an object without a descriptor
   * @throws {RangeError} a negative descriptor; bits outside 16
   */
  register(fd: Selectable, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    this.#set(descriptorOf('register', 'fd', fd), integer('register', 'eventmask', eventmask, 0, USHRT_MAX));
  }

  /**
   * Changes the events of a registered descriptor.
   *
   * @throws {FileNotFoundError} ENOENT: it is not registered
   */
  modify(fd: Selectable, eventmask: number): void {
    const number = descriptorOf('modify', 'fd', fd);
    const events = integer('modify', 'eventmask', eventmask, 0, USHRT_MAX);
    if (!this.#registered.has(number)) throw osError(ENOENT, 'modify');
    this.#set(number, events);
  }

  /**
   * Removes a descriptor.
   *
   * @throws {RangeError} it is not registered (Python: KeyError)
   */
  unregister(fd: Selectable): void {
    if (!this.#registered.delete(descriptorOf('unregister', 'fd', fd))) throw notRegistered('unregister', fd);
    this.#call = undefined;
  }

  #set(fd: number, events: number): void {
    this.#registered.set(fd, events);
    this.#call = undefined;
  }

  /**
   * Waits until some descriptors are ready: poll(2).
   *
   * @param timeout in milliseconds; 0 asks without waiting, null and every negative number wait without limit
   * @returns `[[fd, events], ...]`: POLLERR, POLLHUP and POLLNVAL (not open) are among the events unasked
   * @throws {Error} a `pollAsync` of this object is pending (Python: RuntimeError)
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
   */
  poll(timeout: number | null = null): Events {
    const { call, end } = this.#begin(timeout);
    wait(call.list.pollfds, end, 'poll');
    return call.outcome();
  }

  /**
   * {@link Poll.poll} on the event loop. What is registered or removed meanwhile counts from the next call on. A
   * descriptor that the library closes meanwhile, on this thread, is told as POLLNVAL.
   */
  pollAsync(timeout: number | null = null, options?: AsyncOptions): Promise<Events> {
    return waitAsync(() => this.#begin(timeout), this.#calls, options);
  }

  #begin(timeout: unknown): { call: PollOnce; end: number } {
    const end = deadline(limit('poll', timeout, 1));
    if (this.#calls.size > 0) throw invalidState('concurrent poll() invocation');
    this.#call ??= new PollOnce(this.#registered);
    return { call: this.#call, end };
  }

  /**
   * Fails a pending `pollAsync`.
   *
   * @internal
   */
  cancel(): void {
    cancel(this.#calls, 'poll');
  }
}

/** A new poll object: Python's `select.poll`. */
export function poll(): Poll {
  return new Poll();
}
