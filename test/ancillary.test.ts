/** lib/messages/ancillary.ts: how control messages are laid out. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { endianness } from 'node:os';
import {
  CMSG_LEN,
  CMSG_SPACE,
  OSError,
  SCM_CREDENTIALS,
  SCM_PIDFD,
  SCM_RIGHTS,
  SOL_SOCKET,
} from 'bsd-socket';
import { CMSG_ALIGNMENT, CMSG_HEADER_SIZE, CMSG_LENGTH_SIZE } from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  closeDescriptors,
  encodeAncillary,
  intsOf,
  type Piece,
  parseAncillary,
  piecesOf,
} from '../dist/messages/ancillary.js';
import { liar } from './fixtures/memory.ts';
import { until } from './support.ts';

const is64 = CMSG_LENGTH_SIZE === 8 && endianness() === 'LE';

/** Warnings of the process while the test runs. */
function warnings(): Error[] {
  const seen: Error[] = [];
  const listener = (warning: Error) => seen.push(warning);
  process.on('warning', listener);
  onTestFinished(() => {
    process.off('warning', listener);
  });
  return seen;
}

const piece = (level: number, type: number, text: string): Piece => [level, type, Buffer.from(text)];

/** A header that says what is asked for, with data behind it. */
function message(claimed: number, text: string): Buffer {
  const control = Buffer.alloc(CMSG_HEADER_SIZE + text.length);
  control.writeUInt32LE(claimed, 0);
  control.writeInt32LE(1, CMSG_LENGTH_SIZE);
  control.writeInt32LE(2, CMSG_LENGTH_SIZE + 4);
  control.write(text, CMSG_HEADER_SIZE);
  return control;
}

