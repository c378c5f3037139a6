/** The file object of datagrams, beside Python's `io.BytesIO`. */
import { BytesIO } from 'bsd-socket/socketserver';
import { describe, expect, test } from 'vitest';
import { askPython, noPython, python } from './peers.ts';

type Step = [method: string, ...args: (string | number | null)[]];

const programs: Record<string, { initial: string; steps: Step[] }> = {
  lines: {
    initial: 'one\ntwo\n\nthree',
    steps: [
      ['readline'],
      ['readline', 2],
      ['readline', null],
      ['readline'],
      ['readline', 0],
      ['readline'],
      ['readline'],
    ],
  },
  reading: {
    initial: 'abcdef',
    steps: [['read', 2], ['read', 0], ['tell'], ['read', -1], ['read'], ['read', 3], ['tell']],
  },
  'all lines': {
    initial: 'a\nbc\nd',
    steps: [
      ['readlines', 3],
      ['readlines', 0],
      ['seek', 0],
      ['readlines', null],
      ['seek', 1],
      ['readlines', 1],
    ],
  },
  writing: {
    initial: '',
    steps: [
      ['write', 'hello'],
      ['write', ''],
      ['write', ' you'],
      ['tell'],
      ['read'],
      ['seek', 1],
      ['write', 'E'],
      ['getvalue'],
      ['read', 2],
    ],
  },
  'over the end': {
    initial: 'abc',
    steps: [
      ['seek', 2],
      ['write', 'XYZ'],
      ['seek', 8],
      ['read'],
      ['tell'],
      ['write', ''],
      ['getvalue'],
      ['write', '!'],
      ['getvalue'],
      ['tell'],
    ],
  },
  'to and fro': {
    initial: 'abcdef',
    steps: [
      ['seek', -2, 2],
      ['read'],
      ['seek', -3, 1],
      ['read', 1],
      ['seek', -99, 1],
      ['tell'],
      ['seek', 3, 2],
      ['readline'],
      ['tell'],
      ['seek', -1],
    ],
  },
  states: {
    initial: 'a',
    steps: [
      ['readable'],
      ['writable'],
      ['seekable'],
      ['flush'],
      ['close'],
      ['close'],
      ['read'],
      ['write', 'x'],
      ['getvalue'],
      ['tell'],
      ['readable'],
    ],
  },
};

function runHere({ initial, steps }: { initial: string; steps: Step[] }): unknown[] {
  const file = new BytesIO(initial);
  return steps.map(([method, ...args]) => {
    try {
      // biome-ignore lint/suspicious/noExplicitAny: the method is one of many.
      const value = (file as any)[method](...args);
      if (Array.isArray(value)) return value.map(String);
      return Buffer.isBuffer(value) ? String(value) : (value ?? null);
    } catch (error) {
      return error instanceof RangeError ? 'ValueError' : String(error);
    }
  });
}

describe.skipIf(python === undefined)(`as in Python${noPython}`, () => {
  const expected =
    python === undefined
      ? {}
      : (askPython(`
import io, json
def value(v):
    if isinstance(v, list): return [value(x) for x in v]
    return v.decode() if isinstance(v, bytes) else v
result = {}
for name, program in json.loads('''${JSON.stringify(programs).replaceAll('\\n', '\\\\n')}''').items():
    f = io.BytesIO(program['initial'].encode())
    result[name] = []
    for method, *args in program['steps']:
        try:
            args = [a.encode() if isinstance(a, str) else a for a in args]
            result[name].append(value(getattr(f, method)(*args)))
        except ValueError:
            result[name].append('ValueError')
print(json.dumps(result))
`) as Record<string, unknown>);

  test.each(Object.keys(programs))('%s', (name) => {
    expect(runHere(programs[name]!)).toEqual(expected[name]);
  });
});

test('what it gives is its own, and what it is given stays the caller’s', () => {
  const bytes = Buffer.from('abc');
  const file = new BytesIO(bytes);
  bytes[0] = 0;
  const value = file.getvalue();
  value[1] = 0;
  const read = file.read(1);
  file.seek(0);
  file.write('z');
  expect([String(read), String(file.getvalue())]).toEqual(['a', 'zbc']);
});

test('the asynchronous calls, iteration, memory of the caller', async () => {
  await using file = new BytesIO();
  await file.writelinesAsync(['a\n', Buffer.from('b\n')]);
  expect(await file.writeAsync(new Uint16Array([0x6363]))).toBe(2);
  file.seek(0);
  const lines: string[] = [];
  for await (const line of file) lines.push(String(line));
  expect(lines).toEqual(['a\n', 'b\n', 'cc']);
  file.seek(1);
  const memory = new Uint16Array(2);
  expect(await file.readintoAsync(memory)).toBe(4);
  expect(String(Buffer.from(memory.buffer))).toBe('\nb\nc');
  expect(String(await file.readAsync())).toBe('c');
  file.seek(0);
  expect((await file.readlinesAsync()).length).toBe(3);
  expect(String(await file.readlineAsync())).toBe('');
  await file.flushAsync();
  await file.closeAsync();
  expect(file.closed).toBe(true);
  expect(() => [...file]).toThrow(RangeError);
  expect(() => new BytesIO(5 as never)).toThrow(TypeError);
  for (const wrong of [undefined, null, 5])
    expect(() => new BytesIO().writelines(wrong as never)).toThrow('writelines(): lines must be iterable');
});
