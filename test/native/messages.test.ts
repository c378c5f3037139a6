/** binding/messages.cpp: sendmsg and recvmsg over plain descriptors. */
import { closeSync, readdirSync } from 'node:fs';
import {
  AF_INET,
  AF_UNIX,
  EAGAIN,
  EBADF,
  EMSGSIZE,
  EPIPE,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_TRUNC,
  SCM_RIGHTS,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { encodeAncillary, parseAncillary } from '../../dist/messages/ancillary.js';
import { detach, growable, resizable, wasmMemory } from '../fixtures/memory.ts';
import { bound, fill, isNonblocking, keep, nameOf, open, pair, sockaddrOf, storage } from './descriptors.ts';

const report = () => new Int32Array(2);
const sendTexts = (fd: number, ...texts: string[]) =>
  binding.sendmsg(
    fd,
    texts.map((text) => Buffer.from(text)),
    null,
    0,
    null,
  );
const receive = (
  fd: number,
  views: NodeJS.ArrayBufferView[],
  control: NodeJS.ArrayBufferView | null = null,
  flags = 0,
) => binding.recvmsg(fd, views, control, flags, storage(), report());
const rights = (...fds: number[]) =>
  encodeAncillary([[SOL_SOCKET, SCM_RIGHTS, new Uint8Array(Int32Array.from(fds).buffer)]])!;
const descriptors = () => readdirSync('/proc/self/fd').length;

test('nothing waits on a blocking descriptor', () => {
  for (const type of [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]) {
    const [a, b] = pair(type);
    expect(receive(b, [new Uint8Array(9)])).toBe(-EAGAIN);
    fill(a);
    expect(sendTexts(a, 'x'.repeat(100_000))).toBe(-EAGAIN);
    expect([isNonblocking(a), isNonblocking(b)]).toEqual([false, false]);
  }
});

test('pieces are gathered and scattered in their order, and nothing beside them is touched', () => {
  const [a, b] = pair();
  expect(sendTexts(a, 'Mary', '', ' had a', ' little lamb')).toBe(22);
  const memory = Buffer.alloc(40, '.');
  const views = [
    memory.subarray(2, 6),
    memory.subarray(6, 6),
    memory.subarray(10, 17),
    memory.subarray(20, 38),
  ];
  expect(receive(b, views)).toBe(22);
  expect(String(memory)).toBe('..Mary.... had a ...little lamb.........');
});

test('any view is memory, counted in bytes', () => {
  const [a, b] = pair();
  const grown = growable(8, 64);
  const tracking = new Uint8Array(grown);
  grown.grow(16);
  const views = [
    new Float64Array(1),
    new DataView(new ArrayBuffer(24), 16),
    new Uint8Array(new SharedArrayBuffer(8)),
    tracking,
    new Uint8Array(resizable(8, 16)),
    new Uint8Array(wasmMemory(), 40, 8),
    new Uint8Array(new ArrayBuffer(32), 3, 8),
  ];
  expect(binding.sendmsg(a, views, null, 0, null)).toBe(64);
  expect(receive(b, views)).toBe(64);
});

test('memory that is gone has no bytes', () => {
  const [a, b] = pair();
  const detached = new Uint8Array(16);
  detach(detached.buffer);
  const shrinking = resizable(16);
  const view = new Uint8Array(shrinking, 8, 8);
  shrinking.resize(4);
  expect(binding.sendmsg(a, [detached, view, Buffer.from('x')], null, 0, null)).toBe(1);
  expect(receive(b, [detached, view, new Uint8Array(4)])).toBe(1);
});

describe('an array of views that does things while it is read', () => {
  test('its getters run before any memory is looked at', () => {
    const [a, b] = pair();
    const first = new Uint8Array(16).fill(65);
    const views = [first, new Uint8Array(2).fill(66)];
    Object.defineProperty(views, 1, {
      get() {
        detach(first.buffer);
        return new Uint8Array(2).fill(66);
      },
    });
    expect(binding.sendmsg(a, views, null, 0, null)).toBe(2);
    sendTexts(a, 'more');
    const buffer = Buffer.alloc(9);
    expect(receive(b, [buffer])).toBe(6);
    expect(String(buffer.subarray(0, 6))).toBe('BBmore');
  });

  test('a getter’s error is passed on, and no call is made', () => {
    const [a, b] = pair();
    const views = [Buffer.from('x')];
    Object.defineProperty(views, 1, {
      get() {
        throw new Error('its own');
      },
    });
    expect(() => binding.sendmsg(a, views, null, 0, null)).toThrow('its own');
    expect(() => receive(a, views)).toThrow('its own');
    expect(binding.fionread(b)).toBe(0);
  });

  test('one that shrinks itself has undefined in it', () => {
    const [a] = pair();
    const views = [Buffer.from('x'), Buffer.from('y'), Buffer.from('z')];
    Object.defineProperty(views, 0, {
      configurable: true,
      get() {
        views.length = 1;
        return Buffer.from('x');
      },
    });
    expect(() => binding.sendmsg(a, views, null, 0, null)).toThrow(TypeError);
  });

  test.each([
    ['a number', [5]],
    ['text', ['x']],
    ['an ArrayBuffer', [new ArrayBuffer(1)]],
    ['a hole', new Array(1)],
    ['an array', [[new Uint8Array(1)]]],
    ['2 ** 32 - 1 holes', new Array(2 ** 32 - 1)],
  ])('%s in it is a TypeError', (_name, views) => {
    const [a] = pair();
    expect(() => binding.sendmsg(a, views as never, null, 0, null)).toThrow(
      /^sendmsg\(\): views must be an ArrayBufferView, not/,
    );
    expect(() => receive(a, views as never)).toThrow(/^recvmsg\(\): views must be an ArrayBufferView, not/);
  });

  test('more than the kernel takes is what the kernel says', () => {
    const [a, b] = pair();
    const view = new Uint8Array(1);
    for (const count of [1025, 1026, 100_000]) {
      expect(binding.sendmsg(a, new Array(count).fill(view), null, 0, null)).toBe(-EMSGSIZE);
      expect(receive(a, new Array(count).fill(view))).toBe(-EMSGSIZE);
    }
    expect(binding.sendmsg(a, new Array(1024).fill(view), null, 0, null)).toBe(1024);
    expect(receive(b, new Array(1024).fill(view))).toBe(1024);
  });
});

describe('control messages', () => {
  test('descriptors arrive close-on-exec; flags and the length are reported', () => {
    const [a, b] = pair();
    const before = descriptors();
    expect(binding.sendmsg(a, [new Uint8Array(1)], rights(a, b), 0, null)).toBe(1);
    const control = Buffer.alloc(100, 255);
    const reported = report();
    expect(binding.recvmsg(b, [new Uint8Array(9)], control, 0, storage(), reported)).toBe(1);
    expect([...reported]).toEqual([rights(a, b).length, 0]);
    const [[, , data]] = parseAncillary(control, reported[0]!) as [[number, number, Buffer]];
    for (const fd of [data.readInt32LE(0), data.readInt32LE(4)]) {
      expect(binding.getInheritable(fd)).toBe(0);
      closeSync(fd);
    }
    expect(descriptors()).toBe(before);
    // What is behind the length has not been touched.
    expect(control.subarray(reported[0]).every((byte) => byte === 255)).toBe(true);
  });

  test('MSG_CMSG_CLOEXEC is reported to those who asked for it, as the kernel does', () => {
    const [a, b] = pair();
    sendTexts(a, 'xy');
    const reported = report();
    binding.recvmsg(b, [new Uint8Array(1)], null, MSG_CMSG_CLOEXEC, storage(), reported);
    expect(reported[1]).toBe(MSG_CMSG_CLOEXEC);
    binding.recvmsg(b, [new Uint8Array(1)], null, 0, storage(), reported);
    expect(reported[1]).toBe(0);
  });

  test('without room descriptors are closed by the kernel', () => {
    const [a, b] = pair();
    const before = descriptors();
    const reported = report();
    binding.sendmsg(a, [new Uint8Array(1)], rights(a), 0, null);
    binding.recvmsg(b, [new Uint8Array(1)], null, 0, storage(), reported);
    expect([...reported]).toEqual([0, MSG_CTRUNC]);
    binding.sendmsg(a, [new Uint8Array(1)], rights(a), 0, null);
    binding.recvmsg(b, [new Uint8Array(1)], new Uint8Array(0), 0, storage(), reported);
    expect([...reported]).toEqual([0, MSG_CTRUNC]);
    expect(descriptors()).toBe(before);
  });

  test('a failed call reports nothing', () => {
    const [, b] = pair();
    const reported = Int32Array.of(7, 7);
    expect(binding.recvmsg(b, [new Uint8Array(1)], new Uint8Array(64), 0, storage(), reported)).toBe(-EAGAIN);
    expect([...reported]).toEqual([7, 7]);
  });

  test('the report is an Int32Array of at least two cells', () => {
    const [a] = pair();
    for (const wrong of [new Uint32Array(2), new Uint8Array(8), Buffer.alloc(8), null, 5])
      expect(() => binding.recvmsg(a, [], null, 0, storage(), wrong as never)).toThrow(TypeError);
    expect(() => binding.recvmsg(a, [], null, 0, storage(), new Int32Array(1))).toThrow(RangeError);
  });
});

describe('addresses', () => {
  test('of Internet datagrams', () => {
    const a = bound(AF_INET, SOCK_DGRAM);
    const b = open(AF_INET, SOCK_DGRAM);
    expect(binding.sendmsg(b, [Buffer.from('longer')], null, 0, sockaddrOf(a))).toBe(6);
    const where = storage();
    const reported = report();
    expect(binding.recvmsg(a, [new Uint8Array(3)], null, 0, where, reported)).toBe(3);
    expect(reported[1]).toBe(MSG_TRUNC);
    expect(binding.address(where)).toEqual(['127.0.0.1', (nameOf(b) as [string, number])[1]]);
  });

  test('none of a stream, and none of an unnamed socket', () => {
    const [a, b] = pair();
    sendTexts(a, 'x');
    const where = storage().fill(255);
    expect(binding.recvmsg(b, [new Uint8Array(1)], null, 0, where, report())).toBe(1);
    expect(binding.address(where)).toBeNull();
    const receiver = bound(AF_UNIX, SOCK_DGRAM);
    const sender = keep(binding.socket(AF_UNIX, SOCK_DGRAM, 0));
    binding.sendmsg(sender, [new Uint8Array(1)], null, 0, sockaddrOf(receiver));
    where.fill(255);
    expect(binding.recvmsg(receiver, [new Uint8Array(1)], null, 0, where, report())).toBe(1);
    expect(binding.address(where)).toBeNull();
  });
});

test('failures are their errno, without a signal', () => {
  const [a] = pair();
  binding.shutdown(a, SHUT_WR);
  expect(sendTexts(a, 'x')).toBe(-EPIPE);
  expect(sendTexts(-1, 'x')).toBe(-EBADF);
  expect(receive(-1, [])).toBe(-EBADF);
});
