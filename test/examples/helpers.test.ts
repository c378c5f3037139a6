/** `repr` of the examples against Python's. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { repr } from '../../examples/helpers.ts';
import { python, pythonEnv, test } from './programs.ts';

describe('repr', () => {
  it.each<[value: unknown, printed: string]>([
    [Buffer.from('hello'), "b'hello'"],
    [Buffer.alloc(0), "b''"],
    [Buffer.from("it's"), `b"it's"`],
    [Buffer.from('"it\'s"'), `b'"it\\'s"'`],
    [Buffer.from([0, 9, 10, 13, 27, 92, 127, 255]), "b'\\x00\\t\\n\\r\\x1b\\\\\\x7f\\xff'"],
    [['127.0.0.1', 8001], "('127.0.0.1', 8001)"],
    [['::1', 8001, 0, 0], "('::1', 8001, 0, 0)"],
  ])('%j', (value, printed) => {
    expect(repr(value)).toBe(printed);
  });

  test('of every byte and of every mixture of quotes, as in Python', ['Python'], async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
    const mixtures = ["''", '""', `'"`, '\\"', "\\'", `'\\"'`].map((text) => Buffer.from(text));
    const values = [...bytes, ...mixtures, Buffer.concat(bytes)];
    const program = 'import sys\nfor line in sys.stdin: print(bytes.fromhex(line))';
    const input = values.map((value) => `${value.toString('hex')}\n`).join('');
    const printed = execFileSync(python!, ['-c', program], { input, encoding: 'utf8', env: pythonEnv() });
    expect(values.map((value) => `${repr(value)}\n`).join('')).toBe(printed);
  });
});
