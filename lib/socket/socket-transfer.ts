/** The calls of a socket that move data, each in its synchronous and its asynchronous form. */

import { type AsyncOptions, signalOf } from '../abort.ts';
import { stored } from '../address/address.ts';
import { type Bytes, readable, taken, type WritableBytes, writable } from '../buffers.ts';
import { audit } from '../diagnostics.ts';
import { finishAsync, mayTry, waitElsewhere } from '../drive-async.ts';
import { finishSync } from '../drive-sync.ts';
import { kEndpoint } from '../endpoint.ts';
import type { AddressInputOf, AddressOf } from '../family.ts';
import { resolve, resolveAsync } from '../names/resolver.ts';
import { native } from '../native.ts';
import { UNTRIED } from '../operation.ts';
import { READABLE, WRITABLE } from '../readiness.ts';
import * as receiving from '../receiving.ts';
import * as sending from '../sending.ts';
import { int, integer, outOfRange } from '../validate.ts';
import { SocketOptions } from './socket-options.ts';

const SIZE_MAX = 0x7fffffff;

/** The size of a receive, in bytes. */
export function sizeOf(caller: string, bufsize: unknown): number {
  if (typeof bufsize === 'number' && bufsize < 0) {
    throw outOfRange(caller, 'bufsize', `0 or more (negative buffersize in ${caller})`, bufsize);
  }
  return integer(caller, 'bufsize', bufsize, 0, SIZE_MAX);
}

/** How many bytes to receive into a view: 0 asks for as many as it has. */
function fillOf(caller: string, view: NodeJS.ArrayBufferView, nbytes: unknown): number {
  const count = integer(caller, 'nbytes', nbytes, 0, SIZE_MAX);
  const most = view.byteLength;
  if (count > most) {
    const text =
      caller === 'recvInto'
        ? 'buffer too small for requested bytes'
        : 'nbytes is greater than the length of the buffer';
    throw outOfRange(caller, 'nbytes', `at most ${most} (${text})`, count);
  }
  return count === 0 ? Math.min(most, SIZE_MAX) : count;
}

