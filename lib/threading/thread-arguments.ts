/**
 * What a thread is called with, on its way there. Structured clone copies it, but for two things: a Socket moves, as a
 * token of `share`, and a lock, an event or a semaphore stays what it is, as its buffer.
 */
import { OSError } from '../errors.ts';
import { fromshare } from '../functions.ts';
import type { SharedSocket } from '../node/sharing.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { closeForGood } from '../socket/socket-handle.ts';
import { Event } from './event.ts';
import { Lock } from './lock.ts';
import { type Kind, Primitive } from './primitive.ts';
import { BoundedSemaphore, Semaphore } from './semaphore.ts';

const makers: Readonly<Record<Kind, new (buffer: SharedArrayBuffer) => Primitive>> = {
  Lock,
  Event,
  Semaphore,
  BoundedSemaphore,
};

/** An object that structured clone would not leave what it is. */
type Packed = { socket: SharedSocket } | { kind: Kind; buffer: SharedArrayBuffer };

/** Arguments that structured clone can copy. */
export interface PackedArguments {
  /** The arguments, with null for each of the objects in `packed`. */
  readonly values: unknown[];
  readonly packed: Packed[];
  /** Where the objects belong: an index into `packed`, and the keys that lead there from `values`. */
  readonly places: [number, ...string[]][];
}

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
};

/** Makes one {@link PackedArguments}. */
class Packing {
  readonly packed: Packed[] = [];
  readonly places: [number, ...string[]][] = [];
  readonly sockets: Socket<number>[] = [];
  readonly #seen = new Map<object, unknown>();

  copy(value: unknown, path: readonly string[]): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Socket || value instanceof Primitive) {
      this.places.push([this.#index(value), ...path]);
      return null;
    }
    if (!isPlain(value)) return value;
    // An object that comes again is one object there, too.
    const known = this.#seen.get(value);
    if (known !== undefined) return known;
    const copied: object = Array.isArray(value) ? new Array(value.length) : {};
    this.#seen.set(value, copied);
    for (const [key, item] of Object.entries(value)) {
      const place = { value: this.copy(item, [...path, key]), enumerable: true, writable: true };
      // A key may be __proto__.
      Object.defineProperty(copied, key, { ...place, configurable: true });
    }
    return copied;
  }

  #index(value: Socket<number> | Primitive): number {
    const known = this.#seen.get(value);
    if (known !== undefined) return known as number;
    if (value instanceof Socket) {
      // Until the thread takes it, or it is given up: somebody looks after both.
      this.packed.push({ socket: value.share({ expires: null }) });
      this.sockets.push(value);
    } else this.packed.push({ kind: value.kind, buffer: value.buffer });
    const index = this.packed.length - 1;
    this.#seen.set(value, index);
    return index;
  }
}

/** The tokens among the objects. */
const tokens = (packed: readonly Packed[]) =>
  packed.flatMap((each) => ('socket' in each ? [each.socket] : []));

/** Closes the sockets that nobody has taken. */
export function giveUp(packed: readonly Packed[]): void {
  for (const token of tokens(packed)) {
    try {
      fromshare(token).close();
    } catch (error) {
      // It has been taken.
      if (!(error instanceof OSError) || error.code !== 'ESTALE') throw error;
    }
  }
}

/**
 * Makes arguments ready to be copied.
 *
 * @returns `moved`, to be called once they are on their way: the sockets are no longer the caller's
 * @throws {OSError} EBADF: one of the sockets is closed
 */
export function pack(args: readonly unknown[]): { args: PackedArguments; moved: () => void } {
  const packing = new Packing();
  try {
    const values = packing.copy([...args], []) as unknown[];
    const { packed, places, sockets } = packing;
    // A duplicate is on its way, so that nothing can be lost, whatever file objects there are of the socket.
    const moved = () => {
      for (const socket of sockets) closeForGood(socket);
    };
    return { args: { values, packed, places }, moved };
  } catch (error) {
    giveUp(packing.packed);
    throw error;
  }
}

/**
 * The arguments in the thread.
 *
 * @param sockets gets the sockets among them, also where this throws
 */
export function unpack({ values, packed, places }: PackedArguments, sockets: Socket<number>[]): unknown[] {
  const objects = packed.map((each) => {
    if (!('socket' in each)) return new makers[each.kind](each.buffer);
    const socket = fromshare(each.socket);
    sockets.push(socket);
    return socket;
  });
  for (const [index, ...path] of places) {
    const last = path.pop()!;
    let parent = values as unknown as Record<string, unknown>;
    for (const key of path) parent = parent[key] as Record<string, unknown>;
    parent[last] = objects[index];
  }
  return values;
}
