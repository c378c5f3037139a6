/** Options that are one integer, by its C type: what `getsockopt` takes in place of a length. */
import { LITTLE_ENDIAN } from './struct.ts';

/** An integer type of C: `getsockopt` returns a number for those of up to 32 bits and a bigint for those of 64. */
export type IntegerKind = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64';

const sizes: Readonly<Record<IntegerKind, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
};

/** Bytes of an integer type; undefined for what is none. */
export function integerSize(kind: unknown): number | undefined {
  return typeof kind === 'string' && Object.hasOwn(sizes, kind) ? sizes[kind as IntegerKind] : undefined;
}

/** The integer in the bytes, which may be fewer than its type has: some options are as short as they can be. */
export function readInteger(bytes: Buffer, kind: IntegerKind): number | bigint {
  const signed = kind.startsWith('i');
  // Numbers are exact, and Buffer reads them, up to 6 bytes.
  const value = bytes.length > 6 ? readWide(bytes, signed) : readNarrow(bytes, signed);
  return integerSize(kind) === 8 ? BigInt(value) : Number(value);
}

function readNarrow(bytes: Buffer, signed: boolean): number {
  if (bytes.length === 0) return 0;
  if (LITTLE_ENDIAN) return signed ? bytes.readIntLE(0, bytes.length) : bytes.readUIntLE(0, bytes.length);
  return signed ? bytes.readIntBE(0, bytes.length) : bytes.readUIntBE(0, bytes.length);
}

function readWide(bytes: Buffer, signed: boolean): bigint {
  const highFirst = LITTLE_ENDIAN ? Buffer.from(bytes).reverse() : bytes;
  const value = BigInt(`0x${highFirst.toString('hex')}`);
  return signed ? BigInt.asIntN(8 * bytes.length, value) : value;
}

/** The 8 bytes of a bigint that fits 64 bits, signed or not. */
export function bigintBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[LITTLE_ENDIAN ? 'writeBigUInt64LE' : 'writeBigUInt64BE'](BigInt.asUintN(64, value));
  return bytes;
}
