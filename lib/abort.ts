/** The signal of an asynchronous call. */
import { wrongKind } from './validate.ts';

/** The last argument of every `...Async` call. */
export interface AsyncOptions {
  /** Aborting it rejects the call with the signal's reason. */
  signal?: AbortSignal | null | undefined;
}

/** The signal among the options of a call. */
export function signalOf(caller: string, options: unknown): AbortSignal | undefined {
  if (options === undefined) return undefined;
  // An array or bytes would be an address in the wrong place.
  const wrong = Array.isArray(options) || ArrayBuffer.isView(options) || options instanceof AbortSignal;
  if (typeof options !== 'object' || options === null || wrong)
    throw wrongKind(caller, 'options', '{ signal? }', options);
  const { signal } = options as { signal?: unknown };
  if (signal === undefined || signal === null) return undefined;
  if (!(signal instanceof AbortSignal)) throw wrongKind(caller, 'signal', 'an AbortSignal', signal);
  return signal;
}

/** Whoever is told when a signal aborts. */
export interface Abortable {
  aborted(reason: unknown): void;
}

// One listener for a signal, however many calls it belongs to: node warns of more than ten.
const watched = new WeakMap<AbortSignal, Set<Abortable>>();

/** Tells `abortable` when the signal aborts, until {@link unwatch}. */
export function watch(signal: AbortSignal, abortable: Abortable): void {
  let all = watched.get(signal);
  if (all === undefined) {
    all = new Set();
    watched.set(signal, all);
    signal.addEventListener('abort', onAbort, { once: true });
  }
  all.add(abortable);
}

/** Undoes {@link watch}. */
export function unwatch(signal: AbortSignal, abortable: Abortable): void {
  const all = watched.get(signal);
  if (!all?.delete(abortable) || all.size > 0) return;
  watched.delete(signal);
  signal.removeEventListener('abort', onAbort);
}

function onAbort(this: AbortSignal): void {
  const all = watched.get(this);
  watched.delete(this);
  for (const abortable of all ?? []) abortable.aborted(this.reason);
}

/**
 * Rejects with the signal's reason when it aborts before the promise settles; what the promise stands for goes on. It takes
 * no options, so that they are checked before there is a promise: one that nobody awaits any more would reject unhandled.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const call: Abortable = { aborted: reject };
    if (signal.aborted) reject(signal.reason);
    else watch(signal, call);
    promise.then(resolve, reject).finally(() => unwatch(signal, call));
  });
}
