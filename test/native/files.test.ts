/** binding/files.cpp: the calls on files. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AF_INET, AF_UNIX, EAGAIN, EBADF, EINVAL, ENOTCONN, EPIPE, ESPIPE, SOCK_STREAM } from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { expect, onTestFinished, test } from 'vitest';
import { fill, isNonblocking, keep, open, pair } from './descriptors.ts';

/** A file without a name. */
function file(text: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-files-'));
  const fd = openSync(join(folder, 'file'), 'w+');
  onTestFinished(() => closeSync(fd));
  rmSync(folder, { recursive: true });
  writeSync(fd, text);
  binding.lseek(fd, 0, 0);
  return fd;
}

function received(fd: number): string {
  const memory = Buffer.alloc(100);
  return memory.toString('latin1', 0, binding.recv(fd, memory, 0, 0, 100));
}

test('sendfile from an offset leaves the position, and without one moves it', () => {
  const [a, b] = pair(SOCK_STREAM);
  const fd = file('0123456789');
  expect(binding.sendfile(a, fd, 2, 3)).toBe(3);
  expect([received(b), binding.lseek(fd, 0, 1)]).toEqual(['234', 0]);
  expect(binding.sendfile(a, fd, null, 3)).toBe(3);
  expect([received(b), binding.lseek(fd, 0, 1)]).toEqual(['012', 3]);
  expect(binding.sendfile(a, fd, null, 0x7fffffff)).toBe(7);
  expect([
    binding.sendfile(a, fd, null, 5),
    binding.sendfile(a, fd, 10, 5),
    binding.sendfile(a, fd, 0, 0),
  ]).toEqual([0, 0, 0]);
});

test('sendfile never waits, and leaves O_NONBLOCK as it is', () => {
  for (const on of [false, true]) {
    const [a] = pair(SOCK_STREAM);
    binding.setNonblocking(a, on);
    const fd = file('');
    ftruncateSync(fd, 2 ** 28);
    fill(a);
    expect(binding.sendfile(a, fd, 0, 2 ** 28)).toBe(-EAGAIN);
    expect(isNonblocking(a)).toBe(on);
  }
});

test('what sendfile refuses', () => {
  const [a, b] = pair(SOCK_STREAM);
  const fd = file('x');
  const [c] = pair(SOCK_STREAM);
  expect(binding.sendfile(a, c, null, 1)).toBe(-EINVAL);
  expect(binding.sendfile(a, c, 0, 1)).toBe(-ESPIPE);
  expect(binding.sendfile(-1, fd, 0, 1)).toBe(-EBADF);
  expect(binding.sendfile(a, -1, 0, 1)).toBe(-EBADF);
  expect([-ENOTCONN, -EPIPE]).toContain(binding.sendfile(open(AF_INET, SOCK_STREAM), fd, 0, 1));
  binding.close(b);
  expect(binding.sendfile(a, fd, 0, 1)).toBe(-EPIPE);
});

test('offsets beyond 32 bits', () => {
  const [a, b] = pair(SOCK_STREAM);
  const fd = file('');
  const far = 2 ** 33 + 1;
  writeSync(fd, 'far', far);
  expect(binding.sendfile(a, fd, far, 3)).toBe(3);
  expect(received(b)).toBe('far');
  expect(binding.lseek(fd, far, 0)).toBe(far);
  expect(binding.lseek(fd, 2, 1)).toBe(far + 2);
  expect(binding.lseek(fd, 0, 2)).toBe(far + 3);
  for (const offset of [-1, 2 ** 53, 0.5, Number.NaN]) {
    expect(() => binding.sendfile(a, fd, offset, 1)).toThrow(RangeError);
    expect(() => binding.lseek(fd, offset, 0)).toThrow(RangeError);
  }
  expect(() => binding.sendfile(a, fd, 0, 2 ** 31)).toThrow(RangeError);
  expect(binding.lseek(a, 0, 1)).toBe(-ESPIPE);
  expect(binding.lseek(fd, 0, 99)).toBe(-EINVAL);
});

test('read reads files and what is ready, and never waits', () => {
  const fd = file('0123456789');
  const memory = Buffer.alloc(8, '-');
  expect(binding.read(fd, memory, 2, 4)).toBe(4);
  expect(String(memory)).toBe('--0123--');
  expect(binding.read(fd, memory, 0, 8)).toBe(6);
  expect(binding.read(fd, memory, 0, 8)).toBe(0);
  const [a, b] = pair(SOCK_STREAM);
  expect(binding.read(a, memory, 0, 8)).toBe(-EAGAIN);
  binding.send(b, Buffer.from('!'), 0, 0, 1);
  expect(binding.read(a, memory, 0, 8)).toBe(1);
  expect(binding.read(keep(binding.socket(AF_UNIX, SOCK_STREAM, 0)), memory, 0, 8)).toBe(-EINVAL);
  expect(binding.read(2 ** 20, memory, 0, 8)).toBe(-EBADF);
  expect(() => binding.read(fd, memory, 0, 9)).toThrow(RangeError);
});
