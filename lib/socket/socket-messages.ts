/** The calls of a socket on messages, each in its synchronous and its asynchronous form. */
import type { AsyncOptions } from '../abort.ts';
import { type Bytes, readable, type WritableBytes, writable } from '../buffers.ts';
import { AF_ALG, ALG_SET_AEAD_ASSOCLEN, ALG_SET_IV, ALG_SET_OP, SOL_ALG } from '../constants.generated.ts';
import { audit } from '../diagnostics.ts';
import { runAsync } from '../drive-async.ts';
import { runSync } from '../drive-sync.ts';
import { kEndpoint } from '../endpoint.ts';
import { OSError } from '../errors.ts';
import type { AddressInputOf, AddressOf } from '../family.ts';
import {
  type Ancillary,
  type AncillaryInput,
  encodeAncillary,
  type Piece,
  piecesOf,
} from '../messages/ancillary.ts';
import * as messages from '../messages/messages.ts';
import { resolve } from '../names/resolver.ts';
import { type IterableObject, int, integer, items, outOfRange, wrongKind } from '../validate.ts';
import { SocketTransfer } from './socket-transfer.ts';

const SIZE_MAX = 0x7fffffff;

/** A message as `recvmsg` returns it. */
export type ReceivedMessage<F extends number> = [
  data: Buffer,
  ancdata: Ancillary[],
  msgFlags: number,
  address: AddressOf<F> | null,
];
/** A message as `recvmsgInto` returns it. */
export type ReceivedMessageInto<F extends number> = [
  nbytes: number,
  ancdata: Ancillary[],
  msgFlags: number,
  address: AddressOf<F> | null,
];

/** A size in bytes, as the kernel takes it. */
export function sizeOf(caller: string, name: string, size: unknown): number {
  if (typeof size === 'number' && size < 0) {
    const text = name === 'bufsize' ? 'negative buffer size' : 'invalid ancillary data buffer length';
    throw outOfRange(caller, name, `0 or more (${text} in ${caller})`, size);
  }
  return integer(caller, name, size, 0, SIZE_MAX);
}

/** The views of an iterable of pieces of memory. Bytes are iterable, too, but what they have are numbers. */
export function viewsOf<T>(
  caller: string,
  buffers: unknown,
  viewOf: (caller: string, name: string, data: unknown) => T,
): T[] {
  const expected = 'an iterable of bytes';
  if (ArrayBuffer.isView(buffers)) throw wrongKind(caller, 'buffers', expected, buffers);
  return items(caller, 'buffers', buffers, expected).map((data) =>
    viewOf(caller, 'an item of buffers', data),
  );
}

/** The arguments of sendmsg, checked; what they are iterated over is iterated over once. */
function partsOf(buffers: unknown, ancdata: unknown, flags: unknown) {
  const views = viewsOf('sendmsg', buffers, readable);
  const control = encodeAncillary(piecesOf('sendmsg', ancdata));
  return { views, control, flags: int('sendmsg', 'flags', flags) };
}

/** Keyword arguments of {@link SocketMessages.sendmsgAfalg}. */
export interface AfalgOptions {
  /** ALG_OP_ENCRYPT, ALG_OP_DECRYPT and so on. */
  op: number;
  /** The initialization vector. */
  iv?: Bytes | null | undefined;
  /** How many bytes of associated data there are, with AEAD. */
  assoclen?: number | null | undefined;
  /** MSG_MORE and so on. */
  flags?: number | undefined;
}

const unsigned = (value: number) => Buffer.from(Uint32Array.of(value).buffer);

