/** StreamReader, fed by hand: what CPython's test_streams expects of it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { IncompleteReadError, LimitOverrunError, StreamReader } from 'bsd-socket/asyncio';
import { describe, expect, test } from 'vitest';
import { failure, pattern, turns, watch } from './support.ts';

const DATA = Buffer.from('line1\nline2\nline3\n');

/** A reader with these chunks; a null is the end. */
function fed(limit: number | undefined, ...chunks: (string | Buffer | null)[]): StreamReader {
  const reader = new StreamReader(limit);
  feed(reader, ...chunks);
  return reader;
}

function feed(reader: StreamReader, ...chunks: (string | Buffer | null)[]): void {
  for (const chunk of chunks) {
    if (chunk === null) reader.feedEof();
    else reader.feedData(Buffer.from(chunk));
  }
}

/** Feeds while a read waits. */
async function meanwhile<T>(
  reader: StreamReader,
  read: Promise<T>,
  ...chunks: (string | null)[]
): Promise<T> {
  const seen = watch(read);
  await turns(2);
  expect(seen.state).toBe('pending');
  feed(reader, ...chunks);
  return read;
}

/** What is left to read, which ends the reader. */
async function rest(reader: StreamReader): Promise<string> {
  reader.feedEof();
  return String(await reader.read());
}

