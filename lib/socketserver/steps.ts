/**
 * Hooks of a server may be asynchronous. What calls several of them is a generator that yields what each has returned,
 * and is run by one of the two drivers here.
 */

/** Yields what a hook has returned, and is given what came of it. */
export type Steps<T> = Generator<unknown, T, unknown>;

/** What a hook may return. */
export type Awaitable<T> = T | PromiseLike<T>;

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** Runs the steps: at once where no hook is asynchronous, and else until the first that is, and then on the event loop. */
export function run<T>(steps: Steps<T>): T | Promise<T> {
  let result = steps.next();
  while (!result.done) {
    if (isPromise(result.value)) return goOn(steps, result.value);
    result = steps.next(result.value);
  }
  return result.value;
}

async function goOn<T>(steps: Steps<T>, first: PromiseLike<unknown>): Promise<T> {
  let pending: unknown = first;
  for (;;) {
    const next = await Promise.resolve(pending).then(
      (value) => () => steps.next(value),
      (error: unknown) => () => steps.throw(error),
    );
    const result = next();
    if (result.done) return result.value;
    pending = result.value;
  }
}

/**
 * Runs the steps on this thread. A hook that is asynchronous fails with a TypeError.
 *
 * @param late is told what becomes of such a hook later on, where that is an error
 */
export function runSync<T>(steps: Steps<T>, late: (error: unknown) => void): T {
  let result = steps.next();
  while (!result.done) {
    const { value } = result;
    if (isPromise(value)) {
      value.then(undefined, late);
      result = steps.throw(
        new TypeError('an asynchronous handler or hook needs serveForeverAsync or handleRequestAsync'),
      );
    } else {
      result = steps.next(value);
    }
  }
  return result.value;
}
