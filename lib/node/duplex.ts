/** What `toDuplex` returns: a stream with the names that `node:http`, `node:tls` and clients expect of a `net.Socket`. */
import type { AddressInfo } from 'node:net';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_LINGER,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { Address } from '../family.ts';
import type { Socket } from '../socket/socket.ts';
import { outOfRange, wrongKind } from '../validate.ts';
import { type DuplexOptions, SocketStream } from './duplex-stream.ts';

export type { DuplexOptions } from './duplex-stream.ts';

// setTimeout takes no more milliseconds than fit 31 bits.
const LONGEST_TIMER = 0x7fffffff;
const RESET = new Uint8Array(Int32Array.of(1, 0).buffer);

/** An Internet address as `node:net` has it; of other families it knows none. */
function info(family: number, get: () => Address | null): AddressInfo | undefined {
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  try {
    const [address, port] = get() as [string, number];
    return { address, port, family: family === AF_INET ? 'IPv4' : 'IPv6' };
  } catch (error) {
    // Not connected, or closed: node has undefined there.
    if (error instanceof OSError) return undefined;
    throw error;
  }
}

/** A `node:stream` Duplex over a connected stream socket, which it closes in the end. */
export class SocketDuplex extends SocketStream {
  /** The milliseconds of `setTimeout`; undefined where there has been no call. */
  timeout: number | undefined;
  #idle: NodeJS.Timeout | undefined;
  #remote: AddressInfo | undefined;
  #local: AddressInfo | undefined;

  constructor(socket: Socket, options?: DuplexOptions) {
    super(socket, options);
    // While it can be had: one whose connection has been reset does not know any more.
    this.#peer();
  }

  #peer(): AddressInfo | undefined {
    this.#remote ??= info(this.socket.family, () => this.socket.getpeername());
    return this.#remote;
  }

  #own(): AddressInfo | undefined {
    const own = info(this.socket.family, () => this.socket.getsockname());
    this.#local = own ?? this.#local;
    return this.#local;
  }

  /** The peer's host; undefined where there is none, as on Unix sockets. */
  get remoteAddress(): string | undefined {
    return this.#peer()?.address;
  }
  get remotePort(): number | undefined {
    return this.#peer()?.port;
  }
  /** `'IPv4'` or `'IPv6'`. */
  get remoteFamily(): string | undefined {
    return this.#peer()?.family;
  }
  get localAddress(): string | undefined {
    return this.#own()?.address;
  }
  get localPort(): number | undefined {
    return this.#own()?.port;
  }
  get localFamily(): string | undefined {
    return this.#own()?.family;
  }

  /** The socket's own Internet address; an empty object where there is none. */
  address(): Partial<AddressInfo> {
    return { ...this.#own() };
  }

  /** `'opening'`, `'open'`, `'readOnly'`, `'writeOnly'` or `'closed'`. */
  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /**
   * Emits 'timeout' after so many milliseconds in which nothing was received or sent, and does nothing else.
   *
   * @param milliseconds 0 for never
   * @param listener for the next 'timeout'; with 0 it is removed
   */
  setTimeout(milliseconds: number, listener?: () => void): this {
    if (typeof milliseconds !== 'number')
      throw wrongKind('setTimeout', 'milliseconds', 'a number', milliseconds);
    if (!(milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY))
      throw outOfRange('setTimeout', 'milliseconds', '0 or more, and finite', milliseconds);
    if (this.destroyed) return this;
    this.timeout = milliseconds;
    clearTimeout(this.#idle);
    this.#idle = undefined;
    if (milliseconds === 0) {
      if (listener !== undefined) this.off('timeout', listener);
      return this;
    }
    const after = Math.min(milliseconds, LONGEST_TIMER);
    this.#idle = setTimeout(() => this.emit('timeout'), after).unref();
    if (listener !== undefined) this.once('timeout', listener);
    return this;
  }

  protected override active(): void {
    // This starts it anew even after it has fired.
    this.#idle?.refresh();
  }

  /** TCP_NODELAY, where the socket is TCP and open. */
  setNoDelay(noDelay = true): this {
    if (this.#isInternet()) this.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, Boolean(noDelay));
    return this;
  }

  /**
   * SO_KEEPALIVE, where the socket is TCP and open.
   *
   * @param initialDelay TCP_KEEPIDLE in milliseconds; below a second it is left as it is
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    if (!this.#isInternet()) return this;
    this.socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, Boolean(enable));
    const seconds = Math.floor(Number(initialDelay) / 1000);
    if (enable && seconds > 0) this.socket.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
    return this;
  }

  #isInternet(): boolean {
    const { family, closed } = this.socket;
    return !closed && (family === AF_INET || family === AF_INET6);
  }

  /** Lets pending calls of the stream keep the process alive, as they do from the beginning. */
  ref(): this {
    this.socket.ref();
    return this;
  }

  /** Lets the process end although the stream is open. */
  unref(): this {
    this.socket.unref();
    return this;
  }

  /** Destroys the stream once all that has been written is sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Destroys the stream, and resets its connection (SO_LINGER of 0) where that is TCP. */
  resetAndDestroy(): this {
    if (this.#isInternet()) this.socket.setsockopt(SOL_SOCKET, SO_LINGER, RESET);
    return this.destroy();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    super._destroy(error, callback);
  }
}
