/** Bytes between a file object and its socket: where they lie, and how much of them there is. */
import { expect, test } from 'vitest';
import { ByteStore } from '../dist/files/byte-store.js';

/** Receives text into a store. */
function receive(store: ByteStore, text: string, total = 0): number {
  const room = store.room(total);
  const bytes = Buffer.from(text);
  store.memory.set(bytes, store.end);
  store.filled(bytes.length);
  return room;
}

test('never asks for more than it may read ahead, or than is missing', () => {
  const store = new ByteStore(10);
  expect(receive(store, 'abc')).toBe(10);
  expect(store.room(0)).toBe(7);
  expect(store.room(50)).toBe(47);
  expect(String(store.take(2))).toBe('ab');
  expect(store.room(0)).toBe(10);
  expect(String(store.view())).toBe('c');
});

test('grows by parts for what may never come', () => {
  const store = new ByteStore(10);
  expect(store.room(2 ** 50)).toBe(16 * 1024 * 1024);
});

test('hands its memory out where all of it was received, and keeps no large one', () => {
  const store = new ByteStore(4);
  receive(store, 'abcdef', 6);
  const { memory } = store;
  expect(store.take(6)).toBe(memory);
  expect([store.length, store.memory.length]).toEqual([0, 0]);
  receive(store, 'x', 100_000);
  store.skip(1);
  store.room(0);
  expect(store.memory).toHaveLength(4);
});

test('finds lines and their limits', () => {
  const store = new ByteStore(100);
  receive(store, 'one\ntwo');
  expect([store.lineEnd(-1), store.lineEnd(3), store.lineEnd(4), store.lineEnd(100)]).toEqual([4, 3, 4, 4]);
  store.take(4);
  expect([store.lineEnd(-1), store.lineEnd(3), store.lineEnd(4)]).toEqual([0, 3, 0]);
  receive(store, '!\n');
  expect(store.lineEnd(-1)).toBe(5);
});

test('takes as many bytes as fit its size', () => {
  const store = new ByteStore(5);
  expect([
    store.push(Buffer.from('abc')),
    store.push(Buffer.from('def')),
    store.push(Buffer.from('g')),
  ]).toEqual([3, 2, 0]);
  store.skip(4);
  expect([store.push(Buffer.from('fghij')), String(store.view())]).toEqual([4, 'efghi']);
});

test('grows by doubling, however small the receives', () => {
  const store = new ByteStore(10);
  const memories = new Set<Buffer>();
  for (let count = 0; count < 10_000; count++) {
    receive(store, '0123456789', 2 * store.length);
    memories.add(store.memory);
  }
  expect(store.length).toBe(100_000);
  expect(memories.size).toBeLessThan(20);
  // Nor does it move the bytes of a file that is read line by line.
  expect(String(store.take(99_995))).toHaveLength(99_995);
  const { memory } = store;
  receive(store, 'x');
  expect(store.memory).toBe(memory);
});
