/** How the value of an option is written in JavaScript, and how it goes to the kernel and comes from it. */

import { internet, unpack } from '../address/address.ts';
import { readable } from '../buffers.ts';
import { builtins } from '../builtins.ts';
import { AF_INET, AF_INET6 } from '../constants.generated.ts';
import { checked } from '../errors.ts';
import type { Inet6Address, InetAddress } from '../family.ts';
import { native } from '../native.ts';
import { integer, outOfRange, seconds, textOf, wrongKind } from '../validate.ts';
import { bigintBytes, readInteger } from './option-integers.ts';
import type { Field, Struct, StructOf } from './struct.ts';

/** How a value is read. */
export interface Decoder<T> {
  /** Its type in TypeScript, for the documentation. */
  readonly type: string;
  /** Room for its bytes. */
  readonly size: number;
  /** Room for a second attempt, when the kernel says ERANGE to the first; 0 for none. */
  readonly most?: number;
  decode(bytes: Buffer): T;
}

/** How a value is read and written. */
export interface Codec<T> extends Decoder<T> {
  /**
   * Checks a value and gives it the form that `native.setsockopt` takes.
   *
   * @param name the option's, for messages
   */
  encode(value: unknown, name: string): number | NodeJS.ArrayBufferView;
}

const CALLER = 'setsockopt';

/** On or off. */
export const flag: Codec<boolean> = {
  type: 'boolean',
  size: 4,
  decode: (bytes) => readInteger(bytes, 'int32') !== 0,
  encode(value, name) {
    if (typeof value !== 'boolean') throw wrongKind(CALLER, name, 'a boolean', value);
    return Number(value);
  },
};

/** A C int. */
export const int: Codec<number> = {
  type: 'number',
  size: 4,
  decode: (bytes) => Number(readInteger(bytes, bytes.length === 1 ? 'uint8' : 'int32')),
  encode: (value, name) => integer(CALLER, name, value, -0x80000000, 0x7fffffff),
};

/** 32 bits without a sign. */
export const uint: Codec<number> = {
  type: 'number',
  size: 4,
  decode: (bytes) => Number(readInteger(bytes, 'uint32')),
  encode: (value, name) => integer(CALLER, name, value, 0, 0xffffffff) | 0,
};

/** 64 bits without a sign. */
export const uint64: Codec<bigint> = {
  type: 'bigint',
  size: 8,
  decode: (bytes) => BigInt(readInteger(bytes, 'uint64')),
  encode(value, name) {
    if (typeof value !== 'bigint') throw wrongKind(CALLER, name, 'a bigint', value);
    if (value < 0n || value >= 2n ** 64n) throw outOfRange(CALLER, name, 'from 0n to 2n ** 64n - 1n', value);
    return bigintBytes(value);
  },
};

/** An index in network byte order. */
export const networkIndex: Codec<number> = {
  type: 'number',
  size: 4,
  decode: (bytes) => bytes.readUInt32BE(),
  encode(value, name) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(integer(CALLER, name, value, 0, 0x7fffffff));
    return bytes;
  },
};

/** A name, without the NUL at its end. */
export const text: Codec<string> = {
  type: 'string',
  size: 64,
  most: 65536,
  decode(bytes) {
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  },
  encode: (value, name) => Buffer.from(textOf(CALLER, name, value, 'a string')),
};

/** Bytes as they are, at most so many. */
export function bytes(size: number): Codec<Buffer> {
  return {
    type: 'Buffer',
    size,
    decode: (value) => value,
    encode: (value, name) => readable(CALLER, name, value),
  };
}

/** struct timeval: more than 0 seconds, null for no limit. */
export const timeval: Codec<number | null> = {
  type: 'number | null',
  size: 16,
  decode(value) {
    const [whole, micro] = [value.subarray(0, 8), value.subarray(8)].map((half) =>
      readInteger(half, 'int64'),
    );
    return whole === 0n && micro === 0n ? null : Number(whole) + Number(micro) / 1e6;
  },
  encode(value, name) {
    const limit = seconds(CALLER, name, value);
    // To the kernel 0 is no limit, to a timeout of ours it is "do not wait".
    if (limit === 0) throw outOfRange(CALLER, name, 'more than 0 seconds, or null for no limit', value);
    const micro = limit === null ? 0 : Math.max(1, Math.round(limit * 1e6));
    return Buffer.concat([bigintBytes(BigInt(Math.floor(micro / 1e6))), bigintBytes(BigInt(micro % 1e6))]);
  },
};

