/**
 * Signals that arrive while JavaScript runs, for a loop that waits again and again without a turn of the event loop: a
 * wait that begins after a signal is not ended by it (binding/signals.cpp).
 */
import { builtins } from './builtins.ts';
import { AF_UNIX, SOCK_STREAM } from './constants.generated.ts';
import { osError } from './errors.ts';
import { listenedSignals } from './interruption.ts';
import { native } from './native.ts';

let users = 0;
let pair: [watched: number, target: number] | undefined;

/**
 * Begins to watch the signals that the program listens to now.
 *
 * @returns a descriptor that is readable once one of them has arrived; undefined where there are none, as in a worker
 */
export function watchSignals(): number | undefined {
  if (!builtins.workers.isMainThread) return undefined;
  if (pair === undefined) {
    const signums = listenedSignals();
    if (signums.length === 0) return undefined;
    const fds = native.socketpair(AF_UNIX, SOCK_STREAM, 0);
    if (typeof fds === 'number') throw osError(-fds, 'socketpair');
    pair = fds as [number, number];
    // There is no other environment on the main thread that could be using it.
    native.signalWatch(pair[1], Int32Array.from(signums));
  }
  users++;
  return pair[0];
}

/** Undoes one {@link watchSignals} that has returned a descriptor. */
export function unwatchSignals(): void {
  if (pair === undefined || --users > 0) return;
  native.signalUnwatch();
  pair.forEach(native.close);
  pair = undefined;
}
