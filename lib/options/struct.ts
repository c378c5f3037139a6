/** Structures of C: fields in a row, each aligned to its size, in the byte order of the machine. */
/** Whether this machine stores the low byte first. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** One field of a structure. */
export interface Field<T> {
  readonly size: number;
  /** How far the next field is away: `size`, or 0 where both share it. */
  readonly advance: number;
  /** What fits; undefined for a part of a byte, which is only read. */
  readonly limits?: readonly [least: T, most: T];
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

/** The object that a structure is in JavaScript. */
export type StructOf<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

function field<T>(
  size: number,
  limits: readonly [T, T],
  read: (view: DataView, at: number) => T,
  write: (view: DataView, at: number, value: T) => void,
): Field<T> {
  return { size, advance: size, limits, read, write };
}

const LE = LITTLE_ENDIAN;

export const u8 = field<number>(
  1,
  [0, 0xff],
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, value),
);
export const u16 = field<number>(
  2,
  [0, 0xffff],
  (view, at) => view.getUint16(at, LE),
  (view, at, value) => view.setUint16(at, value, LE),
);
export const u32 = field<number>(
  4,
  [0, 0xffffffff],
  (view, at) => view.getUint32(at, LE),
  (view, at, value) => view.setUint32(at, value, LE),
);
export const i32 = field<number>(
  4,
  [-0x80000000, 0x7fffffff],
  (view, at) => view.getInt32(at, LE),
  (view, at, value) => view.setInt32(at, value, LE),
);
export const u64 = field<bigint>(
  8,
  [0n, 2n ** 64n - 1n],
  (view, at) => view.getBigUint64(at, LE),
  (view, at, value) => view.setBigUint64(at, value, LE),
);

/**
 * A part of a byte: `width` bits from the one of number `from` on, in the order in which C declares them. The last
 * part of a byte has `last`.
 */
export function bits(from: number, width: number, last = false): Field<number> {
  // Compilers count from the low end of a byte on little-endian machines and from the high end on others.
  const shift = LE ? from : 8 - from - width;
  const read = (view: DataView, at: number) => (view.getUint8(at) >> shift) & ((1 << width) - 1);
  const write = () => {
    throw new Error('bits are read only');
  };
  return { size: 1, advance: last ? 1 : 0, read, write };
}

/** A field that newer kernels have added to the end: undefined where the kernel does not give it. */
export function later<T>(known: Field<T>): Field<T | undefined> {
  return known as Field<T | undefined>;
}

/** The layout of a structure. */
export class Struct<F extends Record<string, Field<unknown>>> {
  readonly size: number;
  readonly offsets: Readonly<Record<keyof F, number>>;
  readonly #fields: [name: string, at: number, field: Field<unknown>][] = [];

  constructor(fields: F) {
    let at = 0;
    let alignment = 1;
    for (const [name, each] of Object.entries(fields)) {
      at = Math.ceil(at / each.size) * each.size;
      alignment = Math.max(alignment, each.size);
      this.#fields.push([name, at, each]);
      at += each.advance;
    }
    this.size = Math.ceil(at / alignment) * alignment;
    this.offsets = Object.fromEntries(this.#fields.map(([name, offset]) => [name, offset])) as Record<
      keyof F,
      number
    >;
  }

  /** The fields that lie within the bytes; kernels that know fewer of them give fewer bytes. */
  read(bytes: Uint8Array): StructOf<F> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values: Record<string, unknown> = {};
    for (const [name, at, each] of this.#fields) {
      if (at + each.size <= bytes.byteLength) values[name] = each.read(view, at);
    }
    return values as StructOf<F>;
  }

  /** The bytes of checked values. */
  write(values: Readonly<Record<string, unknown>>): Buffer {
    const bytes = Buffer.alloc(this.size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const [name, at, each] of this.#fields) each.write(view, at, values[name]);
    return bytes;
  }

  /** Each field with its limits. */
  *[Symbol.iterator](): Generator<[name: string, field: Field<unknown>]> {
    for (const [name, , each] of this.#fields) yield [name, each];
  }
}
