/** The `Socket` class: every call that waits, in its synchronous and its asynchronous form. */

import { type AsyncOptions, signalOf } from '../abort.ts';
import * as connecting from '../connecting.ts';
import {
  EAGAIN,
  ECANCELED,
  SO_ACCEPTCONN,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  SOMAXCONN,
} from '../constants.generated.ts';
import { audit } from '../diagnostics.ts';
import { runAsync } from '../drive-async.ts';
import { runSync } from '../drive-sync.ts';
import { type Endpoint, kEndpoint } from '../endpoint.ts';
import { checked, gaierror, InterruptedError, OSError, TimeoutError } from '../errors.ts';
import type { AddressInputOf, AddressOf, PeerOf } from '../family.ts';
import { resolve } from '../names/resolver.ts';
import { native } from '../native.ts';
import { type DuplexOptions, SocketDuplex } from '../node/duplex.ts';
import { type SharedSocket, type ShareOptions, share } from '../node/sharing.ts';
import { type SocketStreams, toWeb, type WebOptions } from '../node/web-streams.ts';
import { int } from '../validate.ts';
import { SocketFiles } from './socket-files.ts';
import * as iterate from './socket-iterate.ts';
import { adopt, orClose } from './socket-open.ts';
import { sizeOf } from './socket-transfer.ts';

const DEFAULT_CHUNK = 65536;

/** connect's errors that connectEx returns as numbers: not those of the name's look-up, and not a signal's. */
function errnoOf(error: unknown): number {
  if (error instanceof TimeoutError && error.errno === undefined) return EAGAIN;
  const passedOn = error instanceof gaierror || error instanceof InterruptedError;
  if (error instanceof OSError && !passedOn && error.errno !== undefined) return error.errno;
  throw error;
}

/**
 * A socket, as Python's `socket.socket`: each call that may wait exists twice, `recv` and `recvAsync`, with the same
 * arguments, timeouts and errors. `F` is the type of the address family, from which TypeScript knows the addresses.
 *
 * Errors of all methods: `OSError` and its subclasses for what the system reports; `TypeError` and `RangeError` for
 * wrong arguments; `TimeoutError` and `BlockingIOError` by the timeout (see {@link settimeout}); `OSError` EBADF on a
 * closed socket. Asynchronous calls reject with these, with ECANCELED when the socket is closed meanwhile, and with
 * the signal's reason when it aborts.
 */
export class Socket<F extends number = number> extends SocketFiles<F> {
  /**
   * socket(2), close-on-exec and with the default timeout.
   *
   * @param family AF_INET if left out (null, -1)
   * @param type SOCK_STREAM if left out
   * @param proto 0 if left out
   * @param fileno a descriptor to adopt instead: what is left out is found out from it
   */
  constructor(family?: F | null, type?: number | null, proto?: number | null, fileno?: number | null);
  /** @internal */
  constructor(endpoint: Endpoint);
  constructor(
    family?: F | Endpoint | null,
    type?: number | null,
    proto?: number | null,
    fileno?: number | null,
  ) {
    super(family, type, proto, fileno);
  }

  /** A second socket over a duplicate of the descriptor, with the same timeout: dup(2), close-on-exec. */
  dup(): this {
    const endpoint = this[kEndpoint];
    const { family, type, proto, timeout } = endpoint;
    const copy = checked(native.owned.dup(endpoint.disclose()), 'dup');
    const Class = this.constructor as typeof Socket<F>;
    const socket = orClose(copy, () => new Class(family as F, type, proto, copy));
    socket.settimeout(timeout);
    return socket as this;
  }

  /**
   * Shares the socket with another thread of this process, where `fromshare(token)` makes a socket of it: a duplicate
   * descriptor waits there until it is claimed. Python: `share`, for processes on Windows.
   *
   * @returns a plain object for `postMessage` or `workerData`, good for one claim. The descriptor is closed when it is
   * not claimed within `expires` seconds (60, null for never), by `unshare(token)`, or when this thread ends
   */
  share(options?: ShareOptions): SharedSocket<F> {
    return share(this[kEndpoint], options);
  }

