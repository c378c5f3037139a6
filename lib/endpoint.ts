/**
 * The state of one socket, apart from the `Socket` object: what the operations and the two drivers work on, and what
 * is left to close when a `Socket` becomes unreachable. It must never refer to its `Socket`.
 */

import type { Calls } from './calls.ts';
import { announceClosing } from './closing.ts';
import { nameOf } from './constant-names.ts';
import {
  ECONNRESET,
  POLLIN,
  POLLRDHUP,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
} from './constants.generated.ts';
import { checked, osError } from './errors.ts';
import { Finalizer, type Held } from './finalizer.ts';
import { type Native, native } from './native.ts';

const timeval = new BigInt64Array(2);
// One struct pollfd: int fd, short events, short revents.
const pollfd = new Int32Array(2);
const pollfdEvents = new Int16Array(pollfd.buffer);

/** The key under which a `Socket` keeps its endpoint, for the files of this package. */
export const kEndpoint = Symbol('endpoint');

const unreachable = new Finalizer<Endpoint>((endpoint) => {
  // A file object keeps its socket reachable: where the socket was closed, its files were forgotten together with it.
  const what = endpoint.closed ? 'unclosed file of ' : 'unclosed ';
  process.emitWarning(`${what}${endpoint.describe()}`, 'ResourceWarning');
  // Nobody is there to be told of a failure.
  endpoint.closeForGood();
});

export class Endpoint {
  /** The descriptor; -1 once it is closed or detached. */
  fd: number;
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** In seconds; null for none. */
  timeout: number | null = null;
  /** O_NONBLOCK is set for certain: by us, on an open file that nobody else has. Never true once {@link disclosed}. */
  nonblocking = false;
  /** Others may have the open file, and may have changed its O_NONBLOCK and its options: see {@link disclose}. */
  disclosed = false;
  /** The last receive on this stream came back short, so that the next attempt would be EAGAIN most likely. */
  drained = false;
  /** SO_RCVTIMEO or SO_SNDTIMEO may be set, by us; once {@link disclosed}, by others too. */
  kernelTimeouts = false;
  /**
   * SO_RCVLOWAT, which a blocking receive honours and an attempt does not. What others set is not seen: to ask before each
   * receive would cost a good part of it.
   */
  lowWater = 1;
  /** An accept has found no connection: the next one asks poll(2) first. */
  hadNone = false;
  /** A connection is being made: the error that it may bring belongs to connect and to nobody else. */
  connecting = false;
  /**
   * The errno that ended a call which had a part of its result to return; 0 for none. The next send fails with it, and
   * the next receive for which nothing is left.
   */
  deferredError = 0;
  /** The socket has been closed or detached by its owner. File objects may hold the descriptor open all the same. */
  closed = false;
  /** How many file objects hold the descriptor open. */
  files = 0;
  /** Whether pending calls keep the process alive. */
  referenced = true;
  /** How many asynchronous calls have completed at once since the delivery that was counted last. */
  immediate = 0;
  countedDelivery = -1;
  /** The asynchronous calls; undefined until there is one. */
  calls: Calls | undefined;
  #held: Held<Endpoint> | undefined;

  /** @param fd a descriptor that is closed with this environment: see {@link Native.owned} */
  constructor(fd: number, family: number, type: number, proto: number) {
    this.fd = fd;
    this.family = family;
    this.type = type;
    this.proto = proto;
  }

  /**
   * The descriptor, for somebody outside this library.
   *
   * O_NONBLOCK belongs to the open file, and whoever has a descriptor of it may change it: a child process that makes its
   * standard input blocking changes it for us. An accept(2) that took the flag for granted would then stop the event
   * loop, for as long as nobody connects. All descriptors here are close-on-exec, so nobody gets one but by its number,
   * which `fileno` tells, or through a duplicate; until then the flag is as we have set it, and afterwards each call that
   * depends on it looks.
   */
  disclose(): number {
    this.disclosed = true;
    this.nonblocking = false;
    return this.fd;
  }

