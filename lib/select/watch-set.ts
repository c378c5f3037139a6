/**
 * The descriptors that asynchronous calls wait for: one epoll set of this environment, itself a member of its readiness
 * set. Apart from that one, since there a socket's own pending calls have the descriptor; and one for all calls, since
 * the kernel counts in how many sets within sets a descriptor is, and allows 100.
 *
 * Members are edge-triggered: whoever is told asks again what there is, and is told of the next change. So a hang-up
 * that nobody waits for, which epoll reports unasked, wakes once and not for ever.
 */
import { onClosing } from '../closing.ts';
import {
  EEXIST,
  ENOENT,
  EPERM,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
} from '../constants.generated.ts';
import { checked } from '../errors.ts';
import { native } from '../native.ts';
import { Member, READABLE } from '../readiness.ts';
import { readEvents } from './epoll-events.ts';

/** Whoever waits for descriptors. */
export interface Watcher {
  /** One of them may be ready. */
  wake(): void;
  /** This thread is about to close one of them. */
  closing(fd: number): void;
}

interface Entry {
  events: number;
  readonly watchers: Set<Watcher>;
}

const MOST_EVENTS = 1024;

const entries = new Map<number, Entry>();
let set = -1;

/** Opens the set, which the first one that waits does otherwise. Throws OSError, EMFILE above all. */
export function openWatchSet(): void {
  if (set >= 0) return;
  const fd = checked(native.owned.epoll_create1(0), 'epoll_create1');
  new SetMember(fd).arm(READABLE);
  set = fd;
  onClosing(closing);
}

class SetMember extends Member {
  protected override ready(): number {
    const woken = new Set<Watcher>();
    readEvents(set, MOST_EVENTS, (fd) => {
      for (const watcher of entries.get(fd)?.watchers ?? []) woken.add(watcher);
    });
    for (const watcher of woken) watcher.wake();
    // The set is waited for always: what nobody waits for is not in it.
    return READABLE;
  }
}

function closing(fd: number): void {
  for (const watcher of [...(entries.get(fd)?.watchers ?? [])]) watcher.closing(fd);
}

/** Asks for events of a descriptor beside those asked for before, and for those that are there now. */
function ask(fd: number, entry: Entry, first: number, second: number): void {
  const events = entry.events | EPOLLET;
  let result = native.epoll_ctl(set, first, fd, events, fd);
  // Somebody has closed the descriptor, and opened another with its number: the kernel has forgotten the old one. Or
  // the old one goes on elsewhere, and is in the set still.
  if (result === -ENOENT || result === -EEXIST) result = native.epoll_ctl(set, second, fd, events, fd);
  // A file or a directory: always ready, so that there is nothing to be told.
  if (result !== -EPERM) checked(result, 'epoll_ctl');
}

/**
 * Tells `watcher` from now on of what happens to a descriptor, and of what is there already.
 *
 * @param events of poll(2)
 * @throws {OSError} ELOOP, EINVAL: a set in too many sets; ENOSPC: too many descriptors for this user
 */
export function watch(fd: number, events: number, watcher: Watcher): void {
  openWatchSet();
  const known = entries.get(fd);
  const entry = known ?? { events: 0, watchers: new Set() };
  entry.events |= events;
  entry.watchers.add(watcher);
  entries.set(fd, entry);
  try {
    if (known === undefined) ask(fd, entry, EPOLL_CTL_ADD, EPOLL_CTL_MOD);
    else ask(fd, entry, EPOLL_CTL_MOD, EPOLL_CTL_ADD);
  } catch (error) {
    unwatch(fd, watcher);
    throw error;
  }
}

/** Undoes {@link watch}. */
export function unwatch(fd: number, watcher: Watcher): void {
  const entry = entries.get(fd);
  if (!entry?.watchers.delete(watcher) || entry.watchers.size > 0) return;
  entries.delete(fd);
  // It fails where somebody has closed the descriptor: the kernel has done it then.
  native.epoll_ctl(set, EPOLL_CTL_DEL, fd, 0, 0);
}

/**
 * Tells `watcher` no more until it watches again, which costs less than to leave and come back: to add a set the kernel
 * looks at all its members.
 */
export function rest(fd: number, watcher: Watcher): void {
  const entry = entries.get(fd);
  if (!entry?.watchers.has(watcher) || entry.watchers.size > 1) return;
  entry.events = 0;
  native.epoll_ctl(set, EPOLL_CTL_MOD, fd, 0, fd);
}