/** struct linger: seconds, null for off. */
export const linger: Codec<number | null> = {
  type: 'number | null',
  size: 8,
  decode: (value) =>
    readInteger(value.subarray(0, 4), 'int32') === 0 ? null : Number(readInteger(value.subarray(4), 'int32')),
  encode(value, name) {
    if (value === null) return Int32Array.of(0, 0);
    if (typeof value !== 'number')
      throw wrongKind(CALLER, name, 'seconds as an integer, or null for off', value);
    return Int32Array.of(1, integer(CALLER, name, value, 0, 0x7fffffff));
  },
};

/** A structure whose fields may be read. `type` is its name in TypeScript. */
export function reading<F extends Record<string, Field<unknown>>>(
  type: string,
  layout: Struct<F>,
): Decoder<StructOf<F>> {
  // Room for what newer kernels may add to the end.
  return { type, size: layout.size + 256, decode: (value) => layout.read(value) };
}

/** A structure that may be set. All its fields have to be given. */
export function structure<F extends Record<string, Field<unknown>>>(
  type: string,
  layout: Struct<F>,
): Codec<StructOf<F>> {
  return {
    type,
    size: layout.size,
    decode: (value) => layout.read(value),
    encode(value, name) {
      if (typeof value !== 'object' || value === null) throw wrongKind(CALLER, name, type, value);
      const given: Record<string, unknown> = {};
      for (const [key, { limits }] of layout) {
        const [least, most] = limits as [number, number];
        given[key] = integer(CALLER, `${name}.${key}`, (value as Record<string, unknown>)[key], least, most);
      }
      return layout.write(given);
    },
  };
}

/** As another decoder reads it, and then by a function. */
export function mapped<T, U>(type: string, decoder: Decoder<T>, map: (value: T) => U): Decoder<U> {
  const { size, most } = decoder;
  return { type, size, most, decode: (value) => map(decoder.decode(value)) };
}

/** An array of unsigned integers of 32 bits. */
export const uints: Decoder<number[]> = {
  type: 'number[]',
  size: 1024,
  // NGROUPS_MAX is 65536.
  most: 4 * 65536,
  decode(value) {
    const count = value.length >> 2;
    return Array.from({ length: count }, (_, index) =>
      Number(readInteger(value.subarray(index * 4, index * 4 + 4), 'uint32')),
    );
  },
};

/** Two ports, `[low, high]`, in one number; 0 for a side that is not limited. */
export const portRange: Codec<[low: number, high: number]> = {
  type: '[number, number]',
  size: 4,
  decode(value) {
    const range = Number(readInteger(value, 'uint32'));
    return [range & 0xffff, range >>> 16];
  },
  encode(value, name) {
    if (!Array.isArray(value) || value.length !== 2) throw wrongKind(CALLER, name, '[low, high]', value);
    const [low, high] = value as unknown[];
    const lower = integer(CALLER, `${name}[0]`, low, 0, 65535);
    return (integer(CALLER, `${name}[1]`, high, 0, 65535) << 16) | lower;
  },
};

/** The index of an interface by its name. */
export function interfaceIndex(name: string): number {
  return checked(native.if_nametoindex(name), 'if_nametoindex', name);
}

/** The interface of outgoing multicasts: set by an IPv4 address or by a name, read as an IPv4 address. */
export const inetInterface: Codec<string> = {
  type: 'string',
  size: 4,
  decode: (value) => native.inet_ntop(AF_INET, value) as string,
  encode(value, name) {
    const given = textOf(CALLER, name, value, "an IPv4 address or an interface's name");
    if (builtins.net.isIPv4(given)) return native.inet_pton(AF_INET, given) as Buffer;
    // struct ip_mreqn: two addresses and an index.
    return Int32Array.of(0, 0, interfaceIndex(given));
  },
};

/** struct sockaddr_in. */
export const inetAddress: Decoder<InetAddress> = {
  type: 'InetAddress',
  size: 16,
  decode: (value) => unpack(internet(AF_INET), value) as InetAddress,
};

/** struct sockaddr_in6. */
export const inet6Address: Decoder<Inet6Address> = {
  type: 'Inet6Address',
  size: 28,
  decode: (value) => unpack(internet(AF_INET6), value) as Inet6Address,
};

/** The number in struct ip6_mtuinfo, whose address Linux leaves empty. */
export const pathMtu: Decoder<number> = {
  type: 'number',
  size: 32,
  decode: (value) => Number(readInteger(value.subarray(28, 32), 'uint32')),
};
