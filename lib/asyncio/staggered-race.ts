/** Attempts that begin one after the other and of which the first to succeed wins. Python: `asyncio.staggered`. */
import { type Abortable, unwatch, watch } from '../abort.ts';
import { Alarm, deadline } from '../deadline.ts';

/** An attempt, which ends soon when the signal aborts. */
export type Attempt<T> = (signal: AbortSignal) => Promise<T>;

/** How a race has ended. */
export interface Outcome<T> {
  /** What the winner has returned; undefined where nobody has won. */
  winner: { value: T; index: number } | undefined;
  /** What each attempt that was begun has thrown; undefined for the winner, the signal's reason for who came too late. */
  errors: unknown[];
}

/**
 * Begins the first attempt, and each further one when the one before it has failed or `delay` is over. When one has
 * succeeded, the others are aborted. Nothing runs any more when it returns.
 *
 * @param delay in seconds; null to wait for the end of each attempt
 * @param discard is given what an attempt has returned that came too late
 * @param signal aborting it ends all attempts and rejects with its reason
 */
export async function staggeredRace<T>(
  attempts: Iterable<Attempt<T>>,
  delay: number | null,
  discard: (value: T) => void,
  signal?: AbortSignal,
): Promise<Outcome<T>> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = controller.signal;
  const running: Promise<void>[] = [];
  const outcome: Outcome<T> = { winner: undefined, errors: [] };
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });

  const begin = async (attempt: Attempt<T>): Promise<void> => {
    const index = outcome.errors.push(undefined) - 1;
    try {
      const value = await attempt(stop);
      if (stop.aborted) {
        discard(value);
        stop.throwIfAborted();
      }
      outcome.winner = { value, index };
      controller.abort();
    } catch (error) {
      outcome.errors[index] = error;
    }
  };

  const outer: Abortable = { aborted: (reason) => controller.abort(reason) };
  if (signal !== undefined) watch(signal, outer);
  try {
    for (const attempt of attempts) {
      const attempted = begin(attempt);
      running.push(attempted);
      await Promise.race([attempted, stopped, ...(delay === null ? [] : [after(delay, stop)])]);
      if (stop.aborted) break;
    }
    await Promise.race([Promise.all(running), stopped]);
  } finally {
    // For an iterator that throws.
    controller.abort();
    await Promise.all(running);
    if (signal !== undefined) unwatch(signal, outer);
  }
  if (outcome.winner === undefined) signal?.throwIfAborted();
  return outcome;
}

/** Resolves after so many seconds, or when the signal aborts. The attempts keep the process alive, and not the timer. */
function after(seconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const alarm = new Alarm();
    alarm.set(deadline(seconds * 1000), done);
    stop.addEventListener('abort', done, { once: true });
    function done() {
      alarm.cancel();
      stop.removeEventListener('abort', done);
      resolve();
    }
  });
}
