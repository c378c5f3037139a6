/** Time: when a wait is over, and how long to pause where waiting for readiness does not work. */

/** A moment in milliseconds on the monotonic clock of `performance.now()`; Infinity for never. */
export function deadline(milliseconds: number | null): number {
  return milliseconds === null ? Number.POSITIVE_INFINITY : performance.now() + milliseconds;
}

/** Milliseconds until a moment; 0 when it has passed. Without a limit nobody asks for the time. */
export function remaining(end: number): number {
  return end === Number.POSITIVE_INFINITY ? end : Math.max(0, end - performance.now());
}

// setTimeout takes no more milliseconds than fit 31 bits.
const LONGEST_TIMER = 0x7fffffff;

/** Calls back at a moment. It alone does not keep the process alive. */
export class Alarm {
  #timer: NodeJS.Timeout | undefined;

  /** Replaces what has been set before. */
  set(end: number, ring: () => void): void {
    this.cancel();
    if (end === Number.POSITIVE_INFINITY) return;
    const left = Math.ceil(end - performance.now());
    // A timer may be early by a part of a millisecond.
    const fire = () => (performance.now() < end ? this.set(end, ring) : ring());
    this.#timer = setTimeout(fire, Math.min(Math.max(left, 1), LONGEST_TIMER)).unref();
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}

const FALSE_WAKEUPS = 2;
const LONG_PAUSE = 20;
const LONGEST_PAUSE = 100;
// A second of pauses: nobody is in a hurry any more.
const MANY_WAKEUPS = 50;

/**
 * Milliseconds to pause before the next attempt, after so many wake-ups in a row that brought nothing.
 *
 * A false wake-up may happen now and then. Where it happens again and again, poll(2) does not tell what the call
 * waits for (a Unix socket's full backlog or receiver, a pending error queue), and only time helps.
 */
export function pause(falseWakeups: number): number {
  if (falseWakeups <= FALSE_WAKEUPS) return 0;
  const longest = falseWakeups < MANY_WAKEUPS ? LONG_PAUSE : LONGEST_PAUSE;
  return Math.min(2 ** (falseWakeups - FALSE_WAKEUPS - 1), longest);
}