  /**
   * Binds the socket to an address: bind(2). A host name is resolved on this thread.
   *
   * @throws {OSError} EADDRINUSE, EADDRNOTAVAIL, EACCES and so on; `gaierror` for a host name
   */
  bind(address: AddressInputOf<F>): void {
    const endpoint = this[kEndpoint];
    const sockaddr = resolve('bind', endpoint, address);
    if (audit.bind.hasSubscribers) audit.bind.publish({ socket: this, address });
    checked(native.bind(endpoint.fd, sockaddr), 'bind', address);
  }

  /** Lets the socket accept connections: listen(2). A negative backlog is 0; without one it is min(SOMAXCONN, 128). */
  listen(backlog: number = Math.min(SOMAXCONN, 128)): void {
    const length = Math.max(0, int('listen', 'backlog', backlog));
    checked(native.listen(this[kEndpoint].fd, length), 'listen');
  }

  /** Shuts one or both directions down: shutdown(2). `how` is SHUT_RD, SHUT_WR or SHUT_RDWR. */
  shutdown(how: number): void {
    checked(native.shutdown(this[kEndpoint].fd, int('shutdown', 'how', how)), 'shutdown');
  }

  /**
   * Waits for a connection: accept4(2). The new socket is close-on-exec and has the default timeout.
   *
   * @returns the connection and the address of its peer, null for AF_ALG
   */
  accept(): [connection: Socket<F>, address: PeerOf<F>] {
    const endpoint = this[kEndpoint];
    return this.#accepted(runSync(endpoint, connecting.accept(endpoint)));
  }

  /** {@link accept} on the event loop. */
  async acceptAsync(options?: AsyncOptions): Promise<[connection: Socket<F>, address: PeerOf<F>]> {
    const endpoint = this[kEndpoint];
    return this.#accepted(await runAsync(endpoint, this, () => connecting.accept(endpoint), options));
  }

