/** Memory: what callers hand in as bytes, and where received bytes land. */
import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { builtins } from './builtins.ts';
import { wrongKind } from './validate.ts';

const { isAnyArrayBuffer, isUint8Array } = types;

/** Bytes as calls take them: any view, any buffer, or a string as UTF-8. */
export type Bytes = NodeJS.ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string;
/** Memory to receive into. */
export type WritableBytes = NodeJS.ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

type View = NodeJS.ArrayBufferView;

/** A view of the bytes to send; copies nothing but strings. */
export function readable(caller: string, name: string, data: unknown): View {
  if (ArrayBuffer.isView(data)) return data as View;
  if (typeof data === 'string') return Buffer.from(data);
  if (isAnyArrayBuffer(data)) return new Uint8Array(data);
  throw wrongKind(caller, name, 'bytes (an ArrayBufferView, ArrayBuffer, SharedArrayBuffer or string)', data);
}

/** A view of memory to receive into. */
export function writable(caller: string, name: string, data: unknown): View {
  if (ArrayBuffer.isView(data)) return data as View;
  if (isAnyArrayBuffer(data)) return new Uint8Array(data);
  throw wrongKind(caller, name, 'memory (an ArrayBufferView, ArrayBuffer or SharedArrayBuffer)', data);
}

/** The bytes of any view. */
export function bytesOf(view: View): Uint8Array {
  return isUint8Array(view) ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const ownLength = Object.getOwnPropertyDescriptor(typedArray, 'length')!.get!;

/**
 * How many bytes there are, as native code and `set` see it: a subclass may say something else. It must be asked for
 * wherever memory is made or used by it.
 */
export function lengthOf(bytes: Uint8Array): number {
  return ownLength.call(bytes) as number;
}

// A Buffer of its own costs more than the system call, so that receives land in shared memory, one after the other, and
// hand out slices of it. What is kept of one keeps all of that memory alive: therefore small results share a pool among
// themselves, copied to it where more was asked for, and only larger ones share a slab. Those that ask for more than half
// of a slab land in a scratch area and are copied to their size. So ten bytes that are kept hold no more than a pool, which
// is as large as node's own, and larger results at most 64 times their size. Pool and slab are filled with zeros and the
// scratch area is never handed out but whole, so that nobody gets to see memory that was not received.
const POOL = 8 * 1024;
const SMALL = POOL / 4;
const SLAB = 128 * 1024;
const MOST = SLAB / 2;

/** Memory that is handed out in slices. */
class Shared {
  // There is none before something is received.
  memory: Buffer = Buffer.alloc(0);
  used = 0;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** Sees to room for `size` bytes behind what is used. */
  reserve(size: number): void {
    if (this.used + size <= this.memory.length) return;
    this.memory = Buffer.alloc(this.#size);
    this.used = 0;
    // It must not move to another thread with one of its slices.
    builtins.workers.markAsUntransferable(this.memory.buffer);
  }

  /** Hands out the next `count` bytes. */
  take(count: number): Buffer {
    const { memory, used } = this;
    // Kept at multiples of 8, so that typed arrays over the slices are possible.
    this.used += (count + 7) & ~7;
    return Buffer.from(memory.buffer as ArrayBuffer, used, count);
  }
}

const pool = new Shared(POOL);
const slab = new Shared(SLAB);
let scratch = Buffer.alloc(0);

/** Where the next receive may write. There is one of it: use it before anything else receives. */
export const landing = { view: slab.memory, offset: 0 };

/**
 * Points {@link landing} at room for `size` bytes.
 *
 * @param blank the room must be empty, for a call that reports more bytes than it writes (MSG_TRUNC)
 */
export function land(size: number, blank: boolean): void {
  if (size <= MOST && !blank) {
    const shared = size <= SMALL ? pool : slab;
    shared.reserve(size);
    landing.view = shared.memory;
    landing.offset = shared.used;
    return;
  }
  if (blank) landing.view = Buffer.alloc(size);
  else {
    if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size);
    landing.view = scratch;
  }
  landing.offset = 0;
}

/** Hands out the `count` bytes that have arrived at {@link landing}, and no byte more. */
export function taken(count: number): Buffer {
  const { view, offset } = landing;
  if (view === pool.memory) return pool.take(count);
  if (view === slab.memory) return count > SMALL ? slab.take(count) : copied(view, offset, count);
  if (count !== view.length) return copied(view, 0, count);
  if (view === scratch) scratch = Buffer.alloc(0);
  return view;
}

function copied(view: Buffer, offset: number, count: number): Buffer {
  const bytes = view.subarray(offset, offset + count);
  if (count > SMALL) return Buffer.from(bytes);
  pool.reserve(count);
  const copy = pool.take(count);
  copy.set(bytes);
  return copy;
}
