/** The operations that send: send(2) and sendto(2). */
import { EAGAIN, EINPROGRESS, EPIPE, MSG_FASTOPEN } from './constants.generated.ts';
import type { Endpoint } from './endpoint.ts';
import { osError } from './errors.ts';
import { native } from './native.ts';
import {
  ADVANCED,
  forbidsWaiting,
  type Operation,
  type Outcome,
  PENDING,
  staysToTheEnd,
  type Transfer,
} from './operation.ts';
import { WRITABLE } from './readiness.ts';

type View = NodeJS.ArrayBufferView;
/** The native call that sends a part of a view. */
type Call = (offset: number, length: number) => number;

/** What a send is about, for errors. */
export interface Subject {
  readonly syscall: string;
  readonly address?: unknown;
}

/** One call. */
function transmit(subject: Subject, size: number, flags: number, call: Call): Transfer<number> {
  return {
    syscall: subject.syscall,
    direction: WRITABLE,
    waitFirst: false,
    neverWaits: forbidsWaiting(flags),
    wouldBlock: EAGAIN,
    address: subject.address,
    attempt() {
      return this.conclude(call(0, size));
    },
    conclude(count) {
      if (count >= 0) return count;
      if (count === -EAGAIN) return PENDING;
      throw osError(-count, subject.syscall, subject.address);
    },
  };
}

/**
 * Calls to the last byte, with waits in between.
 *
 * @param partial the result where only so many bytes are sent, PENDING where that is an error
 */
function transmitAll<T>(
  endpoint: Endpoint,
  subject: Subject,
  size: number,
  flags: number,
  call: Call,
  finish: (count: number) => T,
  partial: (count: number) => Outcome<T>,
): Transfer<T> {
  let sent = 0;
  return {
    syscall: subject.syscall,
    direction: WRITABLE,
    waitFirst: false,
    neverWaits: forbidsWaiting(flags),
    wouldBlock: EAGAIN,
    address: subject.address,
    partial: () => partial(sent),
    attempt() {
      return this.conclude(call(sent, size - sent));
    },
    conclude(count) {
      if (count < 0) {
        if (count === -EAGAIN) return PENDING;
        // With TCP_FASTOPEN_CONNECT the first send begins the connection; one of nothing waits until it is made.
        if (count === -EINPROGRESS && !endpoint.timeout) {
          this.wouldBlock = EINPROGRESS;
          return PENDING;
        }
        const outcome = partial(sent);
        if (outcome === PENDING) throw osError(-count, subject.syscall, subject.address);
        // The part is the result, and the kernel has handed the error out already, but for EPIPE, which stays.
        if (count !== -EPIPE) endpoint.deferredError = -count;
        return outcome;
      }
      sent += count;
      return sent >= size ? finish(sent) : ADVANCED;
    },
  };
}

/** Whether a send may be tried before its operation is made: nothing else has to be told first. */
export const isPlain = (endpoint: Endpoint, flags: number) =>
  endpoint.deferredError === 0 && (flags & MSG_FASTOPEN) === 0;

const same = (count: number) => count;
const nothing = () => undefined;
const sentPart = (count: number) => (count > 0 ? count : PENDING);

/**
 * A blocking send on a stream goes on until everything is queued, as the kernel's does; what it has queued when the
 * wait ends early is its result. Any other send is one call.
 *
 * @param size of all there is to send, as it is now: memory that is resized meanwhile must not make it another datagram
 * @param call makes the native call for a part, and checks that the memory still has so much
 */
export function sendOnce(
  endpoint: Endpoint,
  subject: Subject,
  size: number,
  flags: number,
  call: Call,
): Transfer<number> {
  return staysToTheEnd(endpoint, flags)
    ? transmitAll(endpoint, subject, size, flags, call, same, sentPart)
    : transmit(subject, size, flags, call);
}

/** send(2). */
export function send(endpoint: Endpoint, view: View, flags: number): Transfer<number> {
  const call: Call = (offset, length) => native.send(endpoint.fd, view, flags, offset, length);
  return sendOnce(endpoint, { syscall: 'send' }, view.byteLength, flags, call);
}

/** send(2) until everything is sent. How much was sent before an error cannot be known. */
export function sendall(endpoint: Endpoint, view: View, flags: number): Transfer<void> {
  const call: Call = (offset, length) => native.send(endpoint.fd, view, flags, offset, length);
  return transmitAll(endpoint, { syscall: 'send' }, view.byteLength, flags, call, nothing, () => PENDING);
}

/**
 * A call to an address. With MSG_FASTOPEN it connects too; where the connection is still being made no byte has gone
 * with it, and the rest is a plain send.
 *
 * @param call makes the native call for a part, with flags
 */
export function connecting(
  endpoint: Endpoint,
  flags: number,
  call: (offset: number, length: number, flags: number) => number,
): Call {
  let pending = flags;
  return (offset, length) => {
    const count = call(offset, length, pending);
    if (count !== -EINPROGRESS || (flags & MSG_FASTOPEN) === 0 || endpoint.timeout === 0) return count;
    pending = flags & ~MSG_FASTOPEN;
    return -EAGAIN;
  };
}

/** sendto(2). */
export function sendto(
  endpoint: Endpoint,
  view: View,
  flags: number,
  sockaddr: Buffer,
  address: unknown,
): Transfer<number> {
  const call = connecting(endpoint, flags, (offset, length, pending) =>
    native.sendto(endpoint.fd, view, pending, sockaddr, offset, length),
  );
  return sendOnce(endpoint, { syscall: 'sendto', address }, view.byteLength, flags, call);
}

/** Bytes that wait to be sent: lib/files/byte-store.ts. */
interface Emptying {
  readonly memory: Buffer;
  readonly start: number;
  readonly length: number;
  skip(count: number): void;
}

/** send(2) of what a store has, of which each attempt takes out what it has sent. */
export function drain(endpoint: Endpoint, store: Emptying): Operation<number> {
  return {
    syscall: 'send',
    direction: WRITABLE,
    waitFirst: false,
    neverWaits: false,
    wouldBlock: EAGAIN,
    attempt() {
      const count = native.send(endpoint.fd, store.memory, 0, store.start, store.length);
      if (count === -EAGAIN) return PENDING;
      if (count < 0) throw osError(-count, 'send');
      store.skip(count);
      return count;
    },
  };
}
