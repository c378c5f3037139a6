/** Epoll objects: epoll(7), whose calls cost what is ready, however many descriptors there are. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  POLLIN,
} from '../constants.generated.ts';
import { deadline } from '../deadline.ts';
import { checked, OSError } from '../errors.ts';
import { native } from '../native.ts';
import { descriptor, int, integer, outOfRange } from '../validate.ts';
import { EpollSet } from './epoll-set.ts';
import { completed } from './pending.ts';
import type { Events } from './poll.ts';
import { PollList } from './poll-list.ts';
import { descriptorOf, type Selectable } from './selectable.ts';
import { bits, limit, wait } from './waiting.ts';

// As in CPython, which takes it from select(2).
const DEFAULT_MAXEVENTS = 1023;
/** More events do not fit the memory that the kernel counts by an int. */
const MOST_EVENTS = Math.floor(0x7fffffff / native.EPOLL_EVENT_SIZE);

// As in Python, nobody is told of one that is unreachable.
const unreachable = new FinalizationRegistry<EpollSet>((set) => set.close());

/** What {@link epoll} returns: Python's epoll object. Everything but `close` throws a RangeError once it is closed. */
export class Epoll {
  readonly #set: EpollSet;

  /** @param fd an owned descriptor @internal */
  constructor(fd: number) {
    this.#set = new EpollSet(fd);
    unreachable.register(this, this.#set, this.#set);
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#set.fd < 0;
  }

  /** The descriptor of the set. */
  fileno(): number {
    const { fd } = this.#set;
    if (fd < 0) throw new RangeError('I/O operation on closed epoll object');
    return fd;
  }

  /**
   * Registers a descriptor.
   *
   * @param fd a descriptor or an object with one
   * @param eventmask bits EPOLLIN, EPOLLOUT, EPOLLET and so on: EPOLLIN, EPOLLPRI and EPOLLOUT if left out
   * @throws {FileExistsError} EEXIST: it is registered
   * @throws {PermissionError} EPERM: a file or a directory, which epoll does not take
   * @throws {OSError} EBADF: it is not open; ENOSPC: too many for this user
   */
  register(fd: Selectable, eventmask: number = EPOLLIN | EPOLLPRI | EPOLLOUT): void {
    this.#control('register', EPOLL_CTL_ADD, fd, eventmask);
  }

  /**
   * Changes the events of a registered descriptor.
   *
   * @throws {FileNotFoundError} ENOENT: it is not registered
   */
  modify(fd: Selectable, eventmask: number): void {
    this.#control('modify', EPOLL_CTL_MOD, fd, eventmask);
  }

  /**
   * Removes a descriptor. One that has been closed is gone already, unless a duplicate of it is open.
   *
   * @throws {FileNotFoundError} ENOENT: it is not registered
   * @throws {OSError} EBADF: it is not open
   */
  unregister(fd: Selectable): void {
    this.#control('unregister', EPOLL_CTL_DEL, fd, 0);
  }

  #control(caller: string, operation: number, object: unknown, eventmask: unknown): void {
    const epfd = this.fileno();
    const fd = descriptorOf(caller, 'fd', object);
    const events = bits(caller, 'eventmask', eventmask);
    checked(native.epoll_ctl(epfd, operation, fd, events, fd), 'epoll_ctl');
  }

  /**
   * Waits until some descriptors are ready: epoll_wait(2).
   *
   * @param timeout in seconds; 0 asks without waiting, null and every negative number wait without limit
   * @param maxevents at most so many at once; -1 for 1023
   * @returns `[[fd, events], ...]`; EPOLLERR and EPOLLHUP are among the events unasked
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
   */
  poll(timeout: number | null = null, maxevents = -1): Events {
    const { end, most } = this.#begin(timeout, maxevents);
    let events = this.#set.take(most);
    if (events.length > 0) return events;
    const { pollfds } = new PollList(new Map([[this.#set.fd, POLLIN]]));
    while (events.length === 0 && performance.now() < end) {
      wait(pollfds, end, 'epoll_wait');
      events = this.#set.take(most);
    }
    return events;
  }

  /**
   * {@link Epoll.poll} on the event loop. What is registered or removed meanwhile counts at once. Several calls may be
   * pending: what is ready goes to the one that came first. `close` rejects them with `OSError` ECANCELED.
   */
  async pollAsync(timeout: number | null = null, maxevents = -1, options?: AsyncOptions): Promise<Events> {
    const { end, most } = this.#begin(timeout, maxevents);
    const signal = signalOf('pollAsync', options);
    signal?.throwIfAborted();
    const events = this.#set.take(most);
    if (events.length > 0 || end <= performance.now()) return completed(events);
    return this.#set.wait({ maxevents: most, owner: this }, end, signal);
  }

  #begin(timeout: unknown, maxevents: unknown): { end: number; most: number } {
    this.fileno();
    const end = deadline(limit('poll', timeout, 1000));
    const most = int('poll', 'maxevents', maxevents);
    if (most === -1) return { end, most: DEFAULT_MAXEVENTS };
    return { end, most: integer('poll', 'maxevents', most, 1, MOST_EVENTS) };
  }

  /** Closes the set. Closing twice is no error. */
  close(): void {
    unreachable.unregister(this.#set);
    checked(this.#set.close(), 'close');
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A new epoll object: epoll_create1(2), close-on-exec. Python's `select.epoll`.
 *
 * @param sizehint says nothing any more: -1, or a number above 0
 * @param flags 0 or EPOLL_CLOEXEC, which come to the same
 * @throws {OSError} other flags; EMFILE
 */
export function epoll(sizehint = -1, flags = 0): Epoll {
  if (int('epoll', 'sizehint', sizehint) < -1 || sizehint === 0)
    throw outOfRange('epoll', 'sizehint', 'above 0, or -1', sizehint);
  if (int('epoll', 'flags', flags) !== 0 && flags !== EPOLL_CLOEXEC) throw new OSError('invalid flags');
  return new Epoll(checked(native.owned.epoll_create1(EPOLL_CLOEXEC), 'epoll_create1'));
}

/** An epoll object over a descriptor that is one. It is the same set: whoever closes it closes it for both. */
epoll.fromfd = (fd: number): Epoll => {
  native.own(descriptor('fromfd', 'fd', fd), true);
  return new Epoll(fd);
};
