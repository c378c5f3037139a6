/**
 * Memory for many messages, which is used again and again: what sendmmsg(2) and recvmmsg(2) work on. It holds what
 * native code needs in a few views, and makes an object for a message only where somebody asks for one.
 */

import type { Domain } from '../address/address.ts';
import { type Bytes, bytesOf, lengthOf, readable } from '../buffers.ts';
import { AF_INET, AF_UNIX, SOL_UDP, UDP_GRO } from '../constants.generated.ts';
import type { AddressInputOf, AddressOf, InetFamily } from '../family.ts';
import { resolve } from '../names/resolver.ts';
import { integer, outOfRange, wrongKind } from '../validate.ts';
import {
  type Ancillary,
  type AncillaryInput,
  encodeAncillary,
  findAncillary,
  intsOf,
  parseAncillary,
  piecesOf,
} from './ancillary.ts';
import { HeldDescriptors } from './held-descriptors.ts';
import { MessageSlots } from './message-slots.ts';

// UIO_MAXIOV: the kernel takes no more in one call.
const MOST = 1024;
const LARGEST = 0x7fffffff;

/** The key under which a batch keeps its messages, for the files of this package. */
export const kSlots = Symbol('slots');

export interface BatchOptions<F extends number> {
  /** The family of the addresses that `set` takes; AF_INET if left out. Those that are received tell it themselves. */
  family?: F;
  /** Bytes for the ancillary data of each message, as CMSG_SPACE counts them; 0 if left out. */
  ancbufsize?: number;
}

// A batch that nobody refers to any more must not leave descriptors open.
const unreachable = new FinalizationRegistry((held: HeldDescriptors) => held.closeAll());

/**
 * Room for `capacity` messages of at most `size` bytes. Received messages are looked at in place: what {@link data}
 * returns is the batch's own memory, which the next call overwrites. What has been received can be sent as it is: each
 * message goes back to where it came from. A batch belongs to one call at a time.
 */
export class MessageBatch<F extends number = InetFamily> {
  /** How many messages there is room for. */
  readonly capacity: number;
  /** Bytes for the data of each message. */
  readonly size: number;
  /** Bytes for the ancillary data of each message. */
  readonly ancbufsize: number;
  /** The family of the addresses that {@link set} takes. */
  readonly family: F;
  /** The data of all messages: message `i` begins at `i * size`. */
  readonly buffer: Buffer;
  /** @internal */
  readonly [kSlots]: MessageSlots;
  readonly #views: (Buffer | undefined)[];
  readonly #domain: Domain;
  /** Descriptors that have arrived; undefined as long as there were none. */
  #held: HeldDescriptors | undefined;
  #length = 0;

  /**
   * @param capacity messages, 1 to 1024: the kernel takes no more in one call
   * @param size bytes for the data of each message; a longer one that is received is cut
   */
  constructor(capacity: number, size: number, options: BatchOptions<F> = {}) {
    const caller = 'MessageBatch';
    if (typeof options !== 'object' || options === null) {
      throw wrongKind(caller, 'options', '{ family?, ancbufsize? }', options);
    }
    const { family = AF_INET as number as F, ancbufsize = 0 } = options;
    this.capacity = integer(caller, 'capacity', capacity, 1, MOST);
    this.size = integer(caller, 'size', size, 0, Math.floor(LARGEST / capacity));
    this.family = integer(caller, 'family', family, 0, 0xffff) as F;
    this.ancbufsize = integer(caller, 'ancbufsize', ancbufsize, 0, Math.floor(LARGEST / capacity));
    this.buffer = Buffer.alloc(capacity * size);
    this.#views = new Array(capacity);
    this.#domain = { fd: -1, family, proto: 0 };
    const slots = new MessageSlots(capacity, this.buffer, ancbufsize);
    for (let index = 0; index < capacity; index++) slots.place(index, index * size);
    this[kSlots] = slots;
  }

  /** How many messages there are: that the last call received, or that were set. It can be set, to send fewer. */
  get length(): number {
    return this.#length;
  }

  set length(length: number) {
    this.#length = integer('MessageBatch', 'length', length, 0, this.capacity);
  }

  /** All `size` bytes of a message's place, to write to before {@link setLength}. */
  slot(index: number): Buffer {
    const start = this.#index('slot', index) * this.size;
    return this.buffer.subarray(start, start + this.size);
  }

