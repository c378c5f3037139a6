/** Whether EINTR from a wait is for the program, or for us to wait on (PEP 475). */
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';

// Those that native code holds back during a wait: see binding/wait.cpp.
const heldBack = new Set(['SIGCHLD', 'SIGWINCH', 'SIGPROF']);
const signals = Object.entries(constants.signals).filter(([name]) => !heldBack.has(name));

/** The numbers of the signals that the program listens to, and that end waits. */
export function listenedSignals(): number[] {
  return signals.filter(([name]) => process.listenerCount(name) > 0).map(([, signum]) => signum);
}

/**
 * Asked after a wait that ended with EINTR: whether the call ends with InterruptedError. On the main thread a signal
 * has ended the wait, and the program may listen to it or not; in a worker only an interrupt() of threading does.
 */
export function endsWaits(): boolean {
  return !isMainThread || signals.some(([name]) => process.listenerCount(name) > 0);
}
