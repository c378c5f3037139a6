/** select(2), over poll(2): so a descriptor may have any number. */
import type { AsyncOptions } from '../abort.ts';
import {
  EBADF,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../constants.generated.ts';
import { deadline, pause } from '../deadline.ts';
import { osError } from '../errors.ts';
import { items, seconds } from '../validate.ts';
import type { PendingCalls } from './pending.ts';
import { PollList } from './poll-list.ts';
import { type PollCall, waitAsync } from './poll-wait.ts';
import { descriptorOf, type Selectable } from './selectable.ts';
import { wait } from './waiting.ts';

/** What `select` returns: of each of its lists the objects that are ready, in their order. */
export type Selected<R, W, X> = [readable: R[], writable: W[], exceptional: X[]];

// The kernel's own sets (fs/select.c): what each list asks for, and what counts beside that, which poll(2) tells unasked.
const KINDS = [
  { name: 'rlist', asked: POLLIN | POLLRDNORM | POLLRDBAND, unasked: POLLHUP | POLLERR },
  { name: 'wlist', asked: POLLOUT | POLLWRNORM | POLLWRBAND, unasked: POLLERR },
  { name: 'xlist', asked: POLLPRI, unasked: 0 },
] as const;

/** One object in one of the lists. */
interface Item {
  readonly object: unknown;
  /** Which list. */
  readonly kind: number;
  /** Which of the structs pollfd. */
  readonly row: number;
}

/** One call of `select`. */
class Selection implements PollCall<Selected<unknown, unknown, unknown>> {
  readonly syscall = 'select';
  readonly list: PollList;
  readonly #items: Item[] = [];

  constructor(lists: readonly unknown[]) {
    const wanted = new Map<number, number>();
    const rows = new Map<number, number>();
    for (const [kind, { name, asked }] of KINDS.entries()) {
      for (const object of items('select', name, lists[kind], 'an array or another iterable')) {
        const fd = descriptorOf('select', `${name}'s items`, object);
        const row = rows.get(fd) ?? rows.size;
        rows.set(fd, row);
        wanted.set(fd, (wanted.get(fd) ?? 0) | asked);
        this.#items.push({ object, kind, row });
      }
    }
    this.list = new PollList(wanted);
  }

  outcome(): Selected<unknown, unknown, unknown> | undefined {
    const selected = this.nothing();
    let count = 0;
    for (const { object, kind, row } of this.#items) {
      const events = this.list.found(row);
      if (events & POLLNVAL) throw osError(EBADF, 'select');
      if ((events & (KINDS[kind]!.asked | KINDS[kind]!.unasked)) === 0) continue;
      selected[kind]!.push(object);
      count++;
    }
    // A hang-up that none of the lists asks for.
    return count === 0 ? undefined : selected;
  }

  nothing(): Selected<unknown, unknown, unknown> {
    return [[], [], []];
  }
}

const milliseconds = (timeout: unknown) => {
  const checked = seconds('select', 'timeout', timeout);
  return checked === null ? null : checked * 1000;
};

/**
 * Waits until some of the objects are ready: Python's `select.select`.
 *
 * @param rlist those to be read from: data, a connection to accept, an end or an error
 * @param wlist those to be written to
 * @param xlist those on which urgent data may arrive
 * @param timeout in seconds; 0 asks without waiting, null waits without limit
 * @returns three arrays of the objects that are ready; empty ones when the time is over
 * @throws {TypeError} an object without a descriptor
 * @throws {RangeError} a negative descriptor, as that of a closed socket is; a negative timeout
 * @throws {OSError} EBADF: a descriptor that is not open
 * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
 */
export function select<R extends Selectable, W extends Selectable, X extends Selectable>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout: number | null = null,
): Selected<R, W, X> {
  const selection = new Selection([rlist, wlist, xlist]);
  const { list } = selection;
  const end = deadline(milliseconds(timeout));
  for (let falseWakeups = 0; ; falseWakeups++) {
    const ready = wait(list.pollfds, end, 'select');
    const selected = ready === 0 ? selection.nothing() : selection.outcome();
    if (selected !== undefined) return selected as Selected<R, W, X>;
    const paused = pause(falseWakeups);
    if (paused > 0) {
      list.mute(true);
      wait(list.pollfds, Math.min(end, deadline(paused)), 'select');
      list.mute(false);
    }
    if (performance.now() >= end) return selection.nothing() as Selected<R, W, X>;
  }
}

/** `selectAsync` among the calls of one object, which may be cancelled together. */
export function selectAmong<R extends Selectable, W extends Selectable, X extends Selectable>(
  calls: PendingCalls<Selected<R, W, X>>,
  lists: readonly [rlist: Iterable<R>, wlist: Iterable<W>, xlist: Iterable<X>],
  timeout: number | null,
  options: AsyncOptions | undefined,
): Promise<Selected<R, W, X>> {
  const begin = () => {
    const call = new Selection(lists) as PollCall<unknown> as PollCall<Selected<R, W, X>>;
    return { call, end: deadline(milliseconds(timeout)) };
  };
  return waitAsync(begin, calls, options);
}

/**
 * {@link select} on the event loop. The objects may have other asynchronous calls pending.
 *
 * @throws {OSError} EBADF: the library has closed one of the descriptors meanwhile, on this thread
 */
export function selectAsync<R extends Selectable, W extends Selectable, X extends Selectable>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout: number | null = null,
  options?: AsyncOptions,
): Promise<Selected<R, W, X>> {
  return selectAmong(new Set(), [rlist, wlist, xlist], timeout, options);
}