  /**
   * The bytes of a message: the batch's own memory, which the next call with this batch overwrites. Copy what is to
   * stay, with `Buffer.from`.
   */
  data(index: number): Buffer {
    const length = this[kSlots].byteLength(this.#index('data', index));
    const view = this.#views[index];
    if (view !== undefined && view.length === length) return view;
    const start = index * this.size;
    const data = this.buffer.subarray(start, start + length);
    this.#views[index] = data;
    return data;
  }

  /** How many bytes of a message there are, at most `size`. */
  byteLength(index: number): number {
    return this[kSlots].byteLength(this.#index('byteLength', index));
  }

  /**
   * The kernel's count of a message's bytes: how many were sent, of which there may be fewer than {@link byteLength} on a
   * stream alone; or how many were received, or with MSG_TRUNC how many there were to receive.
   */
  transferred(index: number): number {
    return this[kSlots].result(this.#index('transferred', index));
  }

  /** The sender of a message that was received, the receiver of one that was set; null where there is none. */
  address(index: number): AddressOf<F> | null {
    return this[kSlots].address(this.#index('address', index)) as AddressOf<F> | null;
  }

  /** The flags with which a message was received: MSG_TRUNC, MSG_CTRUNC and so on. */
  flags(index: number): number {
    return this[kSlots].flags(this.#index('flags', index));
  }

  /**
   * The ancillary data that was received with a message. Descriptors in it belong to the caller from the first time on
   * that this is called; those that nobody has asked for are closed when the batch is used again.
   */
  ancdata(index: number): Ancillary[] {
    const slots = this[kSlots];
    const at = this.#index('ancdata', index);
    this.#held?.handOut(at);
    return parseAncillary(slots.controlOf(at), slots.controlLength(at));
  }

  /**
   * How long the datagrams are that the kernel has put together to this message, which it does with the option UDP_GRO:
   * the last one may be shorter. 0 for a datagram that is alone. Needs an `ancbufsize` of CMSG_SPACE(4). udp(7)
   */
  segmentSize(index: number): number {
    const slots = this[kSlots];
    const at = this.#index('segmentSize', index);
    const control = slots.controlOf(at);
    const start = findAncillary(control, control.length, SOL_UDP, UDP_GRO);
    return start < 0 ? 0 : (intsOf(control.subarray(start, start + 4))[0] ?? 0);
  }

  /** The datagrams in a message, see {@link segmentSize}: as {@link data}, in the batch's own memory. */
  *segments(index: number): Generator<Buffer, void> {
    const data = this.data(this.#index('segments', index));
    const size = this.segmentSize(index) || data.length;
    if (data.length === 0) yield data;
    for (let start = 0; start < data.length; start += size) yield data.subarray(start, start + size);
  }

  /**
   * Puts a message into its place: the bytes are copied. The batch then ends with this message or a later one.
   *
   * @param data at most `size` bytes
   * @param address where it goes; null on a connected socket. A host name is resolved on this thread
   * @param ancdata `[level, type, data]` of each piece of ancillary data; at most `ancbufsize` bytes with their headers
   */
  set(
    index: number,
    data: Bytes,
    address: AddressInputOf<F> | null = null,
    ancdata: Iterable<AncillaryInput> | null = null,
  ): void {
    const bytes = bytesOf(readable('set', 'data', data));
    const at = this.#index('set', index);
    const name = address === null ? null : resolve('set', this.#domain, address);
    const control = this.#encoded('set', ancdata);
    // Only now, as the caller's code, which may resize memory, has run for the last time.
    const length = lengthOf(bytes);
    if (length > this.size) throw outOfRange('set', 'data', `at most ${this.size} bytes long`, length);
    this.buffer.set(bytes, at * this.size);
    this.#put(at, length, name, control);
  }

  /** As {@link set}, with bytes that are in the {@link slot} already. */
  setLength(
    index: number,
    length: number,
    address: AddressInputOf<F> | null = null,
    ancdata: Iterable<AncillaryInput> | null = null,
  ): void {
    const at = this.#index('setLength', index);
    integer('setLength', 'length', length, 0, this.size);
    const name = address === null ? null : resolve('setLength', this.#domain, address);
    this.#put(at, length, name, this.#encoded('setLength', ancdata));
  }

  /** {@link set} behind the last message. Returns its index. */
  push(
    data: Bytes,
    address: AddressInputOf<F> | null = null,
    ancdata: Iterable<AncillaryInput> | null = null,
  ): number {
    const index = this.#length;
    if (index === this.capacity) {
      const expected = `at most the capacity of ${this.capacity} (the batch is full)`;
      throw outOfRange('push', 'length', expected, index + 1);
    }
    this.set(index, data, address, ancdata);
    return index;
  }

  /** Takes all messages out. Descriptors that have come with them and that nobody has asked for are closed. */
  clear(): void {
    this.#length = 0;
    if (this.#held === undefined) return;
    this.#held.closeAll();
    // Their numbers may be those of other descriptors soon.
    this[kSlots].dropControl();
  }

  /** `[data, address]` of each message, as {@link data} and {@link address} return them. */
  *[Symbol.iterator](): Generator<[data: Buffer, address: AddressOf<F> | null], void> {
    for (let index = 0; index < this.#length; index++) yield [this.data(index), this.address(index)];
  }

  /**
   * Native code has received messages.
   *
   * @param domain the socket: those of AF_UNIX bring descriptors
   * @internal
   */
  arrived(first: number, count: number, domain: Domain): void {
    this.#length = first + count;
    this[kSlots].domain = domain;
    if (domain.family === AF_UNIX && this.ancbufsize > 0) this.#hold(first);
  }

  /** Takes note of the descriptors of all messages from `first` on. */
  #hold(first: number): void {
    const slots = this[kSlots];
    for (let index = first; index < this.#length; index++) {
      this.#held?.close(index);
      if (slots.controlLength(index) === 0) continue;
      if (this.#held === undefined) {
        this.#held = new HeldDescriptors();
        unreachable.register(this, this.#held);
      }
      this.#held.hold(index, parseAncillary(slots.controlOf(index), slots.controlLength(index)));
    }
  }

  #encoded(caller: string, ancdata: Iterable<AncillaryInput> | null): Buffer | null {
    if (ancdata === null) return null;
    const control = encodeAncillary(piecesOf(caller, ancdata));
    if (control !== null && control.length > this.ancbufsize) {
      throw outOfRange(
        caller,
        'ancdata',
        `at most ${this.ancbufsize} bytes long (ancbufsize)`,
        control.length,
      );
    }
    return control;
  }

  #put(index: number, length: number, name: Buffer | null, control: Buffer | null): void {
    this.#held?.close(index);
    this[kSlots].put(index, length, control);
    this[kSlots].direct(index, name);
    if (index >= this.#length) this.#length = index + 1;
  }

  #index(caller: string, index: number): number {
    // Asked several times for each message: the usual case comes first.
    if (typeof index === 'number' && index >= 0 && index < this.capacity && Number.isInteger(index))
      return index;
    return integer(caller, 'index', index, 0, this.capacity - 1);
  }
}
