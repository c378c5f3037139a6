/** Encodings of file objects: in pieces, strict and not, back and forth. */
import { describe, expect, test } from 'vitest';
import { decoderOf, encoderOf, universalNewlines } from '../dist/files/codec.js';

/** Decodes the bytes in all ways to cut them in two, and one by one. */
function decodings(bytes: Buffer, make: () => ReturnType<typeof decoderOf>): Set<string> {
  const results = new Set<string>();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = make();
    results.add(decoder.decode(bytes.subarray(0, cut), false) + decoder.decode(bytes.subarray(cut), true));
  }
  const decoder = make();
  const parts = [...bytes].map((byte) => decoder.decode(Buffer.of(byte), false));
  results.add(parts.join('') + decoder.decode(Buffer.alloc(0), true));
  return results;
}

const texts = {
  'utf-8': 'aä€😀\ufeffz',
  UTF8: 'ä',
  utf_8: 'ä',
  'utf-16-le': 'aä€😀z',
  latin1: 'aä\x80\xffz',
  'ISO-8859-1': '\x9f',
  ascii: 'az\x7f',
  'us-ascii': 'az',
  'windows-1252': 'aä€Ÿz',
  cp1252: '€\x81',
  'windows-1250': '€ł',
  'iso-8859-15': 'a€z',
  'koi8-r': 'привет',
};

describe.each(Object.entries(texts))('%s', (encoding, text) => {
  test('comes back, wherever it is cut', () => {
    for (const strict of [true, false]) {
      const bytes = encoderOf('makefile', encoding, strict)(text);
      expect(decodings(bytes, () => decoderOf('makefile', encoding, strict))).toEqual(new Set([text]));
    }
  });
});

test('others can be read and not written', () => {
  const decoder = decoderOf('makefile', 'shift_jis', true);
  expect(decoder.decode(Buffer.of(0x82), false) + decoder.decode(Buffer.of(0xa0), true)).toBe('あ');
  expect(() => encoderOf('makefile', 'shift_jis', true)).toThrow(/one that can be written/);
  for (const of of [decoderOf, encoderOf]) expect(() => of('makefile', 'no such', true)).toThrow(RangeError);
});

test('a byte order mark is a character, but of utf-8-sig', () => {
  const bytes = Buffer.from('\ufeffa');
  expect(decoderOf('makefile', 'utf-8', true).decode(bytes, true)).toBe('\ufeffa');
  expect(decoderOf('makefile', 'utf-8-sig', true).decode(bytes, true)).toBe('a');
});

test.each([
  ['utf-8', Buffer.from([0x61, 0xff]), 'a\ufffd'],
  ['utf-8', Buffer.from('€').subarray(0, 2), '\ufffd'],
  ['ascii', Buffer.from([0x61, 0x80]), 'a\ufffd'],
  ['utf-16le', Buffer.from([0x61, 0, 0x62]), 'a\ufffd'],
])('wrong bytes of %s', (encoding, bytes, replaced) => {
  const strict = decoderOf('makefile', encoding, true);
  expect(() => strict.decode(bytes, true)).toThrow(
    expect.objectContaining({ name: 'RangeError', code: 'ERR_ENCODING_INVALID_ENCODED_DATA' }),
  );
  expect(decoderOf('makefile', encoding, false).decode(bytes, true)).toBe(replaced);
});

test.each([
  ['utf-8', 'a\ud800', 'a?'],
  ['utf-16le', 'a\udc00', 'a\0?\0'],
  ['latin1', 'a€😀', 'a??'],
  ['ascii', 'ä', '?'],
  ['koi8-r', 'ä', '?'],
])('text that %s does not have', (encoding, text, replaced) => {
  expect(() => encoderOf('makefile', encoding, true)(text)).toThrow(RangeError);
  expect(String(encoderOf('makefile', encoding, false)(text))).toBe(replaced);
});

test('line ends, wherever they are cut', () => {
  const bytes = Buffer.from('a\nb\rc\r\nd\r\r\n\r');
  const decoder = () => decoderOf('makefile', 'utf-8', true);
  expect(decodings(bytes, () => universalNewlines(decoder(), true))).toEqual(new Set(['a\nb\nc\nd\n\n\n']));
  expect(decodings(bytes, () => universalNewlines(decoder(), false))).toEqual(new Set([String(bytes)]));
  const untranslated = universalNewlines(decoder(), false);
  expect([
    untranslated.decode(Buffer.from('a\r'), false),
    untranslated.decode(Buffer.from('\n'), false),
  ]).toEqual(['a', '\r\n']);
});
