/** binding/names.cpp: names and notations. */
import { hostname } from 'node:os';
import { AF_INET, AF_INET6, AF_UNIX, EAFNOSUPPORT, EAGAIN, ECONNREFUSED, ENODEV } from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { expect, test } from 'vitest';

test('gethostname', () => expect(binding.gethostname()).toBe(hostname()));

test('if_nametoindex', () => {
  expect(binding.if_nametoindex('lo')).toBeGreaterThan(0);
  for (const name of ['', 'no such one', 'x'.repeat(1000)])
    expect(binding.if_nametoindex(name)).toBe(-ENODEV);
});

test('inet_pton, inet_ntop: text to bytes and back', () => {
  expect(binding.inet_pton(AF_INET, '1.2.3.4')).toEqual(Buffer.from([1, 2, 3, 4]));
  expect(binding.inet_ntop(AF_INET, new Uint8Array([1, 2, 3, 4]))).toBe('1.2.3.4');
  const packed = binding.inet_pton(AF_INET6, '2001:DB8:0:0::1') as Buffer;
  expect(packed.toString('hex')).toBe('20010db8000000000000000000000001');
  expect(binding.inet_ntop(AF_INET6, packed)).toBe('2001:db8::1');
  expect(binding.inet_ntop(AF_INET6, new Uint8Array(16))).toBe('::');
});

test.each(['', '1', '1.2.3', '1.2.3.4.5', '256.1.1.1', ' 1.2.3.4', '1.2.3.4 ', '::1', 'localhost'])(
  'inet_pton of %j is null',
  (text) => expect(binding.inet_pton(AF_INET, text)).toBeNull(),
);

test('inet_ntop of a wrong length is null', () => {
  for (const length of [0, 3, 5, 16]) expect(binding.inet_ntop(AF_INET, new Uint8Array(length))).toBeNull();
  for (const length of [0, 4, 15, 17]) expect(binding.inet_ntop(AF_INET6, new Uint8Array(length))).toBeNull();
});

test('other families have no notation', () => {
  expect(binding.inet_pton(AF_UNIX, '/tmp')).toBe(-EAFNOSUPPORT);
  expect(binding.inet_ntop(AF_UNIX, new Uint8Array(4))).toBe(-EAFNOSUPPORT);
  expect(binding.inet_ntop(-1, new Uint8Array(0))).toBe(-EAFNOSUPPORT);
});

test('inet_aton takes what libc takes', () => {
  expect(binding.inet_aton('127.1')).toEqual(Buffer.from([127, 0, 0, 1]));
  expect(binding.inet_aton('0x7f.1')).toEqual(Buffer.from([127, 0, 0, 1]));
  expect(binding.inet_aton('1')).toEqual(Buffer.from([0, 0, 0, 1]));
  expect(binding.inet_aton('')).toBeNull();
  expect(binding.inet_aton('x')).toBeNull();
});

test('strerror, gai_strerror: a text for every number', () => {
  expect(binding.strerror(EAGAIN)).toBe('Resource temporarily unavailable');
  expect(binding.strerror(ECONNREFUSED)).toBe('Connection refused');
  for (const number of [0, -1, 4095, 2 ** 31 - 1, -(2 ** 31)]) {
    expect(binding.strerror(number)).not.toBe('');
    expect(binding.gai_strerror(number)).not.toBe('');
  }
});
