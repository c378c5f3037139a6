/** The operations that make connections: accept(2) and connect(2). */
import { storage, stored } from './address/address.ts';
import {
  AF_ALG,
  AF_INET,
  AF_INET6,
  EAGAIN,
  EALREADY,
  EINPROGRESS,
  EINTR,
  EINVAL,
  EISCONN,
  SO_ERROR,
  SOL_SOCKET,
} from './constants.generated.ts';
import type { Endpoint } from './endpoint.ts';
import { checked, osError } from './errors.ts';
import type { Address } from './family.ts';
import { native } from './native.ts';
import { type Operation, PENDING } from './operation.ts';
import { READABLE, WRITABLE } from './readiness.ts';

/** accept4(2): a new descriptor with the peer's address, which AF_ALG's have not. */
export function accept(endpoint: Endpoint): Operation<[fd: number, address: Address | null]> {
  let attempts = 0;
  // The kernel fails to give a connection whose peer it cannot name.
  const unnamed = endpoint.family === AF_ALG;
  return {
    syscall: 'accept',
    direction: READABLE,
    waitFirst: false,
    neverWaits: false,
    wouldBlock: EAGAIN,
    attempt() {
      // accept(2) makes a file before it looks for a connection: to find none takes far longer than to ask poll(2).
      if (attempts === 0 && endpoint.hadNone && !endpoint.isReadable()) {
        attempts = 1;
        return PENDING;
      }
      const fd = native.owned.accept(endpoint.fd, unnamed ? null : storage, endpoint.nonblocking);
      // The first accept has switched it.
      if (fd >= 0 || fd === -EAGAIN) endpoint.nonblocking = !endpoint.disclosed;
      if (fd >= 0) return [fd, unnamed ? null : stored(endpoint)];
      if (fd !== -EAGAIN) throw osError(-fd, 'accept');
      endpoint.hadNone = true;
      // An accept that may not block does not look whether a Unix socket has been shut down; a blocking one does.
      if (attempts++ > 0 && endpoint.timeout === null && endpoint.hasEnded()) throw osError(EINVAL, 'accept');
      return PENDING;
    },
  };
}

const MOST_IN_A_TURN = 32;
let made = 0;

/** Counts a connection that has been made, or refused, in this turn of the event loop. */
function countConnection(): void {
  if (made++ > 0) return;
  setImmediate(() => {
    made = 0;
  }).unref();
}

/**
 * Whether one more connection may be made without a turn of the event loop. A program that makes one after the other
 * would starve all else, its own server first: each is of another socket, so that the driver's count, which is for one
 * socket, does not see it.
 */
export const mayConnectAtOnce = () => made < MOST_IN_A_TURN;

const errorNumber = new Int32Array(1);
/** A sockaddr of AF_UNSPEC: connect(2) to it ends a connection, also one that is being made or could not be. */
const nowhere = Buffer.alloc(16);

/**
 * connect(2), with the wait for a connection that is being made.
 *
 * @param atOnce whether a second call may follow at once, which tells of a connection within this machine without a wait
 * @param joins whether it waits for a connection that an earlier call has begun
 */
export function connect(
  endpoint: Endpoint,
  sockaddr: Buffer,
  address: unknown,
  atOnce: boolean,
  joins: boolean,
): Operation<void> {
  // An earlier call may have given up on its connection.
  endpoint.connecting = false;
  const steps = connecting(endpoint, sockaddr, address, atOnce, joins);
  return {
    syscall: 'connect',
    direction: WRITABLE,
    waitFirst: false,
    neverWaits: false,
    wouldBlock: EAGAIN,
    address,
    attempt() {
      const step = steps.next();
      if (step.done) return undefined;
      this.wouldBlock = step.value;
      return PENDING;
    },
  };
}

/** The steps of connect(2). Yields, each time it has to wait, the errno that says what for. */
function* connecting(
  endpoint: Endpoint,
  sockaddr: Buffer,
  address: unknown,
  atOnce: boolean,
  joins: boolean,
): Generator<number, void> {
  for (;;) {
    const result = native.connect(endpoint.fd, sockaddr, endpoint.nonblocking);
    if (result === 0) return;
    if (result === -EINPROGRESS || result === -EINTR) break;
    if (result === -EALREADY && joins) break;
    // A Unix socket's full backlog: nothing has begun, and there is nothing to wait for but time.
    if (result !== -EAGAIN) throw osError(-result, 'connect', address);
    yield EAGAIN;
  }
  endpoint.connecting = true;
  const internet = endpoint.family === AF_INET || endpoint.family === AF_INET6;
  // A peer on the same machine has answered by now, although the first call could not say so.
  let waits = !(atOnce && internet);
  for (;;) {
    if (waits) {
      yield EINPROGRESS;
      throwSocketError(endpoint, address, internet);
    }
    waits = true;
    // On an Internet socket a second call tells what has become of the connection, and it has to be made: until then
    // Linux takes the connection for unfinished, and the program's next connect would not get EISCONN.
    const result = native.connect(endpoint.fd, sockaddr, endpoint.nonblocking);
    if (result === -EALREADY) continue;
    endpoint.connecting = false;
    countConnection();
    if (result === 0 || result === -EISCONN) return;
    throw osError(-result, 'connect', address);
  }
}

/**
 * Throws what has become of the connection, where that is an error. One more connect(2) would say so, too, but not after a
 * shutdown(2), which ends a connection that is being made: it would begin another.
 */
function throwSocketError(endpoint: Endpoint, address: unknown, internet: boolean): void {
  checked(native.getsockopt(endpoint.fd, SOL_SOCKET, SO_ERROR, errorNumber), 'getsockopt');
  if (errorNumber[0] === 0) return;
  // Linux would take the connection for unfinished still, and the program's next connect would get ECONNABORTED.
  if (internet) native.connect(endpoint.fd, nowhere, endpoint.nonblocking);
  endpoint.connecting = false;
  throw osError(errorNumber[0]!, 'connect', address);
}
