/** binding/epoll.cpp: sets of descriptors, which are never waited for here. */
import { openSync } from 'node:fs';
import {
  EBADF,
  EEXIST,
  EINVAL,
  ELOOP,
  ENOENT,
  EPERM,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDHUP,
  POLLIN,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { flagsOf, keep, pair } from './descriptors.ts';

const { EPOLL_DATA_OFFSET, EPOLL_EVENT_SIZE } = binding;

const set = () => keep(binding.epoll_create1(0));

/** What is ready: pairs of data and events. */
function ready(epfd: number, maxevents = 8): number | [data: number, events: number][] {
  const events = Buffer.alloc(maxevents * EPOLL_EVENT_SIZE);
  const count = binding.epoll_wait(epfd, events, maxevents);
  if (count < 0) return count;
  return Array.from({ length: count }, (_, index) => {
    const at = index * EPOLL_EVENT_SIZE;
    return [events.readInt32LE(at + EPOLL_DATA_OFFSET), events.readUInt32LE(at)];
  });
}

test('a set is close-on-exec, whatever the flags', () => {
  const O_CLOEXEC = 0o2000000;
  expect(flagsOf(set()) & O_CLOEXEC).toBe(O_CLOEXEC);
  expect(flagsOf(keep(binding.epoll_create1(O_CLOEXEC))) & O_CLOEXEC).toBe(O_CLOEXEC);
  expect(binding.epoll_create1(12345)).toBe(-EINVAL);
});

test('members come, change and go', () => {
  const epfd = set();
  const [a, b] = pair();
  expect(ready(epfd)).toEqual([]);
  expect(binding.epoll_ctl(epfd, EPOLL_CTL_ADD, a, EPOLLOUT, -7)).toBe(0);
  expect(ready(epfd)).toEqual([[-7, EPOLLOUT]]);
  expect(binding.epoll_ctl(epfd, EPOLL_CTL_MOD, a, EPOLLIN, 2 ** 31 - 1)).toBe(0);
  expect(ready(epfd)).toEqual([]);
  binding.send(b, new Uint8Array(1), 0, 0, 1);
  expect(ready(epfd)).toEqual([[2 ** 31 - 1, EPOLLIN]]);
  expect(binding.epoll_ctl(epfd, EPOLL_CTL_DEL, a, 0, 0)).toBe(0);
  expect(ready(epfd)).toEqual([]);
});

test('the highest bit of the events counts, as a negative number and as a positive one', () => {
  const [a, b] = pair();
  for (const events of [EPOLLIN | EPOLLET, EPOLLIN + EPOLLET]) {
    const epfd = set();
    binding.epoll_ctl(epfd, EPOLL_CTL_ADD, a, events, 0);
    binding.send(b, new Uint8Array(1), 0, 0, 1);
    // Edge-triggered: told once.
    expect(ready(epfd)).toEqual([[0, EPOLLIN]]);
    expect(ready(epfd)).toEqual([]);
  }
});

test('EPOLLONESHOT, EPOLLRDHUP and EPOLLHUP are the kernel’s', () => {
  const epfd = set();
  const [a, b] = pair();
  binding.epoll_ctl(epfd, EPOLL_CTL_ADD, a, EPOLLRDHUP | EPOLLONESHOT, 1);
  binding.shutdown(b, 2);
  expect(ready(epfd)).toEqual([[1, EPOLLRDHUP | EPOLLHUP]]);
  expect(ready(epfd)).toEqual([]);
});

test('no more than maxevents, and the others the next time', () => {
  const epfd = set();
  const fds = [...pair(), ...pair()];
  for (const fd of fds) binding.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLOUT, fd);
  const [first, second] = [ready(epfd, 3), ready(epfd, 3)] as [number, number][][];
  expect([first!.length, second!.length]).toEqual([3, 3]);
  expect(new Set([...first!, ...second!].map(([data]) => data))).toEqual(new Set(fds));
});

test('failures are errno numbers', () => {
  const epfd = set();
  const other = set();
  const [a] = pair();
  const events = new Uint8Array(EPOLL_EVENT_SIZE);
  const add = (fd: number, to = epfd) => binding.epoll_ctl(to, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
  expect(add(a)).toBe(0);
  expect(add(a)).toBe(-EEXIST);
  expect(add(-1)).toBe(-EBADF);
  expect(add(epfd)).toBe(-EINVAL);
  expect(add(epfd, other)).toBe(0);
  expect(add(other)).toBe(-ELOOP);
  expect(binding.epoll_ctl(epfd, EPOLL_CTL_DEL, pair()[0], 0, 0)).toBe(-ENOENT);
  // A file is always ready, and cannot be watched.
  expect(add(keep(openSync(new URL(import.meta.url), 'r')))).toBe(-EPERM);
  expect(binding.epoll_wait(a, events, 1)).toBe(-EINVAL);
  expect(binding.epoll_wait(-1, events, 1)).toBe(-EBADF);
  expect(binding.epoll_wait(epfd, events, 0)).toBe(-EINVAL);
});

describe('the view of epoll_wait', () => {
  test('is never written behind its end', () => {
    const epfd = set();
    for (const fd of [...pair(), ...pair()]) binding.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLOUT, fd);
    const memory = new Uint8Array(3 * EPOLL_EVENT_SIZE).fill(0x55);
    // Two whole structures and most of a third.
    const view = memory.subarray(0, -1);
    expect(() => binding.epoll_wait(epfd, view, 3)).toThrow(RangeError);
    expect(binding.epoll_wait(epfd, view, 2)).toBe(2);
    expect([...memory.subarray(2 * EPOLL_EVENT_SIZE)]).toEqual(new Array(EPOLL_EVENT_SIZE).fill(0x55));
  });

  test('may stand anywhere, be shared, or be gone', () => {
    const epfd = set();
    binding.epoll_ctl(epfd, EPOLL_CTL_ADD, pair()[0], EPOLLOUT, 5);
    const memory = Buffer.from(new SharedArrayBuffer(EPOLL_EVENT_SIZE + 1));
    expect(binding.epoll_wait(epfd, memory.subarray(1), 1)).toBe(1);
    expect(memory.readUInt32LE(1)).toBe(EPOLLOUT);
    const detached = new Uint8Array(EPOLL_EVENT_SIZE);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => binding.epoll_wait(epfd, detached, 1)).toThrow(RangeError);
  });
});

test('poll(2) waits for a set', () => {
  const epfd = set();
  const [a, b] = pair();
  binding.epoll_ctl(epfd, EPOLL_CTL_ADD, a, EPOLLIN, 0);
  const pollfd = new Int32Array([epfd, POLLIN]);
  expect(binding.poll(pollfd, 1)).toBe(0);
  binding.send(b, new Uint8Array(1), 0, 0, 1);
  expect(binding.poll(pollfd, -1)).toBe(1);
});
