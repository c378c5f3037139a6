/** Socket options: integers, bytes, nothing at all, and what is wrong. */
import {
  IPPROTO_TCP,
  OSError,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from 'bsd-socket';
import { expect, test } from 'vitest';
import { failure, inet, open } from './support.ts';

test.each([
  ['SO_REUSEADDR', SOL_SOCKET, SO_REUSEADDR],
  ['SO_KEEPALIVE', SOL_SOCKET, SO_KEEPALIVE],
  ['SO_BROADCAST', SOL_SOCKET, SO_BROADCAST],
  ['TCP_NODELAY', IPPROTO_TCP, TCP_NODELAY],
])('%s: an integer, a boolean, bytes', (_name, level, option) => {
  const sock = open(inet);
  expect(sock.getsockopt(level, option)).toBe(0);
  for (const [value, expected] of [
    [1, 1],
    [0, 0],
    [true, 1],
    [false, 0],
    [Int32Array.of(1), 1],
    [Buffer.alloc(4), 0],
  ] as const) {
    expect(sock.setsockopt(level, option, value)).toBe(undefined);
    expect(sock.getsockopt(level, option)).toBe(expected);
  }
});

test('bytes: as many as the kernel gives, at most as many as asked for', () => {
  const sock = open(inet);
  sock.setsockopt(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 5));
  const bytes = Buffer.from(Int32Array.of(1, 5).buffer);
  expect(sock.getsockopt(SOL_SOCKET, SO_LINGER, 8)).toEqual(bytes);
  expect(sock.getsockopt(SOL_SOCKET, SO_LINGER, 1000)).toEqual(bytes);
  expect(sock.getsockopt(SOL_SOCKET, SO_LINGER, 2)).toEqual(bytes.subarray(0, 2));
  expect(sock.getsockopt(SOL_SOCKET, SO_TYPE, 100)).toEqual(Buffer.from(Int32Array.of(SOCK_STREAM).buffer));
});

test.each(['int24', null, {}])('a type of integer that there is not: %o', (kind) => {
  const call = () => open(inet).getsockopt(SOL_SOCKET, SO_TYPE, kind as never);
  expect(call).toThrow(TypeError);
  expect(call).toThrow("buflen must be a number of bytes or a type from 'int8' to 'uint64', not ");
});

test('null with a length is a null pointer', () => {
  const sock = open(inet);
  sock.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, null, 0);
  expect(() => sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, null, 4)).toThrow(
    expect.objectContaining({ code: 'EFAULT' }),
  );
});

test('the upper half of 32 bits', () => {
  const sock = open(inet);
  sock.setsockopt(SOL_SOCKET, SO_SNDBUF, 100_000);
  const before = sock.getsockopt(SOL_SOCKET, SO_SNDBUF);
  // The kernel cuts what is too much to its limit.
  sock.setsockopt(SOL_SOCKET, SO_SNDBUF, 0x7fffffff);
  expect(sock.getsockopt(SOL_SOCKET, SO_SNDBUF)).toBeGreaterThanOrEqual(before);
  sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 0xffffffff);
  expect(sock.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
});

test.each([
  [[SOL_SOCKET, 9999, 1], OSError, 'ENOPROTOOPT'],
  [[9999, 1, 1], OSError, 'ENOPROTOOPT'],
  [[SOL_SOCKET, SO_REUSEADDR, Buffer.alloc(1)], OSError, 'EINVAL'],
  [[SOL_SOCKET, SO_REUSEADDR, 2 ** 32], RangeError, 'ERR_OUT_OF_RANGE'],
  [[SOL_SOCKET, SO_REUSEADDR, -(2 ** 31) - 1], RangeError, 'ERR_OUT_OF_RANGE'],
  [[SOL_SOCKET, SO_REUSEADDR, 1.5], RangeError, 'ERR_OUT_OF_RANGE'],
  [[SOL_SOCKET, SO_REUSEADDR, undefined], TypeError, 'ERR_INVALID_ARG_TYPE'],
  [[SOL_SOCKET, SO_REUSEADDR, null], TypeError, 'ERR_INVALID_ARG_TYPE'],
  [['SOL_SOCKET', SO_REUSEADDR, 1], TypeError, 'ERR_INVALID_ARG_TYPE'],
  // A length goes with null only.
  [[SOL_SOCKET, SO_REUSEADDR, 1, 4], TypeError, 'ERR_INVALID_ARG_TYPE'],
  [[SOL_SOCKET, SO_REUSEADDR, Buffer.alloc(4), 4], TypeError, 'ERR_INVALID_ARG_TYPE'],
  [[SOL_SOCKET, SO_REUSEADDR, Buffer.alloc(4), null], TypeError, 'ERR_INVALID_ARG_TYPE'],
  [[SOL_SOCKET, SO_REUSEADDR, null, '4'], TypeError, 'ERR_INVALID_ARG_TYPE'],
])('setsockopt(...%j) fails', async (args, type, code) => {
  const sock = open(inet);
  const error = await failure(() => sock.setsockopt(...(args as [number, number, number])));
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ code });
});

test.each([
  [[SOL_SOCKET, 9999], OSError, 'ENOPROTOOPT'],
  [[SOL_SOCKET, SO_TYPE, -1], RangeError, 'ERR_OUT_OF_RANGE'],
  [[SOL_SOCKET, SO_TYPE, '4'], TypeError, 'ERR_INVALID_ARG_TYPE'],
  [[SOL_SOCKET, null], TypeError, 'ERR_INVALID_ARG_TYPE'],
])('getsockopt(...%j) fails', async (args, type, code) => {
  const sock = open(inet);
  const error = await failure(() => sock.getsockopt(...(args as [number, number, number])));
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ code });
});