/** A socket that receives and sends. */
export class SocketTransfer<F extends number = number> extends SocketOptions<F> {
  /**
   * Makes a call that has an address, after its name has been resolved on the pool.
   *
   * @internal
   */
  protected addressed<T>(
    caller: string,
    address: unknown,
    options: AsyncOptions | undefined,
    call: (sockaddr: Buffer) => Promise<T>,
  ): Promise<T> {
    const endpoint = this[kEndpoint];
    try {
      signalOf(caller, options)?.throwIfAborted();
      const sockaddr = resolveAsync(caller, endpoint, address);
      if (sockaddr instanceof Uint8Array) return call(sockaddr);
      return waitElsewhere(endpoint, this, caller, sockaddr, options).then(call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives at most `bufsize` bytes: recv(2).
   *
   * @param bufsize in bytes; 0 returns at once without a system call
   * @param flags MSG_PEEK and so on. With a timeout of null MSG_WAITALL waits for all `bufsize` bytes
   * @returns exactly the bytes received; none at the end of a stream
   */
  recv(bufsize: number, flags = 0): Buffer {
    const endpoint = this[kEndpoint];
    const size = sizeOf('recv', bufsize);
    int('recv', 'flags', flags);
    const first = receiving.isPlain(endpoint, size, flags) ? receiving.firstRecv(endpoint, size) : UNTRIED;
    return first > 0 ? taken(first) : finishSync(endpoint, receiving.recv(endpoint, size, flags), first);
  }

  /** {@link recv} on the event loop. */
  recvAsync(bufsize: number, flags = 0, options?: AsyncOptions): Promise<Buffer> {
    const endpoint = this[kEndpoint];
    try {
      const size = sizeOf('recv', bufsize);
      int('recv', 'flags', flags);
      const tries = receiving.isPlain(endpoint, size, flags) && mayTry(endpoint, READABLE, options);
      const first = tries ? receiving.firstRecv(endpoint, size) : UNTRIED;
      if (first > 0) return Promise.resolve(taken(first));
      return finishAsync(endpoint, this, receiving.recv(endpoint, size, flags), first, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives into the caller's memory: recv(2).
   *
   * @param nbytes at most so many bytes; 0 for the length of the buffer
   * @returns how many bytes were received; with MSG_TRUNC how many the datagram had, even if the buffer has fewer
   */
  recvInto(buffer: WritableBytes, nbytes = 0, flags = 0): number {
    const endpoint = this[kEndpoint];
    const view = writable('recvInto', 'buffer', buffer);
    const size = fillOf('recvInto', view, nbytes);
    int('recvInto', 'flags', flags);
    const first = receiving.isPlain(endpoint, size, flags)
      ? receiving.firstRecvInto(endpoint, view, nbytes === 0, size)
      : UNTRIED;
    return first > 0 ? first : finishSync(endpoint, receiving.recvInto(endpoint, view, size, flags), first);
  }

  /** {@link recvInto} on the event loop. */
  recvIntoAsync(buffer: WritableBytes, nbytes = 0, flags = 0, options?: AsyncOptions): Promise<number> {
    const endpoint = this[kEndpoint];
    try {
      const view = writable('recvInto', 'buffer', buffer);
      const size = fillOf('recvInto', view, nbytes);
      int('recvInto', 'flags', flags);
      const tries = receiving.isPlain(endpoint, size, flags) && mayTry(endpoint, READABLE, options);
      const first = tries ? receiving.firstRecvInto(endpoint, view, nbytes === 0, size) : UNTRIED;
      if (first > 0) return Promise.resolve(first);
      return finishAsync(endpoint, this, receiving.recvInto(endpoint, view, size, flags), first, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives one datagram, cut to `bufsize` bytes, or bytes of a stream: recvfrom(2).
   *
   * @returns the bytes and the sender's address; null where the kernel gives none, as on streams
   */
  recvfrom(bufsize: number, flags = 0): [data: Buffer, address: AddressOf<F> | null] {
    const endpoint = this[kEndpoint];
    const size = sizeOf('recvfrom', bufsize);
    int('recvfrom', 'flags', flags);
    const tries = receiving.isPlain(endpoint, size, flags);
    const first = tries ? receiving.firstRecvfrom(endpoint, size) : UNTRIED;
    const received =
      first > 0
        ? [taken(first), stored(endpoint)]
        : finishSync(endpoint, receiving.recvfrom(endpoint, size, flags), first);
    return received as [Buffer, AddressOf<F> | null];
  }

  /** {@link recvfrom} on the event loop. */
  recvfromAsync(
    bufsize: number,
    flags = 0,
    options?: AsyncOptions,
  ): Promise<[data: Buffer, address: AddressOf<F> | null]> {
    const endpoint = this[kEndpoint];
    try {
      const size = sizeOf('recvfrom', bufsize);
      int('recvfrom', 'flags', flags);
      const tries = receiving.isPlain(endpoint, size, flags) && mayTry(endpoint, READABLE, options);
      const first = tries ? receiving.firstRecvfrom(endpoint, size) : UNTRIED;
      const received =
        first > 0
          ? Promise.resolve([taken(first), stored(endpoint)])
          : finishAsync(endpoint, this, receiving.recvfrom(endpoint, size, flags), first, options);
      return received as Promise<[Buffer, AddressOf<F> | null]>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link recvfrom}, into the caller's memory. Returns how many bytes were received, and the address. */
  recvfromInto(buffer: WritableBytes, nbytes = 0, flags = 0): [count: number, address: AddressOf<F> | null] {
    const endpoint = this[kEndpoint];
    const view = writable('recvfromInto', 'buffer', buffer);
    const size = fillOf('recvfromInto', view, nbytes);
    int('recvfromInto', 'flags', flags);
    const first = receiving.isPlain(endpoint, size, flags)
      ? receiving.firstRecvfromInto(endpoint, view, nbytes === 0, size)
      : UNTRIED;
    const received =
      first > 0
        ? [first, stored(endpoint)]
        : finishSync(endpoint, receiving.recvfromInto(endpoint, view, size, flags), first);
    return received as [number, AddressOf<F> | null];
  }

  /** {@link recvfromInto} on the event loop. */
  recvfromIntoAsync(
    buffer: WritableBytes,
    nbytes = 0,
    flags = 0,
    options?: AsyncOptions,
  ): Promise<[count: number, address: AddressOf<F> | null]> {
    const endpoint = this[kEndpoint];
    try {
      const view = writable('recvfromInto', 'buffer', buffer);
      const size = fillOf('recvfromInto', view, nbytes);
      int('recvfromInto', 'flags', flags);
      const tries = receiving.isPlain(endpoint, size, flags) && mayTry(endpoint, READABLE, options);
      const first = tries ? receiving.firstRecvfromInto(endpoint, view, nbytes === 0, size) : UNTRIED;
      const received =
        first > 0
          ? Promise.resolve([first, stored(endpoint)])
          : finishAsync(endpoint, this, receiving.recvfromInto(endpoint, view, size, flags), first, options);
      return received as Promise<[number, AddressOf<F> | null]>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends bytes: send(2). With a timeout of null a stream takes all of them, as the kernel's blocking call does;
   * otherwise it may take a part.
   *
   * @returns how many bytes were sent
   */
  send(data: Bytes, flags = 0): number {
    const endpoint = this[kEndpoint];
    const view = readable('send', 'data', data);
    int('send', 'flags', flags);
    const size = view.byteLength;
    const first = sending.isPlain(endpoint, flags) ? native.send(endpoint.fd, view, flags) : UNTRIED;
    if (first === size) return first;
    return finishSync(endpoint, sending.send(endpoint, view, flags), first);
  }

  /** {@link send} on the event loop. The bytes must not change until it is done. */
  sendAsync(data: Bytes, flags = 0, options?: AsyncOptions): Promise<number> {
    const endpoint = this[kEndpoint];
    try {
      const view = readable('send', 'data', data);
      int('send', 'flags', flags);
      const size = view.byteLength;
      const tries = sending.isPlain(endpoint, flags) && mayTry(endpoint, WRITABLE, options);
      const first = tries ? native.send(endpoint.fd, view, flags) : UNTRIED;
      if (first === size) return Promise.resolve(size);
      return finishAsync(endpoint, this, sending.send(endpoint, view, flags), first, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends all bytes: send(2), repeated. The timeout is one for all of them. After an error nobody knows how many
   * were sent.
   */
  sendall(data: Bytes, flags = 0): void {
    const endpoint = this[kEndpoint];
    const view = readable('sendall', 'data', data);
    int('sendall', 'flags', flags);
    const size = view.byteLength;
    const first = sending.isPlain(endpoint, flags) ? native.send(endpoint.fd, view, flags) : UNTRIED;
    if (first !== size) finishSync(endpoint, sending.sendall(endpoint, view, flags), first);
  }

  /** {@link sendall} on the event loop. Pending ones go out whole, in order. The bytes must not change meanwhile. */
  sendallAsync(data: Bytes, flags = 0, options?: AsyncOptions): Promise<void> {
    const endpoint = this[kEndpoint];
    try {
      const view = readable('sendall', 'data', data);
      int('sendall', 'flags', flags);
      const tries = sending.isPlain(endpoint, flags) && mayTry(endpoint, WRITABLE, options);
      const first = tries ? native.send(endpoint.fd, view, flags) : UNTRIED;
      if (first === view.byteLength) return Promise.resolve();
      return finishAsync(endpoint, this, sending.sendall(endpoint, view, flags), first, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a datagram to an address: sendto(2). A host name is resolved on this thread, each time.
   *
   * @returns how many bytes were sent
   */
  sendto(data: Bytes, address: AddressInputOf<F>): number;
  sendto(data: Bytes, flags: number, address: AddressInputOf<F>): number;
  sendto(data: Bytes, ...rest: unknown[]): number {
    const address = rest[rest.length > 1 ? 1 : 0];
    const flags = rest.length > 1 ? int('sendto', 'flags', rest[0]) : 0;
    const endpoint = this[kEndpoint];
    const view = readable('sendto', 'data', data);
    const sockaddr = resolve('sendto', endpoint, address);
    if (audit.sendto.hasSubscribers) audit.sendto.publish({ socket: this, address });
    const size = view.byteLength;
    const first = sending.isPlain(endpoint, flags)
      ? native.sendto(endpoint.fd, view, flags, sockaddr)
      : UNTRIED;
    if (first === size) return first;
    return finishSync(endpoint, sending.sendto(endpoint, view, flags, sockaddr, address), first);
  }

  /** {@link sendto} on the event loop; names are resolved on the pool. The bytes must not change until it is done. */
  sendtoAsync(data: Bytes, address: AddressInputOf<F>, options?: AsyncOptions): Promise<number>;
  sendtoAsync(
    data: Bytes,
    flags: number,
    address: AddressInputOf<F>,
    options?: AsyncOptions,
  ): Promise<number>;
  sendtoAsync(data: Bytes, ...rest: unknown[]): Promise<number> {
    // A number alone can be an address, of Bluetooth's HCI.
    const flagged = typeof rest[0] === 'number' && rest.length > 1;
    const [address, options] = (flagged ? rest.slice(1) : rest) as [unknown, AsyncOptions | undefined];
    const flags = flagged ? (rest[0] as number) : 0;
    return this.addressed('sendto', address, options, (sockaddr) => {
      const endpoint = this[kEndpoint];
      const view = readable('sendto', 'data', data);
      int('sendto', 'flags', flags);
      if (audit.sendto.hasSubscribers) audit.sendto.publish({ socket: this, address });
      const size = view.byteLength;
      const tries = sending.isPlain(endpoint, flags) && mayTry(endpoint, WRITABLE, options);
      const first = tries ? native.sendto(endpoint.fd, view, flags, sockaddr) : UNTRIED;
      if (first === size) return Promise.resolve(size);
      const operation = sending.sendto(endpoint, view, flags, sockaddr, address);
      return finishAsync(endpoint, this, operation, first, options);
    });
  }
}