/** The ancillary data of an AF_ALG operation. */
function afalgPieces(options: AfalgOptions): Piece[] {
  const caller = 'sendmsgAfalg';
  if (typeof options !== 'object' || options === null)
    throw wrongKind(caller, 'options', '{ op, iv?, assoclen?, flags? }', options);
  const { op, iv, assoclen } = options;
  const pieces: Piece[] = [[SOL_ALG, ALG_SET_OP, unsigned(integer(caller, 'op', op, 0, SIZE_MAX))]];
  if (iv !== undefined && iv !== null) {
    const { buffer, byteOffset, byteLength } = readable(caller, 'iv', iv);
    const data = Buffer.concat([unsigned(byteLength), new Uint8Array(buffer, byteOffset, byteLength)]);
    pieces.push([SOL_ALG, ALG_SET_IV, data]);
  }
  if (assoclen !== undefined && assoclen !== null) {
    const length = integer(caller, 'assoclen', assoclen, 0, 0xffffffff);
    pieces.push([SOL_ALG, ALG_SET_AEAD_ASSOCLEN, unsigned(length)]);
  }
  return pieces;
}

/** A `SocketTransfer` that sends and receives messages. */
export class SocketMessages<F extends number = number> extends SocketTransfer<F> {
  /**
   * Sends a message, gathered from pieces of memory, with ancillary data: sendmsg(2). With a timeout of null a stream
   * takes all bytes, as the kernel's blocking call does: descriptors go with the first part, other ancillary data
   * with each part. Otherwise a stream may take a part of the bytes.
   *
   * @param buffers any iterable of pieces
   * @param ancdata any iterable of `[level, type, data]`; {@link ancillary} makes those of which it knows the layout
   * @param flags MSG_DONTWAIT and so on
   * @param address where to; null for the connected peer
   * @returns how many bytes were sent
   * @throws {OSError} EMSGSIZE for more pieces than IOV_MAX, EINVAL for control messages that the kernel does not know
   */
  sendmsg(
    buffers: IterableObject<Bytes>,
    ancdata: Iterable<AncillaryInput> = [],
    flags = 0,
    address: AddressInputOf<F> | null = null,
  ): number {
    const endpoint = this[kEndpoint];
    const { views, control } = partsOf(buffers, ancdata, flags);
    const sockaddr = address === null ? null : resolve('sendmsg', endpoint, address);
    if (audit.sendmsg.hasSubscribers) audit.sendmsg.publish({ socket: this, address });
    return runSync(endpoint, messages.sendmsg(endpoint, views, control, flags, sockaddr, address));
  }

