/** Integers of options: every type from every number of bytes. */
import { endianness } from 'node:os';
import { expect, test } from 'vitest';
import { bigintBytes, type IntegerKind, integerSize, readInteger } from '../dist/options/option-integers.js';

/** The bytes in the order of the machine, given with the lowest first. */
const native = (...lowFirst: number[]) => Buffer.from(endianness() === 'LE' ? lowFirst : lowFirst.reverse());

test.each([
  ['uint8', [0xff], 255],
  ['int8', [0xff], -1],
  ['uint16', [1, 2], 0x201],
  ['int16', [0xfe, 0xff], -2],
  ['uint32', [0xff, 0xff, 0xff, 0xff], 0xffffffff],
  ['int32', [0xff, 0xff, 0xff, 0xff], -1],
  ['uint64', Array(8).fill(0xff), 2n ** 64n - 1n],
  ['int64', Array(8).fill(0xff), -1n],
  ['int64', [...Array(7).fill(0), 0x80], -(2n ** 63n)],
  // Fewer bytes than the type has.
  ['int32', [0xff], -1],
  ['uint32', [0xff], 255],
  ['uint32', [], 0],
  ['uint64', [], 0n],
  ['uint64', [1, 0, 0, 0], 1n],
  ['int64', [0xff, 0xff, 0xff, 0xff], -1n],
  ['uint64', [1, 2, 3, 4, 5], 0x0504030201n],
  ['uint64', [1, 2, 3, 4, 5, 6], 0x060504030201n],
  ['uint64', [1, 2, 3, 4, 5, 6, 7], 0x07060504030201n],
  ['int64', Array(7).fill(0xff), -1n],
] as [IntegerKind, number[], number | bigint][])('%s of the bytes %j', (kind, bytes, expected) => {
  expect(readInteger(native(...bytes), kind)).toBe(expected);
});

test.each([0n, 1n, -1n, 2n ** 64n - 1n, -(2n ** 63n), 0x0102030405060708n])('%s there and back', (value) => {
  const bytes = bigintBytes(value);
  expect(bytes).toHaveLength(8);
  expect(readInteger(bytes, value < 0n ? 'int64' : 'uint64')).toBe(value);
});

test.each(['', 'int', 'uint128', 'constructor', 4, null, undefined])('%o is no type', (kind) => {
  expect(integerSize(kind)).toBe(undefined);
});
