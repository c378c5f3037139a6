/** The forms of values that no option of this machine shows, or not fully. */
import { endianness } from 'node:os';
import { expect, test } from 'vitest';
import { inet6Address, inetAddress, linger, text, timeval, uints } from '../dist/options/option-codecs.js';

test('addresses of netfilter', () => {
  const inet = Buffer.from('0200005001020304'.padEnd(32, '0'), 'hex');
  if (endianness() === 'BE') inet.swap16();
  expect(inetAddress.decode(inet)).toEqual(['1.2.3.4', 80]);
  const inet6 = Buffer.alloc(28);
  inet6.set(new Uint8Array(Uint16Array.of(10).buffer));
  inet6.writeUInt16BE(443, 2);
  inet6[23] = 1;
  expect(inet6Address.decode(inet6)).toEqual(['::1', 443, 0, 0]);
});

test('text ends at its NUL or at its end', () => {
  expect(text.decode(Buffer.from('cubic\0\0\0'))).toBe('cubic');
  expect(text.decode(Buffer.from('cubic'))).toBe('cubic');
  expect(text.decode(Buffer.alloc(0))).toBe('');
});

test('arrays have as many numbers as there are bytes for', () => {
  expect(uints.decode(Buffer.from(Uint32Array.of(1, 0xffffffff).buffer))).toEqual([1, 0xffffffff]);
  expect(uints.decode(Buffer.alloc(0))).toEqual([]);
});

test.each([
  [0.1, [0n, 100_000n]],
  [1.1, [1n, 100_000n]],
  [2.999_999_9, [3n, 0n]],
  [1e-12, [0n, 1n]],
  [null, [0n, 0n]],
  [5, [5n, 0n]],
])('%s seconds are a struct timeval', (value, expected) => {
  const bytes = Buffer.from(timeval.encode(value, 'rcvTimeo') as Buffer);
  expect([...new BigInt64Array(bytes.buffer, bytes.byteOffset, 2)]).toEqual(expected);
});

test('linger of 0 seconds is not off', () => {
  expect(linger.encode(0, 'linger')).toEqual(Int32Array.of(1, 0));
  expect(linger.encode(null, 'linger')).toEqual(Int32Array.of(0, 0));
  expect(linger.decode(Buffer.from(Int32Array.of(1, 0).buffer))).toBe(0);
  expect(linger.decode(Buffer.from(Int32Array.of(0, 5).buffer))).toBe(null);
});
