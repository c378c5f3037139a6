/**
 * What a file object is to its socket: it holds the descriptor open, and runs its own calls, which are made of several
 * operations, by the two drivers.
 */
import { type AsyncOptions, abortable, signalOf, unwatch, watch } from '../abort.ts';
import { EAGAIN, ECANCELED } from '../constants.generated.ts';
import { runAsync } from '../drive-async.ts';
import { runSync } from '../drive-sync.ts';
import { type Endpoint, kEndpoint } from '../endpoint.ts';
import { BlockingIOError, checked, OSError, osError, TimeoutError, UnsupportedOperation } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { READABLE, WRITABLE } from '../readiness.ts';
import { closedFile } from '../validate.ts';

/**
 * A call of a file object. It yields operations, one after the other, each with a timeout of its own as in Python; what
 * comes back is the operation's result, null where it would have to wait and may not. When an operation fails the call
 * ends there: what it has not finished must be in the file's stores, so that nothing gets lost.
 */
export type Steps<T> = Generator<Operation<unknown>, T, unknown>;

export type Direction = typeof READABLE | typeof WRITABLE;

/** What is left of a file object that nobody refers to any more. */
interface Remains {
  readonly endpoint: Endpoint;
  /** The bytes that have been written and not been sent. */
  unsent?: { readonly length: number };
}

const forgotten = new FinalizationRegistry(({ endpoint, unsent }: Remains) => {
  if (endpoint.fd < 0) return;
  const bytes = unsent?.length ?? 0;
  const loss = bytes > 0 ? `, ${bytes} bytes were not sent` : '';
  // That the socket itself is still in use is no mistake, unless something is lost.
  if (endpoint.closed || loss !== '')
    process.emitWarning(`unclosed file of ${endpoint.describe()}${loss}`, 'ResourceWarning');
  endpoint.drop();
});

const nothing = () => {};

export class Wire {
  readonly endpoint: Endpoint;
  readonly reads: boolean;
  readonly writes: boolean;
  closed = false;
  // Keeps the Socket reachable: it is not to be closed as forgotten while a file object is in use.
  readonly #socket: object;
  readonly #remains: Remains;
  // A read that has timed out may have lost its place in the stream: there must be no other.
  #timedOut = false;
  // Aborts when the file is closed.
  readonly #closing = new AbortController();
  // The last asynchronous call of each direction: the next one waits for it.
  readonly #last: { [direction: number]: Promise<void> | undefined } = {};

  constructor(socket: { readonly [kEndpoint]: Endpoint }, reads: boolean, writes: boolean) {
    this.endpoint = socket[kEndpoint];
    this.reads = reads;
    this.writes = writes;
    this.#socket = socket;
    this.#remains = { endpoint: this.endpoint };
    this.endpoint.files++;
    forgotten.register(this, this.#remains, this);
  }

  /** What will be lost if the file is never closed. */
  set unsent(store: { readonly length: number }) {
    this.#remains.unsent = store;
  }

  /** Throws where the file is closed. */
  check(): void {
    if (this.closed) throw closedFile();
  }

  /** Throws where the file does not go in that direction. */
  #checkDirection(direction: Direction): void {
    this.check();
    if (direction === READABLE && !this.reads) throw new UnsupportedOperation('not readable');
    if (direction === WRITABLE && !this.writes) throw new UnsupportedOperation('not writable');
  }

  #begin(operation: Operation<unknown>): Operation<unknown> {
    if (this.#timedOut && operation.direction === READABLE)
      throw new OSError('cannot read from timed out object');
    return operation;
  }

  /** Null for an operation that may not wait; throws any other error. */
  #failed(operation: Operation<unknown>, error: unknown): null {
    if (error instanceof BlockingIOError && error.errno === EAGAIN) return null;
    if (error instanceof TimeoutError && operation.direction === READABLE) this.#timedOut = true;
    throw error;
  }

  #perform(operation: Operation<unknown>): unknown {
    try {
      return runSync(this.endpoint, this.#begin(operation));
    } catch (error) {
      return this.#failed(operation, error);
    }
  }

  /** Runs a call to its end on this thread. */
  run<T>(direction: Direction, steps: Steps<T>): T {
    this.#checkDirection(direction);
    let step = steps.next();
    while (!step.done) step = steps.next(this.#perform(step.value));
    return step.value;
  }

  /** Runs a call on the event loop, after those of its direction that have been begun before. */
  runAsync<T>(direction: Direction, caller: string, steps: Steps<T>, options?: AsyncOptions): Promise<T> {
    try {
      this.#checkDirection(direction);
      const signal = signalOf(caller, options);
      signal?.throwIfAborted();
      const last = this.#last[direction];
      if (last !== undefined) {
        const turn = abortable(last, signal);
        return this.#enqueue(
          direction,
          turn.then(() => {
            if (this.closed) throw osError(ECANCELED, direction === READABLE ? 'recv' : 'send');
            return this.#drive(steps, steps.next(), signal);
          }),
        );
      }
      const step = steps.next();
      if (step.done) return Promise.resolve(step.value);
      return this.#enqueue(direction, this.#drive(steps, step, signal));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #enqueue<T>(direction: Direction, call: Promise<T>): Promise<T> {
    // A call that has been aborted is over before its turn has come.
    const turn = Promise.all([this.#last[direction], call.then(nothing, nothing)]).then(() => {
      if (this.#last[direction] === turn) this.#last[direction] = undefined;
    });
    this.#last[direction] = turn;
    return call;
  }

  async #drive<T>(
    steps: Steps<T>,
    first: IteratorResult<Operation<unknown>, T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const own = signal === undefined ? this.#closing : new AbortController();
    const link = { aborted: (reason: unknown) => own.abort(reason) };
    const linked = signal === undefined ? [] : [signal, this.#closing.signal];
    for (const each of linked) watch(each, link);
    try {
      let step = first;
      while (!step.done) step = steps.next(await this.#performAsync(step.value, own.signal));
      return step.value;
    } finally {
      for (const each of linked) unwatch(each, link);
    }
  }

  async #performAsync(operation: Operation<unknown>, signal: AbortSignal): Promise<unknown> {
    try {
      const begin = () => this.#begin(operation);
      return await runAsync(this.endpoint, this.#socket, begin, { signal });
    } catch (error) {
      return this.#failed(operation, error);
    }
  }

  /** Lets the socket go. Pending asynchronous calls reject with ECANCELED. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    forgotten.unregister(this);
    this.#closing.abort(osError(ECANCELED, 'recv'));
    checked(this.endpoint.drop(), 'close');
  }
}