  /** Sets O_NONBLOCK, or clears it. */
  setNonblocking(on: boolean): void {
    checked(native.setNonblocking(this.fd, on), 'ioctl');
    this.nonblocking = on && !this.disclosed;
  }

  /** Closes the descriptor, with a warning, should its owner become unreachable before it is given up. */
  ownedBy(owner: object): void {
    this.#held = unreachable.register(owner, this);
  }

  /** Throws the error that an earlier call has left for this one. */
  throwDeferred(syscall: string): void {
    if (this.deferredError === 0) return;
    const errno = this.deferredError;
    this.deferredError = 0;
    throw osError(errno, syscall);
  }

  /** Whether nothing will be received any more; for where neither a receive nor readiness says so. */
  hasEnded(): boolean {
    // An error is reported too, unasked.
    return this.#poll(POLLRDHUP) > 0 && (pollfdEvents[3]! & POLLRDHUP) !== 0;
  }

  /** Whether there is something to receive or to accept, or an error to be told of. */
  isReadable(): boolean {
    return this.#poll(POLLIN) !== 0;
  }

  #poll(events: number): number {
    pollfd[0] = this.fd;
    pollfdEvents[2] = events;
    return native.poll(pollfd, 0);
  }

  /** SO_RCVTIMEO or SO_SNDTIMEO in milliseconds; null where there is none. */
  kernelTimeout(sending: boolean): number | null {
    if (!this.kernelTimeouts && !this.disclosed) return null;
    const result = native.getsockopt(this.fd, SOL_SOCKET, sending ? SO_SNDTIMEO : SO_RCVTIMEO, timeval);
    if (result < 0) return null;
    const milliseconds = Number(timeval[0]) * 1000 + Number(timeval[1]) / 1000;
    return milliseconds === 0 ? null : milliseconds;
  }

  /** Hands the descriptor over to the program. Returns it; -1 if it is given up already. */
  detach(): number {
    const fd = this.#giveUp();
    if (fd >= 0) native.own(fd, false);
    return fd;
  }

  /** Gives the descriptor up, after everything that waits on it has been told. Returns it; -1 if that is done. */
  #giveUp(): number {
    const { fd } = this;
    this.closed = true;
    if (fd < 0) return fd;
    if (this.#held !== undefined) unreachable.unregister(this.#held);
    this.fd = -1;
    this.drained = false;
    this.hadNone = false;
    this.deferredError = 0;
    this.calls?.close();
    this.calls = undefined;
    return fd;
  }

  /**
   * Closes the descriptor, or leaves that to the last file object where some hold it open.
   *
   * @returns what close(2) returns; 0 where there is nothing to close, or not yet
   */
  close(): number {
    this.closed = true;
    return this.files > 0 ? 0 : this.closeForGood();
  }

  /** Closes the descriptor, whoever holds it open. Returns what {@link close} does. */
  closeForGood(): number {
    const fd = this.#giveUp();
    if (fd < 0) return 0;
    announceClosing(fd);
    const result = native.close(fd);
    // The peer's reset is no failure to close: the descriptor is gone all the same.
    return result === -ECONNRESET ? 0 : result;
  }

  /** A file object lets go. Returns what {@link close} does, if the socket has only waited for that. */
  drop(): number {
    this.files--;
    return this.closed ? this.close() : 0;
  }

  /** `<Socket fd=4, family=AF_INET, type=SOCK_STREAM, proto=0>`, with more at the end. */
  describe(more = ''): string {
    const { fd, closed, family, type, proto } = this;
    const familyName = nameOf('AF', family) ?? family;
    const typeName = nameOf('SOCK', type) ?? type;
    return `<Socket ${closed ? '[closed] ' : ''}fd=${fd}, family=${familyName}, type=${typeName}, proto=${proto}${more}>`;
  }
}
