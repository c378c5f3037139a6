/**
 * Readiness of descriptors on the event loop: the only user of the native poller, of which each environment has one
 * (see binding/poller.cpp).
 *
 * A member stays armed after it has fired, since the next call will most likely want the same again; it is disarmed
 * when it fires and nobody waits. So a busy socket costs no epoll_ctl(2) at all.
 */
import { checked } from './errors.ts';
import { native } from './native.ts';

export const READABLE = 1;
export const WRITABLE = 2;
/** Urgent data, or the error queue: whatever is neither of the other two. */
export const PRIORITY = 4;
/** An error or a hang-up: always reported, never asked for. */
export const FAILED = 8;

const MOST_EVENTS = 1024;
// The cells of the board, as in binding/poller.cpp.
const PENDING = 0;
const DELIVERING = 1;
const EVENTS = 2;

const board = new Int32Array(EVENTS + 2 * MOST_EVENTS);
const members: (Member | undefined)[] = [];
const freeTokens: number[] = [];
let poller = -1;
let deliveries = 0;

function deliver(count: number): void {
  deliveries++;
  for (let index = 0; index < count; index++) {
    members[board[EVENTS + 2 * index]!]?.fire(board[EVENTS + 2 * index + 1]!);
  }
}

/** How many times readiness has been delivered so far: at most once in a turn of the event loop. */
export function deliveryCount(): number {
  return deliveries;
}

function open(): void {
  if (poller < 0) poller = checked(native.pollerOpen(board, deliver), 'epoll_create1');
}

/** Counts one more pending call: while there is one, the process stays alive. */
export function retain(): void {
  open();
  // During a delivery native code looks at the count when it is done.
  if (board[PENDING]!++ === 0 && board[DELIVERING] === 0) native.pollerRef(poller, true);
}

/** Counts one pending call less. */
export function release(): void {
  if (--board[PENDING]! === 0 && board[DELIVERING] === 0) native.pollerRef(poller, false);
}

/** One descriptor in the set, from its first {@link arm} on. */
export abstract class Member {
  #fd: number;
  // Its place among the members; -1 for none.
  #token = -1;
  #armed = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Called with what is ready; returns for which of READABLE, WRITABLE and PRIORITY somebody was waiting. */
  protected abstract ready(events: number): number;

  /** Asks for events beside those asked for before. Throws OSError, EBADF or EPERM above all. */
  arm(events: number): void {
    const wanted = this.#armed | events;
    if (wanted !== this.#armed) this.#change(wanted);
  }

  /** Asks for some events no longer. */
  disarm(events: number): void {
    const wanted = this.#armed & ~events;
    if (wanted !== this.#armed) this.#change(wanted);
  }

  /** @internal */
  fire(events: number): void {
    const waited = this.ready(events);
    // An error is reported whatever was asked for, so that with nobody waiting only leaving the set helps.
    if (events & FAILED && waited === 0) this.disarm(this.#armed);
    else this.disarm(events & ~waited);
  }

  /** Leaves the set for good; before the descriptor is closed. */
  leave(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (this.#token < 0) return;
    // The descriptor may have been closed behind our back, and the kernel has taken it out of the set then.
    if (this.#armed !== 0) native.pollerChange(poller, fd, this.#token, this.#armed, 0);
    this.#armed = 0;
    members[this.#token] = undefined;
    freeTokens.push(this.#token);
    this.#token = -1;
  }

  #join(): void {
    open();
    this.#token = freeTokens.pop() ?? members.length;
    members[this.#token] = this;
  }

  #change(wanted: number): void {
    if (this.#token < 0) this.#join();
    const before = this.#armed;
    this.#armed = wanted;
    const result = native.pollerChange(poller, this.#fd, this.#token, before, wanted);
    if (result < 0) {
      this.#armed = 0;
      if (wanted & ~before) checked(result, 'epoll_ctl');
    }
  }
}