describe('feeding', () => {
  test('nothing', async () => {
    expect(await rest(fed(undefined, ''))).toBe('');
  });

  test.each([
    ['text', 'grüße', 'grüße'],
    ['a view', new Uint16Array([0x6161, 0x6262]), 'aabb'],
    ['an ArrayBuffer', new Uint8Array([97]).buffer, 'a'],
  ])('%s', async (_, data, expected) => {
    const reader = new StreamReader();
    reader.feedData(data);
    expect(await rest(reader)).toBe(expected);
  });

  test('something else', () => {
    expect(() => new StreamReader().feedData(5 as never)).toThrow(TypeError);
  });

  test('after the end', () => {
    const reader = fed(undefined, null);
    expect(() => reader.feedData('x')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_STATE' }));
  });
});

describe('the limit', () => {
  test.each([0, -1, Number.NaN, 1.5, '1', null])('is not %s', (limit) => {
    const kind = typeof limit === 'number' ? RangeError : TypeError;
    expect(() => new StreamReader(limit as never)).toThrow(kind);
    expect(() => new StreamReader(limit as never)).toThrow(/limit/);
  });
});

describe('read', () => {
  test('0 bytes', async () => {
    const reader = fed(undefined, DATA);
    expect((await reader.read(0)).length).toBe(0);
    expect(await rest(reader)).toBe(String(DATA));
  });

  test('waits for the first bytes, and takes what there is', async () => {
    const reader = new StreamReader();
    expect(String(await meanwhile(reader, reader.read(30), String(DATA)))).toBe(String(DATA));
    expect(await rest(reader)).toBe('');
  });

  test('takes all that has arrived together', async () => {
    const reader = new StreamReader();
    expect(String(await meanwhile(reader, reader.read(6), 'ab', 'c', 'defg'))).toBe('abcdef');
    expect(await rest(reader)).toBe('g');
  });

  test('takes no more than asked for', async () => {
    const reader = fed(undefined, 'line1', 'line2');
    expect(String(await reader.read(5))).toBe('line1');
    expect(String(await reader.read(3))).toBe('lin');
    expect(await rest(reader)).toBe('e2');
  });

  test('ends with the stream', async () => {
    const reader = new StreamReader();
    expect((await meanwhile(reader, reader.read(1024), null)).length).toBe(0);
    expect((await reader.read(1)).length).toBe(0);
  });

  test.each([-1, -5, undefined])('%s: everything to the end', async (n) => {
    const reader = new StreamReader();
    const all = await meanwhile(reader, reader.read(n), 'chunk1\n', 'chunk2', null);
    expect(String(all)).toBe('chunk1\nchunk2');
    expect((await reader.read(n)).length).toBe(0);
  });

  test('is not limited', async () => {
    const reader = fed(3, 'chunk');
    expect(String(await reader.read(5))).toBe('chunk');
  });

  test.each(['5', 1.5, Number.NaN, null])('%s is no count', async (n) => {
    const kind = typeof n === 'number' ? RangeError : TypeError;
    expect(await failure(() => new StreamReader().read(n as never))).toBeInstanceOf(kind);
    expect(await failure(() => new StreamReader().readexactly(n as never))).toBeInstanceOf(kind);
  });

  test('hands a chunk out as it came, without a copy', async () => {
    const chunk = pattern(10_000);
    const reader = new StreamReader();
    reader.feedData(chunk);
    expect(await reader.read(20_000)).toBe(chunk);
    reader.feedData(chunk);
    const [head, tail] = [await reader.readexactly(5000), await reader.read(5000)];
    expect([head.buffer, tail.buffer]).toEqual([chunk.buffer, chunk.buffer]);
    expect(Buffer.concat([head, tail]).equals(chunk)).toBe(true);
  });

  test('keeps what was handed out apart from what is fed later', async () => {
    const reader = fed(undefined, 'x', 'small', 'chunks', 'that', 'are', 'gathered');
    const first = await reader.readexactly(8);
    feed(reader, 'more', 'and more');
    first.fill('-');
    expect(await rest(reader)).toBe('unksthataregatheredmoreand more');
  });
});

describe('readline', () => {
  test('over several chunks', async () => {
    const reader = fed(undefined, 'chunk1 ');
    const line = await meanwhile(reader, reader.readline(), 'chunk2 ', 'chunk3 ', '\n chunk4');
    expect(String(line)).toBe('chunk1 chunk2 chunk3 \n');
    expect(await rest(reader)).toBe(' chunk4');
  });

  test('of what there is', async () => {
    const reader = fed(undefined, DATA.subarray(0, 6), DATA.subarray(6));
    expect(String(await reader.readline())).toBe('line1\n');
    expect(String(await reader.read(7))).toBe('line2\nl');
    expect(await rest(reader)).toBe('ine3\n');
  });

  test('at the end: the rest, then nothing', async () => {
    const reader = fed(undefined, 'some data', null);
    expect(String(await reader.readline())).toBe('some data');
    expect(String(await reader.readline())).toBe('');
  });

  describe('over the limit', () => {
    const overrun = async (reader: StreamReader) => {
      const error = await failure(() => reader.readline());
      expect(error).toBeInstanceOf(RangeError);
      expect(error.cause).toBeInstanceOf(LimitOverrunError);
      return error.message;
    };

    test('loses the line alone where that is complete', async () => {
      const reader = fed(3, 'li', 'ne1\nline2\n');
      expect(await overrun(reader)).toBe('Separator is found, but chunk is longer than limit');
      expect(await rest(reader)).toBe('line2\n');
    });

    test('loses everything where it is not', async () => {
      const reader = fed(3, 'li', 'ne1', 'li');
      expect(await overrun(reader)).toBe('Separator is not found, and chunk exceed the limit');
      expect(await rest(reader)).toBe('');
    });

    test('after waiting', async () => {
      const one = new StreamReader(7);
      const error = await failure(() => meanwhile(one, one.readline(), 'chunk1', 'chunk2', 'chunk3\n', null));
      expect(error).toBeInstanceOf(RangeError);
      expect(String(await one.read())).toBe('');
      const two = new StreamReader(7);
      await failure(() => meanwhile(two, two.readline(), 'chunk1', 'chunk2\n', 'chunk3\n', null));
      expect(String(await two.read())).toBe('chunk3\n');
    });

    test('which is strict', async () => {
      const reader = fed(7, '1234567\n');
      expect(String(await reader.readline())).toBe('1234567\n');
      for (const text of ['12345678\n', '12345678']) {
        feed(reader, text);
        await overrun(reader);
      }
      expect(await rest(reader)).toBe('');
    });
  });
});

describe('readuntil', () => {
  test.each([
    ['', /at least one-byte/, RangeError],
    [[], /at least one element/, RangeError],
    [['a', ''], /at least one-byte/, RangeError],
    [5, /separator must be bytes/, TypeError],
    [[null], /separator must be bytes/, TypeError],
  ])('%o is no separator', async (separator, text, kind) => {
    const error = await failure(() => fed(undefined, 'x\n').readuntil(separator as never));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });

  test('of one chunk', async () => {
    const reader = new StreamReader();
    for (const [chunk, left] of [
      ['lineAAA', ''],
      ['lineAAAxxx', 'xxx'],
    ] as const) {
      feed(reader, chunk);
      expect(String(await reader.readuntil('AAA'))).toBe('lineAAA');
      expect(String(await reader.readexactly(left.length))).toBe(left);
    }
  });

  test('is a newline if left out', async () => {
    expect(String(await fed(undefined, 'a\nb').readuntil())).toBe('a\n');
  });

  test.each([
    [['QWEaa', 'XYaa', 'a'], 'QWEaaXYaaa', ''],
    [['QWEaa', 'XYa', 'aa'], 'QWEaaXYaaa', ''],
    [['aaa'], 'aaa', ''],
    [['Xaaa'], 'Xaaa', ''],
    [['XXX', 'a', 'a', 'a', 'YYY'], 'XXXaaa', 'YYY'],
    [['X', 'a', 'Y', 'aa', 'Yaa', 'aZaaa'], 'XaYaaYaaa', 'Zaaa'],
  ])('over chunks %j', async (chunks, expected, left) => {
    const one = fed(undefined, ...chunks);
    expect(String(await one.readuntil('aaa'))).toBe(expected);
    expect(await rest(one)).toBe(left);
    // And one after the other, with a read that looks each time.
    const two = new StreamReader();
    const read = watch(two.readuntil('aaa'));
    for (const chunk of chunks) {
      await nextTurn();
      feed(two, chunk);
    }
    await turns(2);
    expect(String(read.value)).toBe(expected);
    expect(await rest(two)).toBe(left);
  });

  test('the end of the stream', async () => {
    const reader = fed(undefined, 'some dataAA', null);
    const error = await failure(() => reader.readuntil('AAA'));
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect(error).toMatchObject({ name: 'IncompleteReadError', expected: null });
    expect(error.message).toBe('11 bytes read on a total of undefined expected bytes');
    expect(String(error.partial)).toBe('some dataAA');
    expect(reader.atEof()).toBe(true);
  });

  test('over the limit, where the data stays', async () => {
    const reader = fed(3, 'some dataAA');
    const missing = await failure(() => reader.readuntil('AAA'));
    expect(missing).toBeInstanceOf(LimitOverrunError);
    expect(missing).toMatchObject({ name: 'LimitOverrunError', consumed: 9 });
    expect(missing.message).toBe('Separator is not found, and chunk exceed the limit');
    feed(reader, 'A');
    const late = await failure(() => reader.readuntil('AAA'));
    expect(late).toMatchObject({ consumed: 9 });
    expect(late.message).toBe('Separator is found, but chunk is longer than limit');
    expect(String(await reader.readexactly(late.consumed as number))).toBe('some data');
    expect(String(await reader.readuntil('AAA'))).toBe('AAA');
  });

  test('one of several, whichever ends first', async () => {
    const lines = fed(undefined, 'line 1\nline 2\r');
    expect(String(await lines.readuntil(['\r', '\n']))).toBe('line 1\n');
    expect(String(await lines.readuntil(['\r', '\n']))).toBe('line 2\r');
    const letters = fed(undefined, 'ABCDEFG');
    expect(String(await letters.readuntil(['DEF', 'BCDE']))).toBe('ABCDE');
    expect(await rest(letters)).toBe('FG');
  });

  test('one of several, with a limit', async () => {
    const reader = fed(3, 'some dataA');
    const error = await failure(() => reader.readuntil(['A', 'ome dataA']));
    expect(error.message).toMatch('is found');
    expect(await rest(reader)).toBe('some dataA');
  });

  test('one of several, of which the longest does not fit yet', async () => {
    const reader = fed(undefined, 'data');
    const read = reader.readuntil(['A', 'long sep']);
    await nextTurn();
    feed(reader, 'Z');
    await nextTurn();
    feed(reader, 'Aaaa');
    expect(String(await read)).toBe('dataZA');
    expect(await rest(reader)).toBe('aaa');
  });

  test.each([Buffer.from('\r\n'), new Uint8Array([13, 10]).buffer, new Uint16Array([0x0a0d])])(
    'a separator as %o',
    async (separator) => {
      expect(String(await fed(undefined, 'some data\r\n').readuntil(separator))).toBe('some data\r\n');
    },
  );
});

describe('readexactly', () => {
  test('0 bytes, and less', async () => {
    const reader = fed(undefined, DATA);
    expect((await reader.readexactly(0)).length).toBe(0);
    const error = await failure(() => reader.readexactly(-1));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toMatch('less than zero');
    expect(await rest(reader)).toBe(String(DATA));
  });

  test('over several chunks, without a limit', async () => {
    const reader = new StreamReader(3);
    const text = String(DATA);
    const data = await meanwhile(reader, reader.readexactly(2 * DATA.length), text, text, text);
    expect(String(data)).toBe(text + text);
    expect(await rest(reader)).toBe(text);
  });

  test('the end of the stream', async () => {
    const reader = new StreamReader();
    const error = await failure(() => meanwhile(reader, reader.readexactly(36), String(DATA), null));
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect(error).toMatchObject({ expected: 36, partial: DATA });
    expect(error.message).toBe('18 bytes read on a total of 36 expected bytes');
    expect(reader.atEof()).toBe(true);
  });
});

/** One of each kind, of which all wait. */
const reads: [string, (reader: StreamReader, signal?: AbortSignal) => Promise<unknown>][] = [
  ['read', (reader, signal) => reader.read(1, { signal })],
  ['read to the end', (reader, signal) => reader.read(-1, { signal })],
  ['readline', (reader, signal) => reader.readline({ signal })],
  ['readuntil', (reader, signal) => reader.readuntil('\n', { signal })],
  ['readexactly', (reader, signal) => reader.readexactly(1, { signal })],
];

describe.each(reads)('%s', (_, read) => {
  test('rejects with the exception, before and while it waits', async () => {
    const waiting = new StreamReader();
    const pending = watch(read(waiting));
    const error = new Error('gone');
    waiting.setException(error);
    await turns(2);
    expect(pending.error).toBe(error);
    const late = fed(undefined, 'line\n');
    expect(late.exception()).toBe(null);
    late.setException(error);
    expect(late.exception()).toBe(error);
    expect(await failure(() => read(late))).toBe(error);
  });

  test('rejects when the signal aborts, and leaves the reader as it was', async () => {
    const reader = new StreamReader();
    const controller = new AbortController();
    const pending = watch(read(reader, controller.signal));
    await turns(2);
    const reason = new Error('enough');
    controller.abort(reason);
    await turns(2);
    expect(pending.error).toBe(reason);
    expect(await failure(() => read(reader, controller.signal))).toBe(reason);
    reader.setException(new Error('nobody waits'));
    const next = fed(undefined, 'x\n', null);
    expect(String(await read(next))).toMatch(/^x/);
  });

  test('rejects beside another that waits', async () => {
    const reader = new StreamReader();
    const first = watch(reader.readexactly(2));
    const error = await failure(() => read(reader));
    expect(error.message).toMatch(
      /^\w+\(\) called while another coroutine is already waiting for incoming data$/,
    );
    expect(error.code).toBe('ERR_INVALID_STATE');
    feed(reader, 'ab');
    await turns(2);
    expect(String(first.value)).toBe('ab');
  });

  test('takes a signal and nothing else', async () => {
    const error = await failure(() => read(fed(undefined, 'x\n'), 'no signal' as never));
    expect(error).toBeInstanceOf(TypeError);
  });
});

test('what an aborted read has waited for is there for the next one', async () => {
  const reader = fed(undefined, 'half ');
  const controller = new AbortController();
  const pending = watch(reader.readexactly(9, { signal: controller.signal }));
  const all = watch(reader.read(-1));
  feed(reader, 'a');
  controller.abort();
  await turns(2);
  expect([pending.state, all.state]).toEqual(['rejected', 'rejected']);
  feed(reader, ' line\n');
  expect(String(await reader.readline())).toBe('half a line\n');
});

test('an aborted read to the end loses nothing', async () => {
  const reader = fed(undefined, 'one ');
  const controller = new AbortController();
  const pending = watch(reader.read(-1, { signal: controller.signal }));
  await turns(2);
  feed(reader, 'two');
  await turns(2);
  controller.abort();
  await turns(2);
  expect(pending.state).toBe('rejected');
  expect(await rest(reader)).toBe('one two');
});

test('a second read takes what is there, although the first one waits for more', async () => {
  const reader = fed(undefined, 'abc');
  const first = watch(reader.readexactly(5));
  expect(String(await reader.read(2))).toBe('ab');
  feed(reader, 'defghi');
  await turns(2);
  expect(String(first.value)).toBe('cdefg');
  const separated = watch(reader.readuntil('##'));
  expect(String(await reader.read(2))).toBe('hi');
  feed(reader, '##');
  await turns(2);
  expect(String(separated.value)).toBe('##');
});

test('atEof', async () => {
  const reader = new StreamReader();
  expect(reader.atEof()).toBe(false);
  feed(reader, 'some data\n');
  await reader.readline();
  expect(reader.atEof()).toBe(false);
  feed(reader, 'some data\n', null);
  expect(reader.atEof()).toBe(false);
  await reader.readline();
  expect(reader.atEof()).toBe(true);
});

test('iterates over lines, again where it was left', async () => {
  const reader = fed(undefined, 'one\ntwo\nthree\nrest', null);
  for await (const line of reader) if (String(line) === 'two\n') break;
  const lines: string[] = [];
  for await (const line of reader) lines.push(String(line));
  expect(lines).toEqual(['three\n', 'rest']);
});

test('pauses its transport above twice the limit, and resumes it at the limit', async () => {
  const calls: string[] = [];
  const transport = { pauseReading: () => calls.push('pause'), resumeReading: () => calls.push('resume') };
  const reader = new StreamReader(10);
  reader.setTransport(transport as never);
  expect(() => reader.setTransport(transport as never)).toThrow('Transport already set');
  feed(reader, 'x'.repeat(20));
  expect(calls).toEqual([]);
  feed(reader, 'x');
  feed(reader, 'x');
  expect(calls).toEqual(['pause']);
  await reader.read(11);
  expect(calls).toEqual(['pause']);
  await reader.read(1);
  expect(calls).toEqual(['pause', 'resume']);
  feed(reader, 'x'.repeat(11));
  expect(calls).toEqual(['pause', 'resume', 'pause']);
  // It can never have so many bytes while the transport is paused.
  const exactly = reader.readexactly(100);
  expect(calls.at(-1)).toBe('resume');
  feed(reader, 'x'.repeat(79));
  expect((await exactly).length).toBe(100);
});

test.each([
  ['<StreamReader>', fed(undefined)],
  ['<StreamReader limit=123>', fed(123)],
  ['<StreamReader eof>', fed(undefined, null)],
  ['<StreamReader 4 bytes>', fed(undefined, 'data')],
])('%s', (text, reader) => {
  expect(String(reader)).toBe(text);
  expect(inspect(reader)).toBe(text);
});

test('its text tells of a read, an exception and the transport', async () => {
  const reader = new StreamReader();
  const pending = reader.read(1);
  expect(String(reader)).toBe('<StreamReader waiting>');
  reader.setException(new RangeError('wrong'));
  await failure(() => pending);
  reader.setTransport({ toString: () => '<Transport>' } as never);
  expect(String(reader)).toBe('<StreamReader exception=RangeError: wrong transport=<Transport>>');
});

describe('work that does not grow with the square', () => {
  // In seconds: some times what these take, and some times less than they would.
  const MOST = 12;
  const quickly = async (action: () => Promise<void>) => {
    const before = process.cpuUsage();
    await action();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(MOST);
  };

  test('many tiny chunks, each of which wakes a read', { timeout: 60_000 }, async () => {
    await quickly(async () => {
      const reader = new StreamReader(1 << 21);
      const read = reader.readuntil(['\r\n\r\n', '\n\n']);
      for (let count = 0; count < 500_000; count++) {
        reader.feedData('x');
        await undefined;
      }
      reader.feedData('\r\n\r\n');
      expect((await read).length).toBe(500_004);
    });
  });

  test('many short lines in many chunks', { timeout: 60_000 }, async () => {
    await quickly(async () => {
      const reader = new StreamReader();
      const lines = 'ab\n'.repeat(300);
      for (let count = 0; count < 1000; count++) reader.feedData(lines);
      reader.feedEof();
      let count = 0;
      for (; !reader.atEof(); count++) await reader.readuntil(['\n', 'does not occur']);
      expect(count).toBe(300_000);
    });
  });
});
