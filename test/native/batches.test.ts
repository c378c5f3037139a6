/** binding/batches.cpp: sendmmsg and recvmmsg on the caller's memory. */
import { AF_INET, EAGAIN, EBADF, EFAULT, EMSGSIZE, SOCK_DGRAM, SOCK_STREAM } from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { detach, resizable } from '../fixtures/memory.ts';
import { bound, isNonblocking, nameOf, open, pair, sockaddrOf } from './descriptors.ts';

const SIZE = 8;
const COLUMNS = 6;

/** Memory for `count` messages of 8 bytes, between bytes that nobody may touch. */
function memory(count: number, controlSize = 0) {
  const around = Buffer.alloc(count * SIZE + 32, '.');
  const data = new Uint8Array(around.buffer, around.byteOffset + 16, count * SIZE);
  const table = new Int32Array(count * COLUMNS);
  for (let index = 0; index < count; index++) table[index * COLUMNS] = index * SIZE;
  const names = new Uint8Array(count * binding.STORAGE_SIZE);
  const control = new Uint8Array(count * controlSize);
  const row = (index: number) => [...table.subarray(index * COLUMNS, (index + 1) * COLUMNS)];
  const receive = (fd: number, first = 0, rest = count - first, size = SIZE, flags = 0) =>
    binding.recvmmsg(fd, table, first, rest, data, names, controlSize, control, size, flags);
  const send = (fd: number, first = 0, rest = count - first, skip = 0) =>
    binding.sendmmsg(fd, table, first, rest, data, names, controlSize, control, skip, 0);
  const put = (index: number, text: string) => {
    around.write(text, 16 + index * SIZE);
    table[index * COLUMNS + 1] = text.length;
  };
  return { around, data, table, names, control, row, receive, send, put };
}

const texts = (fd: number) => {
  const all: string[] = [];
  const buffer = Buffer.alloc(100);
  for (;;) {
    const count = binding.recv(fd, buffer, 0, 0, 100);
    if (count < 0) return all;
    all.push(buffer.toString('latin1', 0, count));
  }
};

describe('recvmmsg', () => {
  test('writes to the places of its messages alone', () => {
    const [a, b] = pair(SOCK_DGRAM);
    for (const text of ['one', 'the second', '']) binding.send(b, Buffer.from(text), 0, 0, text.length);
    const { around, receive, row } = memory(4);
    expect(receive(a, 1, 3, 4)).toBe(3);
    expect(around.toString('latin1')).toBe(
      '................' + '........one.....the ............' + '................',
    );
    const truncated = 0x20;
    expect([row(0), row(1), row(2), row(3)]).toEqual([
      [0, 0, 0, 0, 0, 0],
      [8, 3, 0, 0, 0, 3],
      [16, 4, truncated, 0, 0, 4],
      [24, 0, 0, 0, 0, 0],
    ]);
  });

  test('writes the addresses', () => {
    const a = bound(AF_INET, SOCK_DGRAM);
    const b = bound(AF_INET, SOCK_DGRAM);
    for (const text of ['1', '2']) binding.sendto(b, Buffer.from(text), 0, sockaddrOf(a), 0, 1);
    const { receive, names } = memory(3);
    expect(receive(a)).toBe(2);
    for (const index of [0, 1]) {
      expect(binding.address(names.subarray(index * binding.STORAGE_SIZE))).toEqual(nameOf(b));
    }
    expect(binding.address(names.subarray(2 * binding.STORAGE_SIZE))).toBe(null);
  });

  test('waits for nothing, whatever the descriptor says', () => {
    const fd = bound(AF_INET, SOCK_DGRAM);
    for (const flags of [0, 0x10000 /* MSG_WAITFORONE */])
      expect(memory(2).receive(fd, 0, 2, 8, flags)).toBe(-EAGAIN);
    expect(isNonblocking(fd)).toBe(false);
    expect(memory(1).receive(-1)).toBe(-EBADF);
    expect(memory(1).receive(fd, 0, 0)).toBe(0);
  });

  test('a place that is not there: EFAULT, and nothing has been received', () => {
    const [a, b] = pair(SOCK_DGRAM);
    binding.send(b, Buffer.from('x'), 0, 0, 1);
    for (const offset of [-1, 9, 16, 2 ** 31 - 1, -(2 ** 31)]) {
      const { table, receive } = memory(2);
      table[COLUMNS] = offset;
      expect(receive(a)).toBe(-EFAULT);
    }
    expect(memory(2).receive(a, 0, 2, 9)).toBe(-EFAULT);
    expect(texts(a)).toEqual(['x']);
  });
});

