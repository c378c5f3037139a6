/**
 * The synchronous driver: try, poll(2), try again, until the operation is done or its time is over. It is CPython's
 * `sock_call_ex` in our words.
 */
import { EBADF, EINTR, POLLIN, POLLOUT, POLLPRI } from './constants.generated.ts';
import { deadline, pause, remaining } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';
import { osError, timedOut } from './errors.ts';
import { native } from './native.ts';
import { ADVANCED, type Operation, type Outcome, PENDING, type Transfer, UNTRIED } from './operation.ts';
import { PRIORITY, READABLE, WRITABLE } from './readiness.ts';
import './signal-watch.ts';

const pollEvents = { [READABLE]: POLLIN, [WRITABLE]: POLLOUT, [PRIORITY]: POLLPRI } as Readonly<
  Record<number, number>
>;

// One struct pollfd: int fd, short events, short revents.
const pollfd = new Int32Array(2);
const pollfdEvents = new Int16Array(pollfd.buffer);
const NOBODY = -1;

/** Waits for `events` on `fd`, at most so many milliseconds. Returns what poll(2) returns, or a negative errno. */
function poll(fd: number, events: number, milliseconds: number): number {
  pollfd[0] = fd;
  pollfdEvents[2] = events;
  return native.poll(pollfd, milliseconds === Number.POSITIVE_INFINITY ? -1 : milliseconds);
}

/**
 * Runs an operation to its end on this thread.
 *
 * @throws {TimeoutError} the socket's timeout has passed
 * @throws {BlockingIOError} the socket is non-blocking and the operation would have to wait
 * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
 */
export function runSync<T>(endpoint: Endpoint, operation: Operation<T>): T {
  if (operation.direction === WRITABLE) endpoint.throwDeferred(operation.syscall);
  const outcome = operation.waitFirst && endpoint.timeout !== 0 ? PENDING : operation.attempt();
  if (outcome !== PENDING && outcome !== ADVANCED) return outcome;
  return waitAndRetry(endpoint, operation, outcome);
}

/** {@link runSync} for an operation whose first native call has returned `first`; UNTRIED where there was none. */
export function finishSync<T>(endpoint: Endpoint, operation: Transfer<T>, first: number): T {
  if (first === UNTRIED) return runSync(endpoint, operation);
  const outcome = operation.conclude(first);
  if (outcome !== PENDING && outcome !== ADVANCED) return outcome;
  return waitAndRetry(endpoint, operation, outcome);
}

/** The wait is over: the part that is done counts, or else the error. */
function partOr<T>(operation: Operation<T>, error: Error): T {
  const outcome = operation.partial?.() ?? PENDING;
  if (outcome !== PENDING && outcome !== ADVANCED) return outcome;
  throw error;
}

function waitAndRetry<T>(endpoint: Endpoint, operation: Operation<T>, first: Outcome<T>): T {
  const { timeout } = endpoint;
  const { direction, syscall } = operation;
  const kernelTimeout = timeout === null ? endpoint.kernelTimeout(direction === WRITABLE) : null;
  const limit = timeout === null ? kernelTimeout : timeout * 1000;
  let end = deadline(limit);
  // The kernel's blocking call does not wait for the error queue.
  const neverWaits = operation.neverWaits || timeout === 0 || (direction === PRIORITY && timeout === null);

  let outcome = first;
  let falseWakeups = 0;
  for (;;) {
    // poll(2) takes no notice of a closed one, and would wait for ever.
    if (endpoint.fd < 0) throw osError(EBADF, syscall, operation.address);
    if (neverWaits) {
      if (outcome === PENDING) throw osError(operation.wouldBlock, syscall, operation.address);
    } else {
      const paused = pause(falseWakeups);
      const left = remaining(end);
      const ready =
        paused === 0
          ? poll(endpoint.fd, pollEvents[direction]!, left)
          : poll(NOBODY, 0, Math.min(paused, left));
      if (ready === -EINTR) return partOr(operation, osError(EINTR, syscall, operation.address));
      if (ready < 0) throw osError(-ready, 'poll');
      if (ready === 0 && remaining(end) === 0) {
        const { wouldBlock, address } = operation;
        return partOr(
          operation,
          kernelTimeout === null ? timedOut(syscall) : osError(wouldBlock, syscall, address),
        );
      }
    }
    outcome = operation.attempt();
    if (outcome !== PENDING && outcome !== ADVANCED) return outcome;
    falseWakeups = outcome === ADVANCED ? 0 : falseWakeups + 1;
    if (outcome === ADVANCED && operation.renewsTimeout) end = deadline(limit);
  }
}
