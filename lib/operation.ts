/**
 * What a socket operation is: an attempt that never blocks. It makes one native call and returns what the operation
 * is for, or says that it has to wait. Each is written once (receiving.ts, sending.ts, connecting.ts); the drivers
 * (drive-sync.ts, drive-async.ts) own all that waiting means: deadline, retry, interruption, cancellation.
 */
import { MSG_DONTWAIT, SOCK_STREAM } from './constants.generated.ts';
import type { Endpoint } from './endpoint.ts';

/** An attempt got nothing: wait and try again. */
export const PENDING = Symbol('pending');
/** An attempt got a part: wait and go on. */
export const ADVANCED = Symbol('advanced');

export type Outcome<T> = T | typeof PENDING | typeof ADVANCED;

export interface Operation<T> {
  /** The system call, for errors. */
  readonly syscall: string;
  /** What to wait for: READABLE, WRITABLE, or PRIORITY for the error queue. */
  readonly direction: number;
  /** One try. Throws what the call fails with. */
  attempt(): Outcome<T>;
  /** Waiting first saves a call that would return EAGAIN. */
  readonly waitFirst: boolean;
  /** It fails instead of waiting, whatever the timeout: the caller asked for that by a flag. */
  readonly neverWaits: boolean;
  /** The errno that it fails with where it would have to wait and may not. */
  wouldBlock: number;
  /** The timeout begins anew with each part that is done. */
  readonly renewsTimeout?: boolean;
  /** Nobody wants its result any more: the next attempt ends it, also on a socket that has been closed meanwhile. */
  readonly abandoned?: boolean;
  /** What the kernel would return when the wait ends early, PENDING where it would fail. */
  partial?(): Outcome<T>;
  /** The address that the operation is about, for errors. */
  readonly address?: unknown;
}

/**
 * An operation whose attempts are one native call each, which returns a count of bytes or a negative errno. Most calls
 * are done after the first of them: it is made before there is an operation, which goes on from its result where it
 * has to.
 */
export interface Transfer<T> extends Operation<T> {
  /** What an attempt makes of the call's result. */
  conclude(count: number): Outcome<T>;
}

/** In the place of the first call's result: it has not been made. No errno and no count is so low. */
export const UNTRIED = -0x3fffffff;

/** Whether bytes come without boundaries, so that a call may do a part of what it was asked for. */
export const isStream = (endpoint: Endpoint) => endpoint.type === SOCK_STREAM;

/** Whether the kernel's own blocking call would stay until everything is done. */
export const staysToTheEnd = (endpoint: Endpoint, flags: number) =>
  endpoint.timeout === null && isStream(endpoint) && (flags & MSG_DONTWAIT) === 0;

/** Whether a call's flags forbid it to wait. */
export const forbidsWaiting = (flags: number) => (flags & MSG_DONTWAIT) !== 0;
