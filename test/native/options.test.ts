/** binding/options.cpp: socket options, descriptor flags, FIONREAD, SIOCATMARK. */
import { closeSync, openSync } from 'node:fs';
import {
  AF_INET,
  AF_UNIX,
  EBADF,
  EFAULT,
  EINVAL,
  ENOPROTOOPT,
  ENOTSOCK,
  IPPROTO_TCP,
  MSG_OOB,
  SO_ATTACH_FILTER,
  SO_BROADCAST,
  SO_GET_FILTER,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PEERCRED,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
  TCP_NODELAY,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isNonblocking, open, pair } from './descriptors.ts';

function integer(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  expect(binding.getsockopt(fd, level, option, value)).toBe(4);
  return value[0]!;
}

describe('getsockopt, setsockopt', () => {
  test.each([
    ['SO_REUSEADDR', SOL_SOCKET, SO_REUSEADDR, 1],
    ['SO_KEEPALIVE', SOL_SOCKET, SO_KEEPALIVE, 1],
    ['SO_BROADCAST', SOL_SOCKET, SO_BROADCAST, 1],
    ['TCP_NODELAY', IPPROTO_TCP, TCP_NODELAY, 1],
  ])('%s as an integer and as bytes', (_, level, option, on) => {
    const fd = open(AF_INET);
    expect(integer(fd, level, option)).toBe(0);
    expect(binding.setsockopt(fd, level, option, on)).toBe(0);
    expect(integer(fd, level, option)).toBe(on);
    expect(binding.setsockopt(fd, level, option, new Int32Array([0]))).toBe(0);
    expect(integer(fd, level, option)).toBe(0);
  });

  test('structures as bytes', () => {
    const fd = open(AF_INET);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_LINGER, new Int32Array([1, 7]))).toBe(0);
    const linger = new Int32Array(2);
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_LINGER, linger)).toBe(8);
    expect([...linger]).toEqual([1, 7]);
    // Half a second is a whole number of the kernel's ticks, however long these are.
    const timeout = new BigInt64Array([3n, 500_000n]);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeout)).toBe(0);
    const read = new BigInt64Array(2);
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, read)).toBe(16);
    expect([...read]).toEqual([3n, 500_000n]);
    const peer = new Uint32Array(3);
    expect(binding.getsockopt(pair()[0], SOL_SOCKET, SO_PEERCRED, peer)).toBe(12);
    expect(peer[0]).toBe(process.pid);
  });

  test('text', () => {
    const fd = open(AF_INET);
    const name = Buffer.alloc(16);
    expect(binding.getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name)).toBeGreaterThan(0);
    expect(String(name)).toMatch(/^[a-z]+\0+$/);
    expect(binding.setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, Buffer.from('reno'))).toBe(0);
    binding.getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name);
    expect(String(name.subarray(0, 5))).toBe('reno\0');
  });

  test('a view of any size is room for a value, and nothing beside it is written', () => {
    const fd = open(AF_INET);
    const large = new Uint8Array(100_000).fill(255);
    const length = binding.getsockopt(fd, IPPROTO_TCP, TCP_INFO, large);
    expect(length).toBeGreaterThan(100);
    expect(large.subarray(length).every((byte) => byte === 255)).toBe(true);
    const memory = new Uint8Array(64).fill(255);
    expect(binding.getsockopt(fd, IPPROTO_TCP, TCP_INFO, memory.subarray(16, 26))).toBe(10);
    expect(memory.subarray(0, 16).every((byte) => byte === 255)).toBe(true);
    expect(memory.subarray(26).every((byte) => byte === 255)).toBe(true);
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_TYPE, new Uint8Array(0))).toBe(0);
    const two = new Uint8Array(2);
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_TYPE, two)).toBe(2);
    expect(two[0]).toBe(SOCK_STREAM);
  });

  test('null is a null pointer with a length', () => {
    const fd = open(AF_INET);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, null, 4)).toBe(-EFAULT);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, null, 0)).toBe(-EINVAL);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, null, 2 ** 32 - 1)).toBe(-EINVAL);
  });

  test('the buffer that the kernel doubles is the kernel’s own business', () => {
    const fd = open(AF_INET);
    binding.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 8192);
    expect(integer(fd, SOL_SOCKET, SO_SNDBUF)).toBe(16384);
  });

  test('failures are their errno', () => {
    const fd = open(AF_INET);
    const value = new Int32Array(1);
    expect(binding.getsockopt(fd, SOL_SOCKET, 12345, value)).toBe(-ENOPROTOOPT);
    expect(binding.setsockopt(fd, SOL_SOCKET, 12345, 1)).toBe(-ENOPROTOOPT);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_TYPE, 1)).toBe(-ENOPROTOOPT);
    expect(binding.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Uint8Array(0))).toBe(-EINVAL);
    expect(binding.getsockopt(-1, SOL_SOCKET, SO_TYPE, value)).toBe(-EBADF);
    const file = openSync('/dev/null', 'r');
    onTestFinished(() => closeSync(file));
    expect(binding.getsockopt(file, SOL_SOCKET, SO_TYPE, value)).toBe(-ENOTSOCK);
    expect(binding.setsockopt(file, SOL_SOCKET, SO_TYPE, 1)).toBe(-ENOTSOCK);
  });
});