  #accepted([fd, address]: [number, unknown]): [Socket<F>, PeerOf<F>] {
    const { family, type, proto, kernelTimeouts, disclosed, lowWater } = this[kEndpoint];
    const endpoint = adopt(fd, family, type, proto);
    // The kernel hands these options on to the connection.
    endpoint.kernelTimeouts = kernelTimeouts || disclosed;
    endpoint.lowWater = lowWater;
    const socket = new Socket<F>(endpoint);
    return [socket, address as PeerOf<F>];
  }

  /**
   * Connects to an address: connect(2). A host name is resolved on this thread and its first address counts. After a
   * timeout the connection may still be made.
   *
   * @throws {OSError} ConnectionRefusedError, EHOSTUNREACH and so on; `gaierror` for a host name
   */
  connect(address: AddressInputOf<F>): void {
    const endpoint = this[kEndpoint];
    const sockaddr = resolve('connect', endpoint, address);
    this.#connect(sockaddr, address);
  }

  #connect(sockaddr: Buffer, address: unknown): void {
    const endpoint = this[kEndpoint];
    const { timeout } = endpoint;
    // As the kernel's blocking call, one without a timeout joins in with a connection that an earlier call has begun.
    runSync(endpoint, this.#connecting(sockaddr, address, timeout !== 0, timeout === null));
  }

  #connecting(sockaddr: Buffer, address: unknown, atOnce: boolean, joins: boolean) {
    if (audit.connect.hasSubscribers) audit.connect.publish({ socket: this, address });
    return connecting.connect(this[kEndpoint], sockaddr, address, atOnce, joins);
  }

  /** {@link connect} on the event loop; names are resolved on the pool. Aborting it closes the socket. */
  connectAsync(address: AddressInputOf<F>, options?: AsyncOptions): Promise<void> {
    return this.#connectAsync('connect', address, options);
  }

  async #connectAsync(caller: string, address: unknown, options: AsyncOptions | undefined): Promise<void> {
    const signal = signalOf(caller, options);
    signal?.throwIfAborted();
    try {
      await this.addressed(caller, address, options, (sockaddr) =>
        runAsync(
          this[kEndpoint],
          this,
          // A timeout of 0 is none here.
          () => this.#connecting(sockaddr, address, connecting.mayConnectAtOnce(), !this.timeout),
          options,
        ),
      );
    } catch (error) {
      // What has been begun cannot be undone otherwise.
      if (signal?.aborted) this.close();
      throw error;
    }
  }

  /**
   * As {@link connect}, but returns the errno of connect(2): 0 for success, EAGAIN for a timeout, EINPROGRESS on a
   * non-blocking socket. A wrong address and a failed look-up are thrown all the same.
   */
  connectEx(address: AddressInputOf<F>): number {
    const endpoint = this[kEndpoint];
    const sockaddr = resolve('connectEx', endpoint, address);
    try {
      this.#connect(sockaddr, address);
      return 0;
    } catch (error) {
      return errnoOf(error);
    }
  }

  /** {@link connectEx} on the event loop. Rejects with ECANCELED, as all calls, when the socket is closed meanwhile. */
  async connectExAsync(address: AddressInputOf<F>, options?: AsyncOptions): Promise<number> {
    const open = !this.closed;
    try {
      await this.#connectAsync('connectEx', address, options);
      return 0;
    } catch (error) {
      if (options?.signal?.aborted || (open && error instanceof OSError && error.errno === ECANCELED))
        throw error;
      return errnoOf(error);
    }
  }

  /**
   * Hands the socket over to a `node:stream` Duplex with the names of `net.Socket`, on which `node:http`, `node:tls` and
   * clients run. The stream closes the socket. The socket's timeout becomes 0, as streams have their own.
   *
   * @throws {OSError} EOPNOTSUPP on other than SOCK_STREAM sockets, EINVAL on one that listens
   */
  toDuplex(options?: DuplexOptions): SocketDuplex {
    return new SocketDuplex(this, options);
  }

  /**
   * Hands the socket over to two Web Streams, which close it when both are over. The socket's timeout becomes 0.
   *
   * @throws {OSError} as {@link toDuplex}
   */
  toWeb(options?: WebOptions): SocketStreams {
    return toWeb(this, options);
  }

  /** Accepts connections, one after the other, until the socket is closed on this side. */
  connections(options?: AsyncOptions): AsyncGenerator<[connection: Socket<F>, address: PeerOf<F>], void> {
    return iterate.connections(this, options);
  }

  /** Receives bytes, at most `bufsize` at a time, until the end of the stream. */
  chunks(bufsize = DEFAULT_CHUNK, options?: AsyncOptions): AsyncGenerator<Buffer, void> {
    return iterate.chunks(this, sizeOf('chunks', bufsize) || DEFAULT_CHUNK, options);
  }

  /** Receives datagrams of at most `bufsize` bytes, with the addresses of their senders. */
  datagrams(
    bufsize = DEFAULT_CHUNK,
    options?: AsyncOptions,
  ): AsyncGenerator<[data: Buffer, address: AddressOf<F> | null], void> {
    return iterate.datagrams(this, sizeOf('datagrams', bufsize) || DEFAULT_CHUNK, options);
  }

  /**
   * {@link connections} of a listening socket, {@link datagrams} of a datagram or raw socket, {@link chunks} of any
   * other.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what comes depends on the socket's state, which no type knows.
  [Symbol.asyncIterator](): AsyncGenerator<any, void> {
    if (this.closed || this.getsockopt(SOL_SOCKET, SO_ACCEPTCONN) !== 0) return this.connections();
    return this.type === SOCK_DGRAM || this.type === SOCK_RAW ? this.datagrams() : this.chunks();
  }
}
