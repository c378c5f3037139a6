/** Memory: what callers hand in as bytes, and where received bytes land. */
import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { builtins } from './builtins.ts';
import { wrongKind } from './validate.ts';

const { isAnyArrayBuffer } = types;

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
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

// Receives land in a slab, one after the other, and hand out slices of it: a Buffer of its own costs more than the system
// call. Those that ask for more than half of a slab land in a scratch area and are copied to their size, so that ten
// bytes received with recv(1 << 20) do not keep a megabyte alive. The slab is filled with zeros and the scratch area is
// never handed out but whole, so that nobody gets to see memory that was not received.
const SLAB = 128 * 1024;
const MOST = SLAB / 2;

// There is none before something is received.
let slab: Buffer = Buffer.alloc(0);
let used = 0;
let scratch = Buffer.alloc(0);

// Many slices share its memory, which therefore must not move to another thread with one of them.
function newSlab(): Buffer<ArrayBuffer> {
  const buffer = Buffer.alloc(SLAB);
  builtins.workers.markAsUntransferable(buffer.buffer);
  return buffer;
}

/** Where the next receive may write. There is one of it: use it before anything else receives. */
export const landing = { view: slab, offset: 0 };

/**
 * Points {@link landing} at room for `size` bytes.
 *
 * @param blank the room must be empty, for a call that reports more bytes than it writes (MSG_TRUNC)
 */
export function land(size: number, blank: boolean): void {
  if (size <= MOST && !blank) {
    if (used + size > slab.length) {
      slab = newSlab();
      used = 0;
    }
    landing.view = slab;
    landing.offset = used;
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
  if (view === slab) {
    // Kept at multiples of 8, so that typed arrays over the slices are possible.
    used += (count + 7) & ~7;
    return Buffer.from(slab.buffer, offset, count);
  }
  if (count !== view.length) return Buffer.from(view.subarray(0, count));
  if (view === scratch) scratch = Buffer.alloc(0);
  return view;
}