describe('attachFilter', () => {
  const RET = 6;
  const program = (...instructions: [number, number][]) => new Uint32Array(instructions.flat());

  test('a program, which SO_GET_FILTER gives back', () => {
    const fd = open(AF_UNIX);
    const view = program([RET, 0xffffffff]);
    expect(binding.attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, view)).toBe(0);
    const read = new Uint32Array(4).fill(1);
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, read)).toBe(8);
    expect([...read]).toEqual([RET, 0xffffffff, 1, 1]);
    // Bytes behind the last whole instruction do not count.
    const more = new Uint8Array(15);
    more.set(new Uint8Array(view.buffer));
    expect(binding.attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, more)).toBe(0);
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, read)).toBe(8);
  });

  test('SO_GET_FILTER: the kernel gets the length in instructions, and writes nothing beyond the view', () => {
    const fd = open(AF_UNIX);
    const three = program([0, 1], [0, 2], [RET, 3]);
    expect(binding.attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, three)).toBe(0);
    const memory = new Uint8Array(512).fill(255);
    for (const size of [0, 1, 7, 8, 16, 23]) {
      const view = memory.subarray(100, 100 + size);
      expect(binding.getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, view)).toBe(-EINVAL);
      expect(memory.every((byte) => byte === 255)).toBe(true);
    }
    expect(binding.getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, memory.subarray(100, 124))).toBe(24);
    expect(memory.subarray(0, 100).every((byte) => byte === 255)).toBe(true);
    expect(memory.subarray(124).every((byte) => byte === 255)).toBe(true);
  });

  test('failures are their errno, and a program that is too long is a RangeError', () => {
    const fd = open(AF_UNIX);
    const attach = (view: Uint8Array | Uint32Array, option = SO_ATTACH_FILTER) =>
      binding.attachFilter(fd, SOL_SOCKET, option, view);
    expect(attach(new Uint8Array(0))).toBe(-EINVAL);
    expect(attach(new Uint8Array(7))).toBe(-EINVAL);
    expect(attach(program([0, 1]))).toBe(-EINVAL);
    expect(attach(new Uint8Array(8 * 0xffff))).toBe(-EINVAL);
    expect(() => attach(new Uint8Array(8 * 0xffff + 1))).toThrow(RangeError);
    expect(attach(program([RET, 0]), 12345)).toBe(-ENOPROTOOPT);
    expect(binding.attachFilter(-1, SOL_SOCKET, SO_ATTACH_FILTER, program([RET, 0]))).toBe(-EBADF);
  });
});

describe('descriptor flags', () => {
  test('getNonblocking, setNonblocking', () => {
    const fd = open(AF_UNIX);
    for (const on of [true, true, false, false]) {
      expect(binding.setNonblocking(fd, on)).toBe(0);
      expect(binding.getNonblocking(fd)).toBe(Number(on));
      expect(isNonblocking(fd)).toBe(on);
    }
  });

  test('getInheritable, setInheritable', () => {
    const fd = open(AF_UNIX);
    expect(binding.getInheritable(fd)).toBe(0);
    for (const on of [true, true, false, false]) {
      expect(binding.setInheritable(fd, on)).toBe(0);
      expect(binding.getInheritable(fd)).toBe(Number(on));
    }
  });

  test('fionread counts bytes, of a datagram those of the next one', () => {
    const [a, b] = pair();
    expect(binding.fionread(a)).toBe(0);
    binding.send(b, new Uint8Array(300), 0, 0, 300);
    expect(binding.fionread(a)).toBe(300);
    const [c, d] = pair(SOCK_DGRAM);
    binding.send(d, new Uint8Array(3), 0, 0, 3);
    binding.send(d, new Uint8Array(4), 0, 0, 4);
    expect(binding.fionread(c)).toBe(3);
  });

  test('sockatmark tells where urgent data stands', () => {
    const [a, b] = pair();
    const buffer = Buffer.alloc(9);
    binding.send(b, Buffer.from('ab!'), MSG_OOB);
    binding.send(b, Buffer.from('cd'));
    expect(binding.sockatmark(a)).toBe(0);
    expect(binding.recv(a, buffer)).toBe(2);
    expect(binding.sockatmark(a)).toBe(1);
    expect(binding.recv(a, buffer)).toBe(2);
    expect(binding.sockatmark(a)).toBe(0);
  });

  test('failures are their errno', () => {
    expect(binding.getNonblocking(-1)).toBe(-EBADF);
    expect(binding.setNonblocking(-1, true)).toBe(-EBADF);
    expect(binding.getInheritable(-1)).toBe(-EBADF);
    expect(binding.setInheritable(-1, true)).toBe(-EBADF);
    expect(binding.fionread(-1)).toBe(-EBADF);
    expect(binding.sockatmark(-1)).toBe(-EBADF);
    const listening = open(AF_INET);
    binding.listen(listening, 1);
    expect(binding.fionread(listening)).toBe(-EINVAL);
  });
});
