/** Waiting on this thread, by poll(2), for any number of descriptors. */
import { checked } from '../errors.ts';
import { native } from '../native.ts';
import '../signal-watch.ts';
import { integer, outOfRange, wrongKind } from '../validate.ts';

/**
 * Waits until one of the descriptors is ready or `end` has come.
 *
 * @param pollfds structs pollfd
 * @returns how many are ready
 * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
 */
export function wait(pollfds: Int32Array, end: number, syscall: string): number {
  const left = end - performance.now();
  return checked(native.poll(pollfds, left === Number.POSITIVE_INFINITY ? -1 : Math.max(0, left)), syscall);
}

const INT_MAX = 0x7fffffff;

/**
 * The timeout of poll and epoll objects in milliseconds, Infinity for none: null and every negative number.
 *
 * @param unit how many milliseconds one is
 */
export function limit(caller: string, timeout: unknown, unit: number): number {
  if (timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== 'number') throw wrongKind(caller, 'timeout', 'a number or null', timeout);
  if (timeout < 0) return Number.POSITIVE_INFINITY;
  // Written so that NaN fails too.
  if (!(timeout * unit <= INT_MAX))
    throw outOfRange(caller, 'timeout', `at most ${INT_MAX / unit} (timeout is too large)`, timeout);
  return timeout * unit;
}

/** A mask of 32 bits, which in JavaScript is negative where EPOLLET is among them. */
export function bits(caller: string, name: string, value: unknown): number {
  return integer(caller, name, value, -INT_MAX - 1, 0xffffffff) | 0;
}
