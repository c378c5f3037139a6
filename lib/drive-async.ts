/** The asynchronous driver: try, wait for readiness on the event loop, try again. */

import { type AsyncOptions, signalOf } from './abort.ts';
import { Call, Calls, type Lane } from './calls.ts';
import { deadline } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';
import { osError, timedOut } from './errors.ts';
import { ADVANCED, type Operation, PENDING } from './operation.ts';
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
  endpoint.calls ??= new Calls(endpoint);
  return endpoint.calls;
}

function pend<T>(
  endpoint: Endpoint,
  owner: object,
  lane: Lane,
  operation: Pick<Operation<T>, 'syscall' | 'attempt'>,
  signal: AbortSignal | undefined,
  started: (call: Call) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const call = new Call(lane, owner, operation, resolve as (value: unknown) => void, reject, signal);
    try {
      started(call);
      if (endpoint.referenced) call.keepAlive(true);
    } catch (error) {
      call.fail(error);
    }
  });
}

/** An operation that may not wait: neither for readiness nor for the calls before it. */
function runAtOnce<T>(endpoint: Endpoint, operation: Operation<T>): Promise<T> {
  let outcome = operation.attempt();
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

/** Limits a pending call by the timeout of the socket, or of the kernel where the socket has none. */
function limit<T>(endpoint: Endpoint, operation: Operation<T>, call: Call): void {
  const sending = operation.direction === WRITABLE;
  const kernelTimeout = endpoint.timeout === null ? endpoint.kernelTimeout(sending) : null;
  const timeout = endpoint.timeout ? endpoint.timeout * 1000 : kernelTimeout;
  if (timeout === null) return;
  const expired = () => {
    const outcome = operation.partial?.() ?? PENDING;
    if (outcome !== PENDING && outcome !== ADVANCED) call.succeed(outcome);
    else if (kernelTimeout === null) call.fail(timedOut(operation.syscall));
    else call.fail(osError(operation.wouldBlock, operation.syscall, operation.address));
  };
  call.expireAt(deadline(timeout), expired);
  if (operation.renewsTimeout) call.advanced = () => call.expireAt(deadline(timeout), expired);
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
    const operation = begin();
    const { direction, syscall } = operation;
    const signal = signalOf(syscall, options);
    signal?.throwIfAborted();
    if (direction === WRITABLE) endpoint.throwDeferred(syscall);
    if (operation.neverWaits) return runAtOnce(endpoint, operation);

    const lane = endpoint.calls?.lane(direction);
    const waitFirst = operation.waitFirst || endpoint.connecting || lane?.head !== undefined;
    // A closed socket has nothing to wait for: its attempt fails with EBADF.
    if (endpoint.fd < 0 || (!waitFirst && mayCompleteAtOnce(endpoint))) {
      const outcome = operation.attempt();
      if (outcome !== PENDING && outcome !== ADVANCED) return Promise.resolve(outcome);
    }
    const calls = callsOf(endpoint);
    return pend(endpoint, owner, calls.lane(direction), operation, signal, (call) => {
      calls.arm(direction);
      limit(endpoint, operation, call);
    });
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
  const operation: Pick<Operation<T>, 'syscall' | 'attempt'> = { syscall, attempt: () => PENDING };
  return pend(endpoint, owner, callsOf(endpoint).elsewhere, operation, signal, (call) => {
    promise.then(
      (value) => call.succeed(value),
      (error: unknown) => call.fail(error),
    );
  });
}
