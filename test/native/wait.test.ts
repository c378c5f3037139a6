/** binding/wait.cpp: poll(2). What signals and the end of a worker do to it stands in test/robust. */
import {
  AF_INET,
  AF_UNIX,
  EINVAL,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  SHUT_WR,
  SOCK_DGRAM,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { bound, called, fill, keep, open, pair, storage } from './descriptors.ts';

const POLLRDHUP = 0x2000;

/** Calls poll with rows of descriptor and events; returns its result and the revents. */
function poll(
  timeout: number,
  ...rows: [fd: number, events: number][]
): [result: number, ...revents: number[]] {
  const fds = new Int32Array(2 * rows.length);
  const shorts = new Int16Array(fds.buffer);
  rows.forEach(([fd, events], index) => {
    fds[2 * index] = fd;
    shorts[4 * index + 2] = events;
    shorts[4 * index + 3] = -1;
  });
  const result = binding.poll(fds, timeout);
  return [result, ...rows.map((_, index) => shorts[4 * index + 3]!)];
}

describe('readiness', () => {
  test('of several descriptors at once', () => {
    const [a, b] = pair();
    const [c, d] = pair();
    const full = pair()[0];
    fill(full);
    binding.send(b, new Uint8Array(1), 0, 0, 1);
    const rows: [number, number][] = [
      [a, POLLIN],
      [b, POLLIN],
      [c, POLLIN | POLLOUT],
      [full, POLLOUT],
      [d, 0],
    ];
    expect(poll(-1, ...rows)).toEqual([2, POLLIN, 0, POLLOUT, 0, 0]);
  });

  test('an end is POLLHUP, half of one POLLRDHUP', () => {
    const [a, b] = pair();
    binding.shutdown(b, SHUT_WR);
    expect(poll(-1, [a, POLLIN | POLLRDHUP])).toEqual([1, POLLIN | POLLRDHUP]);
    binding.shutdown(b, 2);
    expect(poll(-1, [a, 0])).toEqual([1, POLLHUP]);
  });

  test('an error is POLLERR', () => {
    const nobody = binding.socket(AF_INET, SOCK_DGRAM, 0);
    binding.bind(nobody, binding.sockaddr(AF_INET, '127.0.0.1', 0) as Buffer);
    const into = storage();
    binding.getsockname(nobody, into);
    binding.close(nobody);
    const fd = open(AF_INET, SOCK_DGRAM);
    binding.connect(fd, binding.sockaddr(AF_INET, ...(binding.address(into) as [string, number])) as Buffer);
    binding.send(fd, new Uint8Array(1), 0, 0, 1);
    expect(poll(-1, [fd, 0])).toEqual([1, POLLERR]);
  });

  test('urgent data is POLLPRI', () => {
    const [server, client] = called(AF_INET);
    const connection = keep(binding.accept(server, storage()));
    binding.send(connection, new Uint8Array(1), 1, 0, 1);
    expect(poll(-1, [client, POLLPRI])).toEqual([1, POLLPRI]);
  });

  test('a connection to accept is POLLIN', () => {
    expect(poll(-1, [called(AF_UNIX)[0], POLLIN])).toEqual([1, POLLIN]);
  });

  test('a closed descriptor is POLLNVAL', () => {
    const fd = binding.socket(AF_UNIX, SOCK_DGRAM, 0);
    binding.close(fd);
    expect(poll(-1, [fd, POLLIN], [2 ** 31 - 1, 0])).toEqual([2, POLLNVAL, POLLNVAL]);
  });

  test('negative descriptors are passed over', () => {
    const [a] = pair();
    expect(poll(-1, [-1, POLLIN], [a, POLLOUT], [-(2 ** 31), POLLOUT])).toEqual([1, 0, POLLOUT, 0]);
    expect(poll(0, [-1, POLLIN])).toEqual([0, 0]);
  });
});

describe('the timeout', () => {
  test.each([0.25, 0.75, 1, 2.5, 20])('of %d ms is not cut short', (milliseconds) => {
    const { 0: fd } = pair();
    const start = process.hrtime.bigint();
    expect(poll(milliseconds, [fd, POLLIN])).toEqual([0, 0]);
    const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
    expect(elapsed).toBeGreaterThanOrEqual(milliseconds);
    // Fractions count: they are not rounded up to a whole second, nor taken for seconds.
    expect(elapsed).toBeLessThan(milliseconds + 500);
  });

  test('of 0 does not wait, nor do a tiny one and a negative zero', () => {
    const { 0: fd } = pair();
    for (const timeout of [0, -0, 5e-324]) expect(poll(timeout, [fd, POLLIN])).toEqual([0, 0]);
  });

  test.each([-1, -0.001, -(2 ** 40), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1e300, 2 ** 53])(
    'of %d has no end, so that what is ready ends the wait',
    (timeout) => expect(poll(timeout, [pair()[0], POLLOUT])).toEqual([1, POLLOUT]),
  );

  test('without descriptors is a pause', () => {
    const start = performance.now();
    expect(binding.poll(new Int32Array(0), 5)).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(4.9);
  });
});

describe('the view', () => {
  test('counts in whole structures', () => {
    const fd = bound(AF_UNIX, SOCK_DGRAM);
    const memory = new Uint8Array(8 + 7).fill(0x55);
    new Int32Array(memory.buffer, 0, 2).set([fd, POLLOUT]);
    expect(binding.poll(memory, 0)).toBe(1);
    expect([...memory.subarray(8)]).toEqual(new Array(7).fill(0x55));
  });

  test('may stand anywhere and be of any kind', () => {
    const fd = bound(AF_UNIX, SOCK_DGRAM);
    const memory = Buffer.alloc(32);
    memory.writeInt32LE(fd, 5);
    memory.writeInt16LE(POLLOUT, 9);
    expect(binding.poll(memory.subarray(5, 13), 0)).toBe(1);
    expect(memory.readInt16LE(11)).toBe(POLLOUT);
    const shared = new Int32Array(new SharedArrayBuffer(8));
    shared.set([fd, POLLOUT]);
    expect(binding.poll(shared, 0)).toBe(1);
  });

  test('of more descriptors than the process may have is refused by the kernel', () => {
    expect(binding.poll(new Int32Array(2 ** 24).fill(-1), 0)).toBe(-EINVAL);
  });
});