describe('packing', () => {
  test.skipIf(!is64)('is the layout of a 64-bit little-endian system, padding in zeros', () => {
    const control = encodeAncillary([piece(1, 2, 'abc'), piece(-1, 0x7fffffff, '12345678')]);
    const hex = [
      '1300000000000000 01000000 02000000 6162630000000000',
      '1800000000000000 ffffffff ffffff7f 3132333435363738',
    ];
    expect(control?.toString('hex')).toBe(hex.join('').replaceAll(' ', ''));
  });

  test('nothing is no buffer, empty data a header', () => {
    expect(encodeAncillary([])).toBeNull();
    expect(encodeAncillary([piece(1, 2, '')])?.length).toBe(CMSG_SPACE(0));
  });

  test('any view counts in bytes', () => {
    const memory = new Uint8Array(16).fill(7);
    const pieces = piecesOf('test', [
      [1, 2, new Uint16Array(memory.buffer, 2, 3)],
      [1, 2, new DataView(memory.buffer, 15)],
      [1, 2, memory.buffer],
      [1, 2, new SharedArrayBuffer(1)],
      [1, 2, 'ü'],
      [1, 2, liar('abc', 60)],
    ]);
    const control = encodeAncillary(pieces)!;
    expect(parseAncillary(control, control.length).map(([, , data]) => data.length)).toEqual([
      6, 1, 16, 1, 2, 3,
    ]);
  });

  test('is a copy', () => {
    const data = Buffer.from('before');
    const control = encodeAncillary([[1, 2, data]])!;
    data.write('after!');
    expect(control.includes('before')).toBe(true);
  });

  test('too much is an OSError without an errno, as in Python', (context) => {
    let big: Uint8Array;
    try {
      // Takes no memory until it is written to.
      big = new Uint8Array(2 ** 31 - 8);
    } catch {
      return context.skip('this machine has no 2 GiB to give');
    }
    const failed = (pieces: Piece[]) => {
      try {
        encodeAncillary(pieces);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const tooLarge = failed([[1, 2, big]]);
    expect(tooLarge).toBeInstanceOf(OSError);
    expect(tooLarge).toMatchObject({ message: 'ancillary data item too large', errno: undefined });
    const half = big.subarray(0, 2 ** 30);
    expect(
      failed([
        [1, 2, half],
        [1, 2, half],
      ]),
    ).toMatchObject({ message: 'too much ancillary data' });
  });
});

describe('unpacking', () => {
  test('gives back what was packed', () => {
    const pieces = [piece(1, 2, ''), piece(-3, 4, 'x'), piece(5, -6, 'eight by'), piece(7, 8, 'nine byte')];
    const control = encodeAncillary(pieces)!;
    expect(parseAncillary(control, control.length)).toEqual(pieces);
    // The kernel does not count the padding of the last one.
    expect(parseAncillary(control, control.length - (CMSG_SPACE(9) - CMSG_LEN(9)))).toEqual(pieces);
  });

  test('copies: the buffer is used again', () => {
    const control = encodeAncillary([piece(1, 2, 'data')])!;
    const [[, , data]] = parseAncillary(control, control.length) as [[number, number, Buffer]];
    control.fill(0);
    expect(String(data)).toBe('data');
  });

  test('nothing, and less than a header, is nothing', () => {
    const seen = warnings();
    const control = encodeAncillary([piece(1, 2, 'data')])!;
    for (let length = 0; length < CMSG_HEADER_SIZE; length++)
      expect(parseAncillary(control, length)).toEqual([]);
    expect(seen).toEqual([]);
  });

  test.skipIf(!is64)('more than there is gives what there is, with a warning', async () => {
    const seen = warnings();
    const control = message(CMSG_LEN(9), 'four');
    expect(parseAncillary(control, control.length)).toEqual([[1, 2, Buffer.from('four')]]);
    await until(() => seen.length > 0);
    expect(seen).toMatchObject([
      { name: 'RuntimeWarning', message: 'received malformed or improperly-truncated ancillary data' },
    ]);
  });

  test.skipIf(!is64).each([0, 1, CMSG_HEADER_SIZE - 1])(
    'a length of %i is none, with a warning',
    async (length) => {
      const seen = warnings();
      const sound = encodeAncillary([piece(1, 2, 'sound')])!;
      const control = Buffer.concat([sound, message(length, 'data')]);
      expect(parseAncillary(control, control.length)).toEqual([[1, 2, Buffer.from('sound')]]);
      await until(() => seen.length > 0);
      expect(seen).toMatchObject([{ name: 'RuntimeWarning' }]);
    },
  );

  test.skipIf(!is64)('a length beyond all numbers is one that is too long', async () => {
    const seen = warnings();
    const control = message(0, 'data').fill(255, 0, CMSG_LENGTH_SIZE);
    expect(parseAncillary(control, control.length)).toEqual([[1, 2, Buffer.from('data')]]);
    await until(() => seen.length > 0);
  });
});

describe('sizes', () => {
  test('are those of the system', () => {
    expect(CMSG_LEN(0)).toBe(CMSG_HEADER_SIZE);
    expect(CMSG_SPACE(1)).toBe(CMSG_HEADER_SIZE + CMSG_ALIGNMENT);
    expect(CMSG_SPACE(CMSG_ALIGNMENT)).toBe(CMSG_HEADER_SIZE + CMSG_ALIGNMENT);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])('%f is none', (length) => {
    expect(() => CMSG_LEN(length)).toThrow(RangeError);
    expect(() => CMSG_SPACE(length)).toThrow(RangeError);
  });

  test.each([undefined, null, '1', 1n, true])('%s is no number', (length) => {
    expect(() => CMSG_LEN(length as never)).toThrow(TypeError);
    expect(() => CMSG_SPACE(length as never)).toThrow(TypeError);
  });
});

test('whole integers are read, a part of one is none', () => {
  const data = Buffer.from(Int32Array.of(1, -2, 3).buffer);
  expect(intsOf(data)).toEqual([1, -2, 3]);
  expect(intsOf(data.subarray(0, 11))).toEqual([1, -2]);
  expect(intsOf(data.subarray(0, 3))).toEqual([]);
});

test('descriptors among control messages can be closed, and nothing else is', () => {
  const fds = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
  const isOpen = (fd: number) => {
    try {
      fstatSync(fd);
      return true;
    } catch {
      return false;
    }
  };
  const numbers = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
  const control = encodeAncillary([
    [SOL_SOCKET, SCM_CREDENTIALS, numbers(fds[0]!, fds[0]!, fds[0]!)],
    [SOL_SOCKET, SCM_RIGHTS, numbers(fds[1]!, fds[2]!)],
    [SOL_SOCKET + 1, SCM_RIGHTS, numbers(fds[0]!)],
    [SOL_SOCKET, SCM_PIDFD, numbers(fds[3]!)],
    [SOL_SOCKET, SCM_RIGHTS, numbers(fds[4]!).subarray(0, 3)],
  ])!;
  closeDescriptors(control, control.length);
  expect(fds.map(isOpen)).toEqual([true, false, false, false, true]);
  closeSync(fds[0]!);
  closeSync(fds[4]!);
});
