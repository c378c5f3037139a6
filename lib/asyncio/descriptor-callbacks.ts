/**
 * Callbacks for descriptors that are ready: `loop.add_reader` and its companions. They have an epoll set of their own, so
 * that a descriptor may have pending calls of a socket as well.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ECANCELED, EPOLLIN, EPOLLOUT } from '../constants.generated.ts';
import { FileNotFoundError, OSError } from '../errors.ts';
import { type Epoll, epoll } from '../select/epoll.ts';
import { descriptorOf, type Selectable } from '../select/selectable.ts';
import { wrongKind } from '../validate.ts';
import { callExceptionHandler } from './exception-handler.ts';

type Callback = () => unknown;

/** EPOLLIN for a reader, EPOLLOUT for a writer. */
type Callbacks = Map<number, Callback>;

const SIDES = [EPOLLIN, EPOLLOUT] as const;

const watched = new Map<number, Callbacks>();
let set: Epoll | undefined;

const maskOf = (callbacks: Callbacks) => [...callbacks.keys()].reduce((mask, side) => mask | side, 0);

/** Tells epoll what is wanted of a descriptor; the kernel has forgotten one that was closed meanwhile. */
function change(fd: number, known: boolean, mask: number): void {
  if (known) {
    try {
      set!.modify(fd, mask);
      return;
    } catch (error) {
      if (!(error instanceof FileNotFoundError)) throw error;
    }
  }
  set!.register(fd, mask);
}

/** Ends the watch once there is nothing to watch, so that the process can end. */
function rest(): void {
  if (watched.size > 0) return;
  set?.close();
  set = undefined;
}

/** A callback whose turn it is. */
type Due = readonly [fd: number, side: number, callback: Callback];

/** Who is registered for what has happened. */
function* dueFor(events: Iterable<readonly [fd: number, ready: number]>): Generator<Due> {
  for (const [fd, ready] of events) {
    for (const side of SIDES) {
      // An error or a hang-up concerns both.
      const callback = ready & (side | ~(EPOLLIN | EPOLLOUT)) ? watched.get(fd)?.get(side) : undefined;
      if (callback !== undefined) yield [fd, side, callback];
    }
  }
}

function call([fd, side, callback]: Due): void {
  // One before it may have removed it, and the number may be another descriptor's now, of which nothing is known yet.
  if (watched.get(fd)?.get(side) !== callback) return;
  try {
    callback();
  } catch (exception) {
    callExceptionHandler({ message: 'Exception in callback of a descriptor', exception, fd });
  }
}

/** Calls who is ready, once in a turn of the event loop. */
async function run(events: Epoll): Promise<void> {
  while (!events.closed) {
    for (const due of [...dueFor(await events.pollAsync())]) call(due);
    await nextTurn();
  }
}

function watch(): void {
  if (set !== undefined) return;
  set = epoll();
  run(set).catch((exception: unknown) => {
    if (exception instanceof OSError && exception.errno === ECANCELED) return;
    callExceptionHandler({ message: 'Descriptors are not watched any more', exception });
  });
}

function add(caller: string, side: number, object: Selectable, callback: unknown, args: unknown[]): void {
  const fd = descriptorOf(caller, 'fd', object);
  if (typeof callback !== 'function') throw wrongKind(caller, 'callback', 'a function', callback);
  const callbacks = watched.get(fd) ?? new Map<number, Callback>();
  const known = watched.has(fd);
  watch();
  try {
    change(fd, known, maskOf(callbacks) | side);
  } catch (error) {
    rest();
    throw error;
  }
  callbacks.set(side, () => callback(...args));
  watched.set(fd, callbacks);
}

function remove(caller: string, side: number, object: Selectable): boolean {
  const fd = descriptorOf(caller, 'fd', object);
  const callbacks = watched.get(fd);
  if (!callbacks?.delete(side)) return false;
  try {
    if (callbacks.size > 0) set!.modify(fd, maskOf(callbacks));
    else set!.unregister(fd);
  } catch (error) {
    // It has been closed before it was removed.
    if (!(error instanceof OSError)) throw error;
  }
  if (callbacks.size === 0) watched.delete(fd);
  rest();
  return true;
}

/**
 * Calls `callback` in each turn of the event loop in which a descriptor has something to read, its end, or an error.
 * Python: `loop.add_reader`. It keeps the process alive until it is removed, which must be done before the descriptor is
 * closed. What the callback throws is told to the exception handler.
 *
 * @param fd a descriptor or an object with one; a callback that it has already is replaced
 * @param args for the callback
 * @throws {OSError} EBADF: it is not open; EPERM: a file or a directory, which is always ready
 */
export function addReader<A extends unknown[]>(
  fd: Selectable,
  callback: (...args: A) => unknown,
  ...args: A
): void {
  add('addReader', EPOLLIN, fd, callback, args);
}

/** As {@link addReader}, when there is room to write, or an error. Python: `loop.add_writer`. */
export function addWriter<A extends unknown[]>(
  fd: Selectable,
  callback: (...args: A) => unknown,
  ...args: A
): void {
  add('addWriter', EPOLLOUT, fd, callback, args);
}

/** Undoes {@link addReader}. Returns whether there was something to undo. Python: `loop.remove_reader`. */
export function removeReader(fd: Selectable): boolean {
  return remove('removeReader', EPOLLIN, fd);
}

/** Undoes {@link addWriter}. Returns whether there was something to undo. Python: `loop.remove_writer`. */
export function removeWriter(fd: Selectable): boolean {
  return remove('removeWriter', EPOLLOUT, fd);
}
