/** Text that waits to be read: lines in pieces, characters of two halves. */
import { expect, test } from 'vitest';
import { characters, type LineEnd, TextStore } from '../dist/files/text-store.js';

const input = 'a\nb\rc\r\n\r\n\n\rd😀\r';
const lines: [LineEnd, string[]][] = [
  ['\n', ['a\n', 'b\rc\r\n', '\r\n', '\n']],
  ['\r', ['a\nb\r', 'c\r', '\n\r', '\n\n\r', 'd😀\r']],
  ['\r\n', ['a\nb\rc\r\n', '\r\n']],
  [null, ['a\n', 'b\r', 'c\r\n', '\r\n', '\n', '\r', 'd😀\r']],
];

test.each(lines)('lines that end at %j', (newline, expected) => {
  for (const size of [1, 2, 3, 100]) {
    // The decoder never ends between the two halves of a line end where each of them is one.
    if (newline === null && size < 100) continue;
    const store = new TextStore(newline);
    const found: string[] = [];
    const take = () => {
      for (let line = store.takeLine(-1); line !== undefined; line = store.takeLine(-1)) found.push(line);
    };
    // No decoder cuts a character in two.
    const all = [...input];
    for (let at = 0; at < all.length; at += size) {
      store.push(all.slice(at, at + size).join(''));
      take();
    }
    expect(found).toEqual(expected);
    const rest = input.slice(expected.join('').length);
    expect(store.count).toBe(characters(rest));
    expect(store.empty).toBe(rest === '');
    expect(store.takeAll()).toBe(rest);
    expect([store.empty, store.count]).toEqual([true, 0]);
  }
});

test('characters are counted and cut as wholes', () => {
  expect([characters(''), characters('a😀b'), characters('\ud800a\udc00')]).toEqual([0, 3, 3]);
  const store = new TextStore('\n');
  store.push('a😀');
  expect(store.count).toBe(2);
  store.push('😀\nb😀');
  expect(store.count).toBe(6);
  expect([store.take(2), store.count]).toEqual(['a😀', 4]);
  expect([store.takeLine(1), store.takeLine(5), store.count]).toEqual(['😀', '\n', 2]);
  expect([store.takeLine(-1), store.takeLine(3), store.takeLine(2)]).toEqual([undefined, undefined, 'b😀']);
  expect(store.take(5)).toBe('');
});
