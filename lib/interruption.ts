/** Whether EINTR from a wait is for the program, or for us to wait on (PEP 475). */
import { builtins } from './builtins.ts';

// Those that native code holds back during a wait: see binding/wait.cpp.
const heldBack = new Set(['SIGCHLD', 'SIGWINCH', 'SIGPROF']);

/** The numbers of the signals that the program listens to, and that end waits. */
export function listenedSignals(): number[] {
  const all = Object.entries(builtins.os.constants.signals).filter(([name]) => !heldBack.has(name));
  return all.filter(([name]) => process.listenerCount(name) > 0).map(([, signum]) => signum);
}

/**
 * Asked after a wait that ended with EINTR: whether the call ends with InterruptedError. On the main thread a signal
 * has ended the wait, and the program may listen to it or not; in a worker only an interrupt() of threading does.
 */
export function endsWaits(): boolean {
  return !builtins.workers.isMainThread || listenedSignals().length > 0;
}
