/**
 * What a socket is apart from its options and its traffic: the ownership of a descriptor, its names and timeouts.
 */
import { inspect } from 'node:util';
import { storage, stored } from '../address/address.ts';
import { audit } from '../diagnostics.ts';
import { Endpoint, kEndpoint } from '../endpoint.ts';
import { checked } from '../errors.ts';
import type { AddressOf } from '../family.ts';
import { native } from '../native.ts';
import { seconds } from '../validate.ts';
import { open } from './socket-open.ts';

/** The base of `Socket`: a descriptor with its names and timeouts. */
export class SocketHandle<F extends number = number> {
  /** @internal */
  readonly [kEndpoint]: Endpoint;

  protected constructor(family: unknown, type: unknown, proto: unknown, fileno: unknown) {
    const endpoint = family instanceof Endpoint ? family : open(family, type, proto, fileno);
    this[kEndpoint] = endpoint;
    endpoint.ownedBy(this);
    if (audit.new.hasSubscribers) {
      audit.new.publish({
        socket: this,
        family: endpoint.family,
        type: endpoint.type,
        protocol: endpoint.proto,
      });
    }
  }

  /** The address family, AF_INET and so on. */
  get family(): F {
    return this[kEndpoint].family as F;
  }
  /** The socket type, SOCK_STREAM and so on, without SOCK_NONBLOCK and SOCK_CLOEXEC. */
  get type(): number {
    return this[kEndpoint].type;
  }
  /** The protocol number. */
  get proto(): number {
    return this[kEndpoint].proto;
  }
  /** The timeout in seconds; null for none. See {@link settimeout}. */
  get timeout(): number | null {
    return this[kEndpoint].timeout;
  }
  /** Whether the socket has been closed or detached. File objects of `makefile` may still use it then. */
  get closed(): boolean {
    return this[kEndpoint].closed;
  }

  /** The descriptor; -1 once the socket and its file objects are closed, or it is detached. Python: `socket.fileno()`. */
  fileno(): number {
    return this[kEndpoint].disclose();
  }

  /**
   * Gives the descriptor up without closing it; pending asynchronous calls reject with ECANCELED.
   *
   * @returns the descriptor, which now belongs to the caller; -1 if the socket is closed
   */
  detach(): number {
    return this[kEndpoint].detach();
  }

  /**
   * Closes the socket: close(2). Pending asynchronous calls reject with `OSError` ECANCELED. Closing twice is no
   * error. The descriptor is gone even when this throws. While file objects of `makefile` are open, all of this
   * happens when the last of them is closed, and the socket can be used until then.
   */
  close(): void {
    checked(this[kEndpoint].close(), 'close');
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Lets pending asynchronous calls keep the process alive, as they do from the beginning. */
  ref(): this {
    return this.#keepAlive(true);
  }

  /** Lets the process end although asynchronous calls are pending. */
  unref(): this {
    return this.#keepAlive(false);
  }

  #keepAlive(on: boolean): this {
    const endpoint = this[kEndpoint];
    endpoint.referenced = on;
    endpoint.calls?.keepAlive(on);
    return this;
  }

  /** Whether a child process inherits the descriptor: FD_CLOEXEC is not set. It is set on all that this library makes. */
  getInheritable(): boolean {
    return checked(native.getInheritable(this[kEndpoint].fd), 'fcntl') === 1;
  }

  /** Sets whether a child process inherits the descriptor. */
  setInheritable(inheritable: boolean): void {
    checked(native.setInheritable(this[kEndpoint].disclose(), Boolean(inheritable)), 'ioctl');
  }

  /** The socket's own address: getsockname(2). */
  getsockname(): AddressOf<F> {
    const endpoint = this[kEndpoint];
    checked(native.getsockname(endpoint.fd, storage), 'getsockname');
    return stored(endpoint) as AddressOf<F>;
  }

  /** The peer's address: getpeername(2). Throws `OSError` ENOTCONN where there is none. */
  getpeername(): AddressOf<F> {
    const endpoint = this[kEndpoint];
    checked(native.getpeername(endpoint.fd, storage), 'getpeername');
    return stored(endpoint) as AddressOf<F>;
  }

  /**
   * Sets the timeout of all calls that wait. O_NONBLOCK of the descriptor mirrors it.
   *
   * @param timeout in seconds, fractions count; null waits without limit; 0 makes the socket non-blocking, that is,
   * a synchronous call that would have to wait throws `BlockingIOError` and an asynchronous one waits without limit
   * @throws {RangeError} a negative number, infinity or NaN
   */
  settimeout(timeout: number | null): void {
    const checkedTimeout = seconds('settimeout', 'timeout', timeout);
    const endpoint = this[kEndpoint];
    endpoint.setNonblocking(checkedTimeout !== null);
    endpoint.timeout = checkedTimeout;
  }

  /** The timeout in seconds; null for none. */
  gettimeout(): number | null {
    return this[kEndpoint].timeout;
  }

  /** `setblocking(true)` is `settimeout(null)`, `setblocking(false)` is `settimeout(0)`. */
  setblocking(blocking: boolean): void {
    this.settimeout(blocking ? null : 0);
  }

  /** False where the timeout is 0. */
  getblocking(): boolean {
    return this[kEndpoint].timeout !== 0;
  }

  /** `<Socket fd=4, family=AF_INET, type=SOCK_STREAM, proto=0, laddr=..., raddr=...>` */
  toString(): string {
    const endpoint = this[kEndpoint];
    const name = (label: string, get: (fd: number, into: Uint8Array) => number) => {
      if (endpoint.closed || get(endpoint.fd, storage) < 0) return '';
      const address = stored(endpoint);
      return address === null || address === '' ? '' : `, ${label}=${inspect(address)}`;
    };
    return endpoint.describe(name('laddr', native.getsockname) + name('raddr', native.getpeername));
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Closes a socket that file objects of `makefile` may hold open. */
export function closeForGood(socket: SocketHandle): void {
  socket[kEndpoint].closeForGood();
}