describe('sendmmsg', () => {
  test('sends the bytes of its messages alone', () => {
    const [a, b] = pair(SOCK_DGRAM);
    const { put, send, row } = memory(4);
    for (const [index, text] of ['first', '', 'eightbyt', '4th'].entries()) put(index, text);
    expect(send(a, 1, 2)).toBe(2);
    expect(texts(b)).toEqual(['', 'eightbyt']);
    expect([row(2)[5], row(3)[5]]).toEqual([8, 0]);
    expect(send(a)).toBe(4);
  });

  test('a message that is not there ends the call', () => {
    const [a, b] = pair(SOCK_DGRAM);
    for (const [column, value] of [
      [0, -1],
      [0, 17],
      [0, 2 ** 31 - 1],
      [1, -1],
      [1, 9],
      [1, 2 ** 31 - 1],
      [4, -1],
      [4, 5],
      [4, 2 ** 31 - 1],
    ] as const) {
      const { table, put, send } = memory(2, 4);
      put(0, 'sent');
      put(1, 'not sent');
      table[COLUMNS + column] = value;
      expect([column, value, send(a)]).toEqual([column, value, 1]);
      expect(send(a, 1)).toBe(-EMSGSIZE);
    }
    expect(new Set(texts(b))).toEqual(new Set(['sent']));
  });

  test('the first message goes on where it was interrupted', () => {
    const [a, b] = pair(SOCK_STREAM);
    const { put, send, row } = memory(2);
    put(0, 'abcdef');
    put(1, 'xyz');
    expect(send(a, 0, 2, 4)).toBe(2);
    expect(row(0)[5]).toBe(2);
    expect(texts(b)).toEqual(['efxyz']);
    expect(send(a, 0, 2, 7)).toBe(-EMSGSIZE);
  });

  test('more than the kernel takes at once: as many as it takes', () => {
    const [a] = pair(SOCK_STREAM);
    const count = 1500;
    const table = new Int32Array(count * COLUMNS);
    for (let index = 0; index < count; index++) table[index * COLUMNS + 1] = 0;
    // Datagrams of no bytes on a stream: nothing is sent, everything is counted.
    expect(binding.sendmmsg(a, table, 0, count, new Uint8Array(1), null, 0, null, 0, 0)).toBe(1024);
  });

  test('an address that claims more than there is', () => {
    const { names, put, send } = memory(1);
    put(0, 'x');
    new Uint32Array(names.buffer, 0, 1)[0] = 2 ** 32 - 1;
    expect(send(open(AF_INET, SOCK_DGRAM))).toBeLessThan(0);
  });
});

test('views that are too short are a RangeError', () => {
  const [a, b] = pair(SOCK_DGRAM);
  binding.send(b, Buffer.from('x'), 0, 0, 1);
  const table = () => new Int32Array(2 * COLUMNS);
  const names = () => new Uint8Array(2 * binding.STORAGE_SIZE);
  const short = resizable(48, 48);
  const shrunk = new Int32Array(short);
  short.resize(24);
  const gone = names();
  detach(gone.buffer);
  for (const [rows, first, count, addresses, controlSize, control] of [
    [table(), 3, 0, null, 0, null],
    [table(), 0, 3, null, 0, null],
    [table(), 2 ** 32 - 1, 2 ** 32 - 1, null, 0, null],
    [shrunk, 0, 2, null, 0, null],
    [table(), 0, 2, new Uint8Array(2 * binding.STORAGE_SIZE - 1), 0, null],
    [table(), 0, 2, gone, 0, null],
    [table(), 0, 2, null, 5, new Uint8Array(9)],
    [table(), 0, 2, null, 2 ** 31 - 1, new Uint8Array(9)],
  ] as const) {
    const data = new Uint8Array(16);
    expect(() =>
      binding.recvmmsg(a, rows, first, count, data, addresses, controlSize, control, 8, 0),
    ).toThrow(RangeError);
    expect(() =>
      binding.sendmmsg(a, rows, first, count, data, addresses, controlSize, control, 0, 0),
    ).toThrow(RangeError);
  }
  expect(texts(a)).toEqual(['x']);
  expect(texts(b)).toEqual([]);
});
