/**
 * The signals that the program listens to, on the main thread: each of them ends one wait of a synchronous call with
 * InterruptedError (binding/signals.cpp), be it one that begins later. Whoever waits imports this.
 */
import { builtins } from './builtins.ts';
import { checked } from './errors.ts';
import { native } from './native.ts';
import { Member, READABLE } from './readiness.ts';

// Those that node and libuv handle for their own ends: the end of a child process must not interrupt a receive.
const quiet = new Set<string | symbol>(['SIGCHLD', 'SIGWINCH', 'SIGPROF']);

/** On the event loop the listener is called, and there is nothing left to end a wait for. */
class Arrivals extends Member {
  protected override ready(): number {
    native.signalTake();
    return READABLE;
  }
}

let arrivals: Arrivals | undefined;

function watch(events: (string | symbol)[]): void {
  const names = events.filter(
    (event) => String(event).startsWith('SIG') && !quiet.has(event),
  ) as NodeJS.Signals[];
  if (names.length === 0 || !builtins.workers.isMainThread) return;
  const { signals } = builtins.os.constants;
  const signums = names.map((name) => signals[name]).filter((signum) => signum !== undefined);
  const fd = checked(native.signalWatch(Int32Array.from(signums)), 'eventfd');
  if (arrivals !== undefined) return;
  arrivals = new Arrivals(fd);
  arrivals.arm(READABLE);
}

/** Whether a signal has arrived that has ended no wait and whose listener has not been called; it ends none any more. */
export function takeSignal(): boolean {
  return native.signalTake();
}

// Node's own listener, which was there first, has set the handler by the time this one is called.
process.on('newListener', (event) => watch([event]));
watch(process.eventNames());
