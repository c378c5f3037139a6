/** The asynchronous driver: try, wait for readiness on the event loop, try again. */

import { type AsyncOptions, signalOf } from './abort.ts';
import { Call, Calls, type Limit } from './calls.ts';
import { Alarm, deadline } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';
import { osError, timedOut } from './errors.ts';
import { ADVANCED, type Operation, type Outcome, PENDING, type Transfer, UNTRIED } from './operation.ts';
import { deliveryCount, WRITABLE } from './readiness.ts';

// After so many calls of one socket that completed at once in one turn of the event loop, its next ones wait for the
// next turn: a fast peer must not starve the others.
const MOST_IMMEDIATE = 32;

function mayCompleteAtOnce(endpoint: Endpoint): boolean {
  if (endpoint.countedDelivery !== deliveryCount()) {
    endpoint.countedDelivery = deliveryCount();
    endpoint.immediate = 0;
  }
  return ++endpoint.immediate <= MOST_IMMEDIATE;
}

function callsOf(endpoint: Endpoint): Calls {
  endpoint.calls ??= new Calls(endpoint.fd);
  return endpoint.calls;
}

/** An operation that may not wait: neither for readiness nor for the calls before it. */
function runAtOnce<T>(endpoint: Endpoint, operation: Operation<T>, before: Outcome<T>): Promise<T> {
  let outcome = before;
  while (outcome === ADVANCED) outcome = operation.attempt();
  if (outcome === PENDING) throw osError(operation.wouldBlock, operation.syscall, operation.address);
  if (mayCompleteAtOnce(endpoint)) return Promise.resolve(outcome);
  const value = outcome;
  return new Promise((resolve) => {
    setImmediate(() => {
      endpoint.immediate = 0;
      resolve(value);
    });
  });
}

/** A limit by the timeout of the socket, or of the kernel where the socket has none. */
class TimeLimit<T> implements Limit {
  readonly #call: Call;
  readonly #operation: Operation<T>;
  readonly #milliseconds: number;
  readonly #ofKernel: boolean;
  readonly #alarm = new Alarm();

  constructor(call: Call, operation: Operation<T>, milliseconds: number, ofKernel: boolean) {
    this.#call = call;
    this.#operation = operation;
    this.#milliseconds = milliseconds;
    this.#ofKernel = ofKernel;
    this.#begin();
  }

  #begin(): void {
    this.#alarm.set(deadline(this.#milliseconds), () => this.#expired());
  }

  #expired(): void {
    const { syscall, wouldBlock, address } = this.#operation;
    let outcome: Outcome<T>;
    try {
      outcome = this.#operation.partial?.() ?? PENDING;
    } catch (error) {
      this.#call.fail(error);
      return;
    }
    if (outcome !== PENDING && outcome !== ADVANCED) this.#call.succeed(outcome);
    else this.#call.fail(this.#ofKernel ? osError(wouldBlock, syscall, address) : timedOut(syscall));
  }

  advanced(): void {
    if (this.#operation.renewsTimeout) this.#begin();
  }

  cancel(): void {
    this.#alarm.cancel();
  }
}

function limitOf<T>(endpoint: Endpoint, operation: Operation<T>, call: Call): Limit | undefined {
  if (endpoint.timeout) return new TimeLimit(call, operation, endpoint.timeout * 1000, false);
  const ofKernel =
    endpoint.timeout === null ? endpoint.kernelTimeout(operation.direction === WRITABLE) : null;
  return ofKernel === null ? undefined : new TimeLimit(call, operation, ofKernel, true);
}

/** Waits for readiness. */
function pend<T>(
  endpoint: Endpoint,
  owner: object,
  operation: Operation<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const calls = callsOf(endpoint);
  const call = new Call(calls.lane(operation.direction), owner, operation, signal);
  try {
    calls.arm(operation.direction);
    call.limit = limitOf(endpoint, operation, call);
    if (endpoint.referenced) call.keepAlive(true);
  } catch (error) {
    call.fail(error);
  }
  return call.promise as Promise<T>;
}

/** Whether a call may try at once: nobody waits before it, and its socket has had no more than its share. */
function mayTryNow(endpoint: Endpoint, direction: number): boolean {
  const waits = endpoint.connecting || endpoint.calls?.pending(direction);
  return !waits && mayCompleteAtOnce(endpoint);
}

/** Whether the first native call of a transfer may be made before there is an operation: see {@link finishAsync}. */
export function mayTry(endpoint: Endpoint, direction: number, options: AsyncOptions | undefined): boolean {
  return options === undefined && endpoint.fd >= 0 && mayTryNow(endpoint, direction);
}

/** {@link runAsync} for an operation whose first native call has returned `first`; UNTRIED where there was none. */
export function finishAsync<T>(
  endpoint: Endpoint,
  owner: object,
  operation: Transfer<T>,
  first: number,
  options: AsyncOptions | undefined,
): Promise<T> {
  if (first === UNTRIED) return start(endpoint, owner, operation, options);
  const outcome = operation.conclude(first);
  if (outcome !== PENDING && outcome !== ADVANCED) return Promise.resolve(outcome);
  if (operation.neverWaits) return runAtOnce(endpoint, operation, outcome);
  return pend(endpoint, owner, operation, undefined);
}

function start<T>(
  endpoint: Endpoint,
  owner: object,
  operation: Operation<T>,
  options: AsyncOptions | undefined,
): Promise<T> {
  const { direction, syscall } = operation;
  const signal = signalOf(syscall, options);
  signal?.throwIfAborted();
  if (direction === WRITABLE) endpoint.throwDeferred(syscall);
  if (operation.neverWaits) return runAtOnce(endpoint, operation, ADVANCED);
  // A closed socket has nothing to wait for: its attempt fails with EBADF.
  if (endpoint.fd < 0 || (!operation.waitFirst && mayTryNow(endpoint, direction))) {
    const outcome = operation.attempt();
    if (outcome !== PENDING && outcome !== ADVANCED) return Promise.resolve(outcome);
  }
  return pend(endpoint, owner, operation, signal);
}

/**
 * Runs an operation on the event loop. A timeout of 0 waits without limit, as asyncio does on a non-blocking socket.
 *
 * @param owner the Socket, which stays reachable while the call is pending
 * @param begin makes the operation; what it throws rejects the promise
 */
export function runAsync<T>(
  endpoint: Endpoint,
  owner: object,
  begin: () => Operation<T>,
  options?: AsyncOptions,
): Promise<T> {
  try {
    return start(endpoint, owner, begin(), options);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Waits for a promise on behalf of a socket's call, which the socket's close and the signal end as any other. The
 * signal has not aborted yet.
 */
export function waitElsewhere<T>(
  endpoint: Endpoint,
  owner: object,
  syscall: string,
  promise: Promise<T>,
  options?: AsyncOptions,
): Promise<T> {
  const signal = options?.signal ?? undefined;
  const call = new Call(callsOf(endpoint).elsewhere, owner, { syscall, attempt: () => PENDING }, signal);
  promise.then(
    (value) => call.succeed(value),
    (error: unknown) => call.fail(error),
  );
  if (endpoint.referenced) call.keepAlive(true);
  return call.promise as Promise<T>;
}
