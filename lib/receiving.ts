/** The operations that receive: recv(2) and recvfrom(2), into memory of our own or of the caller's. */
import { storage, stored } from './address/address.ts';
import { land, landing, taken } from './buffers.ts';
import { boundary, receiveAll, staysFor } from './collecting.ts';
import { EAGAIN, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_TRUNC } from './constants.generated.ts';
import type { Endpoint } from './endpoint.ts';
import { osError } from './errors.ts';
import type { Address } from './family.ts';
import { native } from './native.ts';
import {
  forbidsWaiting,
  isStream,
  type Operation,
  type Outcome,
  PENDING,
  type Transfer,
} from './operation.ts';
import { PRIORITY, READABLE } from './readiness.ts';

type View = NodeJS.ArrayBufferView;

/** What is received, and how. */
interface Source<T> {
  readonly syscall: string;
  /** Makes the native call: returns the bytes received or a negative errno. */
  call(endpoint: Endpoint, size: number, flags: number): number;
  /** Turns the number of bytes into the result; with MSG_TRUNC it may be more than `size`. */
  finish(count: number, endpoint: Endpoint, size: number): T;
}

/**
 * Whether to wait for SO_RCVLOWAT bytes first: poll(2) knows about the mark, an attempt does not. The kernel's blocking
 * call waits for no more than are asked for. A call with a timeout begins with poll(2), as in Python, and an asynchronous
 * one without limit with an attempt, as in asyncio.
 */
function waitsForLowWater({ lowWater, timeout }: Endpoint, size: number, flags: number): boolean {
  if (timeout === 0 || (flags & (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE)) !== 0) return false;
  return timeout !== null || size >= lowWater;
}

class Receive<T> implements Transfer<T> {
  readonly waitFirst: boolean;
  readonly #endpoint: Endpoint;
  readonly #source: Source<T>;
  readonly #size: number;
  readonly #flags: number;
  #attempts = 0;

  constructor(endpoint: Endpoint, source: Source<T>, size: number, flags: number) {
    // What has been drained may have bytes again that poll(2) does not tell of, fewer than SO_RCVLOWAT.
    this.waitFirst =
      endpoint.lowWater > 1 ? waitsForLowWater(endpoint, size, flags) : flags === 0 && endpoint.drained;
    this.#endpoint = endpoint;
    this.#source = source;
    this.#size = size;
    this.#flags = flags;
  }

  get syscall(): string {
    return this.#source.syscall;
  }

  get direction(): number {
    return this.#flags & MSG_ERRQUEUE ? PRIORITY : READABLE;
  }