  /** {@link sendmsg} on the event loop; names are resolved on the pool. The bytes must not change until it is done. */
  sendmsgAsync(
    buffers: IterableObject<Bytes>,
    ancdata: Iterable<AncillaryInput> = [],
    flags = 0,
    address: AddressInputOf<F> | null = null,
    options?: AsyncOptions,
  ): Promise<number> {
    const endpoint = this[kEndpoint];
    try {
      const { views, control } = partsOf(buffers, ancdata, flags);
      const begin = (sockaddr: Buffer | null) => {
        if (audit.sendmsg.hasSubscribers) audit.sendmsg.publish({ socket: this, address });
        return messages.sendmsg(endpoint, views, control, flags, sockaddr, address);
      };
      if (address === null) return runAsync(endpoint, this, () => begin(null), options);
      return this.addressed('sendmsg', address, options, (sockaddr) =>
        runAsync(endpoint, this, () => begin(sockaddr), options),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives one message, cut to `bufsize` bytes, or bytes of a stream, with their ancillary data: recvmsg(2).
   * Descriptors that come are close-on-exec, and they belong to the caller.
   *
   * @param bufsize in bytes
   * @param ancbufsize the room for ancillary data in bytes, see {@link CMSG_SPACE}; what does not fit is lost, and
   * MSG_CTRUNC among `msgFlags` says so
   * @param flags MSG_PEEK and so on. With a timeout of null MSG_WAITALL waits for all `bufsize` bytes, or until
   * descriptors come
   * @returns the bytes; the ancillary data as `[level, type, data]`, for {@link decodeAncillary}; MSG_TRUNC,
   * MSG_CTRUNC and so on; the sender's address, null where the kernel gives none
   */
  recvmsg(bufsize: number, ancbufsize = 0, flags = 0): ReceivedMessage<F> {
    return runSync(this[kEndpoint], this.#recvmsg(bufsize, ancbufsize, flags)) as ReceivedMessage<F>;
  }

  /** {@link recvmsg} on the event loop. */
  recvmsgAsync(
    bufsize: number,
    ancbufsize = 0,
    flags = 0,
    options?: AsyncOptions,
  ): Promise<ReceivedMessage<F>> {
    const begin = () => this.#recvmsg(bufsize, ancbufsize, flags);
    return runAsync(this[kEndpoint], this, begin, options) as Promise<ReceivedMessage<F>>;
  }

  #recvmsg(bufsize: unknown, ancbufsize: unknown, flags: unknown) {
    const size = sizeOf('recvmsg', 'bufsize', bufsize);
    const ancsize = sizeOf('recvmsg', 'ancbufsize', ancbufsize);
    return messages.recvmsg(this[kEndpoint], size, ancsize, int('recvmsg', 'flags', flags));
  }

  /**
   * As {@link recvmsg}, scattered into the caller's memory, one piece after the other.
   *
   * @param buffers any iterable of pieces of memory
   * @returns how many bytes were received and, as `recvmsg`, the rest. With MSG_TRUNC in `flags` it is how many the
   * datagram had
   */
  recvmsgInto(buffers: Iterable<WritableBytes>, ancbufsize = 0, flags = 0): ReceivedMessageInto<F> {
    return runSync(this[kEndpoint], this.#recvmsgInto(buffers, ancbufsize, flags)) as ReceivedMessageInto<F>;
  }

  /** {@link recvmsgInto} on the event loop. */
  recvmsgIntoAsync(
    buffers: Iterable<WritableBytes>,
    ancbufsize = 0,
    flags = 0,
    options?: AsyncOptions,
  ): Promise<ReceivedMessageInto<F>> {
    const begin = () => this.#recvmsgInto(buffers, ancbufsize, flags);
    return runAsync(this[kEndpoint], this, begin, options) as Promise<ReceivedMessageInto<F>>;
  }

  #recvmsgInto(buffers: unknown, ancbufsize: unknown, flags: unknown) {
    const views = viewsOf('recvmsgInto', buffers, writable);
    const ancsize = sizeOf('recvmsgInto', 'ancbufsize', ancbufsize);
    return messages.recvmsgInto(this[kEndpoint], views, ancsize, int('recvmsgInto', 'flags', flags));
  }

  /**
   * Hands bytes to an AF_ALG operation, with what the kernel's cipher has to know: sendmsg(2).
   *
   * @param buffers any iterable of pieces
   * @returns how many bytes were sent
   * @throws {OSError} of another family, without an errno
   */
  sendmsgAfalg(buffers: IterableObject<Bytes>, options: AfalgOptions): number {
    return runSync(this[kEndpoint], this.#sendmsgAfalg(buffers, options));
  }

  /** {@link sendmsgAfalg} on the event loop. */
  sendmsgAfalgAsync(buffers: IterableObject<Bytes>, options: AfalgOptions & AsyncOptions): Promise<number> {
    return runAsync(this[kEndpoint], this, () => this.#sendmsgAfalg(buffers, options), options);
  }

  #sendmsgAfalg(buffers: unknown, options: AfalgOptions) {
    const endpoint = this[kEndpoint];
    if (endpoint.family !== AF_ALG) throw new OSError('algset is only supported for AF_ALG');
    const views = viewsOf('sendmsgAfalg', buffers, readable);
    const control = encodeAncillary(afalgPieces(options));
    const flags = int('sendmsgAfalg', 'flags', options.flags ?? 0);
    return messages.sendmsg(endpoint, views, control, flags, null, null);
  }
}