  get neverWaits(): boolean {
    // The kernel does not wait for urgent data either.
    return forbidsWaiting(this.#flags) || (this.#flags & MSG_OOB) !== 0;
  }

  get wouldBlock(): number {
    return EAGAIN;
  }

  attempt(): Outcome<T> {
    return this.conclude(this.#source.call(this.#endpoint, this.#size, this.#flags));
  }

  /** The kernel's blocking call returns what has arrived when it has waited for SO_RCVLOWAT bytes in vain. */
  partial(): Outcome<T> {
    return this.waitFirst && this.#endpoint.timeout === null ? this.attempt() : PENDING;
  }

  conclude(count: number): Outcome<T> {
    const endpoint = this.#endpoint;
    if (count <= 0) endpoint.throwDeferred(this.syscall);
    if (count < 0) {
      if (count !== -EAGAIN) throw osError(-count, this.syscall);
      // A receive that may not block does not look whether a datagram socket has been shut down; a blocking one
      // does, and returns nothing.
      if (this.#attempts++ === 0 || endpoint.timeout !== null || isStream(endpoint) || !endpoint.hasEnded())
        return PENDING;
      storage.fill(0);
      return this.#source.finish(0, endpoint, this.#size);
    }
    noteDrained(endpoint, count, this.#size, this.#flags);
    return this.#source.finish(count, endpoint, this.#size);
  }
}

/** A peek leaves everything where it is, and a datagram may be followed by another. */
function noteDrained(endpoint: Endpoint, count: number, size: number, flags: number): void {
  endpoint.drained = flags === 0 && count < size && isStream(endpoint);
}

/** One receive of at most `size` bytes. */
export const receive = <T>(endpoint: Endpoint, source: Source<T>, size: number, flags: number): Transfer<T> =>
  new Receive(endpoint, source, size, flags);

/** Whether a receive may be tried before its operation is made: there is nothing out of the ordinary about it. */
export const isPlain = (endpoint: Endpoint, size: number, flags: number) =>
  flags === 0 && size > 0 && !endpoint.drained && endpoint.lowWater === 1;

/** The result of the first call of a plain receive. */
function first(endpoint: Endpoint, count: number, size: number): number {
  if (count > 0) noteDrained(endpoint, count, size, 0);
  return count;
}

/** The first `count` bytes of a buffer, without the memory behind them. */
export const cut = (buffer: Buffer, count: number) =>
  count === buffer.length ? buffer : Buffer.from(buffer.subarray(0, count));

/** A receive of no bytes, for which Python makes no call. */
function receiveNothing<T>(value: T): Transfer<T> {
  return {
    syscall: 'recv',
    direction: READABLE,
    waitFirst: false,
    neverWaits: true,
    wouldBlock: EAGAIN,
    attempt: () => value,
    conclude: () => value,
  };
}

const bytes: Source<Buffer> = {
  syscall: 'recv',
  call(endpoint, size, flags) {
    land(size, (flags & MSG_TRUNC) !== 0);
    return native.recv(endpoint.fd, landing.view, flags, landing.offset, size);
  },
  finish: (count, _endpoint, size) => taken(Math.min(count, size)),
};

/** The first call of a plain {@link recv}; {@link taken} has the bytes. */
export const firstRecv = (endpoint: Endpoint, size: number) =>
  first(endpoint, bytes.call(endpoint, size, 0), size);

/** recv(2) into memory of our own. */
export function recv(endpoint: Endpoint, size: number, flags: number): Transfer<Buffer> {
  if (size === 0) return receiveNothing(Buffer.alloc(0));
  const enough = staysFor(endpoint, size, flags);
  if (enough > 0) {
    const buffer = Buffer.alloc(size);
    const call = (offset: number, length: number) => native.recv(endpoint.fd, buffer, flags, offset, length);
    const ends = boundary(endpoint, flags);
    return receiveAll(endpoint, 'recv', size, enough, flags, call, (count) => cut(buffer, count), ends);
  }
  return receive(endpoint, bytes, size, flags);
}

const same = (count: number) => count;

/** The first call of a plain {@link recvInto}. */
export function firstRecvInto(endpoint: Endpoint, view: View, whole: boolean, size: number): number {
  const { fd } = endpoint;
  return first(endpoint, whole ? native.recv(fd, view) : native.recv(fd, view, 0, 0, size), size);
}

/** recv(2) into the caller's memory. */
export function recvInto(endpoint: Endpoint, view: View, size: number, flags: number): Transfer<number> {
  if (size === 0) return receiveNothing(0);
  const call = (offset: number, length: number) => native.recv(endpoint.fd, view, flags, offset, length);
  const enough = staysFor(endpoint, size, flags);
  return enough > 0
    ? receiveAll(endpoint, 'recv', size, enough, flags, call, same, boundary(endpoint, flags))
    : receive(endpoint, { syscall: 'recv', call: () => call(0, size), finish: same }, size, flags);
}

function recvfromAll<T>(
  endpoint: Endpoint,
  view: View,
  size: number,
  enough: number,
  flags: number,
  data: (count: number) => T,
): Transfer<[data: T, address: Address | null]> {
  let address: Address | null = null;
  const call = (offset: number, length: number) => {
    const count = native.recvfrom(endpoint.fd, view, flags, storage, offset, length);
    if (count > 0) address = stored(endpoint);
    return count;
  };
  const finish = (count: number): [T, Address | null] => [data(count), address];
  return receiveAll(endpoint, 'recvfrom', size, enough, flags, call, finish, boundary(endpoint, flags));
}

const datagram: Source<[data: Buffer, address: Address | null]> = {
  syscall: 'recvfrom',
  call(endpoint, size, flags) {
    land(size, (flags & MSG_TRUNC) !== 0);
    return native.recvfrom(endpoint.fd, landing.view, flags, storage, landing.offset, size);
  },
  finish: (count, endpoint, size) => [taken(Math.min(count, size)), stored(endpoint)],
};

/** The first call of a plain {@link recvfrom}; {@link taken} has the bytes and {@link stored} the address. */
export const firstRecvfrom = (endpoint: Endpoint, size: number) =>
  first(endpoint, datagram.call(endpoint, size, 0), size);

/** recvfrom(2) into memory of our own. */
export function recvfrom(
  endpoint: Endpoint,
  size: number,
  flags: number,
): Transfer<[data: Buffer, address: Address | null]> {
  const enough = staysFor(endpoint, size, flags);
  if (enough > 0) {
    const buffer = Buffer.alloc(size);
    return recvfromAll(endpoint, buffer, size, enough, flags, (count) => cut(buffer, count));
  }
  return receive(endpoint, datagram, size, flags);
}

/** The first call of a plain {@link recvfromInto}; {@link stored} has the address. */
export function firstRecvfromInto(endpoint: Endpoint, view: View, whole: boolean, size: number): number {
  const { fd } = endpoint;
  const count = whole
    ? native.recvfrom(fd, view, 0, storage)
    : native.recvfrom(fd, view, 0, storage, 0, size);
  return first(endpoint, count, size);
}

/** recvfrom(2) into the caller's memory. */
export function recvfromInto(
  endpoint: Endpoint,
  view: View,
  size: number,
  flags: number,
): Transfer<[count: number, address: Address | null]> {
  const enough = staysFor(endpoint, size, flags);
  if (enough > 0) return recvfromAll(endpoint, view, size, enough, flags, same);
  const call = () => native.recvfrom(endpoint.fd, view, flags, storage, 0, size);
  const finish = (count: number): [number, Address | null] => [count, stored(endpoint)];
  return receive(endpoint, { syscall: 'recvfrom', call, finish }, size, flags);
}

/** Memory that receives one after the other fill: lib/files/byte-store.ts. */
interface Filling {
  readonly memory: Buffer;
  readonly end: number;
  room(total: number): number;
  filled(count: number): void;
}

/**
 * recv(2) behind the bytes of a store, which is to hold `total` bytes. Where that is, each attempt asks anew, so that
 * whoever uses the store between two of them does no harm.
 */
export function fill(endpoint: Endpoint, store: Filling, total: number): Operation<number> {
  const size = store.room(total);
  const call = () => native.recv(endpoint.fd, store.memory, 0, store.end, Math.min(size, store.room(total)));
  const finish = (count: number) => {
    store.filled(count);
    return count;
  };
  return receive(endpoint, { syscall: 'recv', call, finish }, size, 0);
}
