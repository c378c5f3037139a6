/** Each line of the tables of options: its name, its documentation, and its value set and read back. */
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { OSError } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { allOptions } from '../dist/options/option-table.js';
import { capable } from './capabilities.ts';
import { type Sample, samples } from './option-samples.ts';
import { kinds } from './socket-kinds.ts';
import type { AnySocket } from './support.ts';

const options = allOptions();
const names = Object.keys(options);
const project = new URL('..', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, project), 'utf8');

describe('the name', () => {
  test.each(names)('%s is that of its constant, without SO_ and underscores', (name) => {
    const constant = options[name]!.option;
    expect(name.toLowerCase()).toBe(constant.replace(/^SO_/, '').replaceAll('_', '').toLowerCase());
  });

  test('no two options have one name or one constant', () => {
    const constants = names.map((name) => `${options[name]!.level} ${options[name]!.option}`);
    expect(new Set(constants).size).toBe(names.length);
  });
});

/** The doc comments of the tables: the text by the name of the option. */
function documented(): Map<string, string> {
  const found = new Map<string, string>();
  const files = readdirSync(new URL('lib/options/', project)).filter((file) =>
    file.startsWith('option-table-'),
  );
  for (const file of files) {
    const line = /^ {2}\/\*\* (.*) \*\/\n {2}(\w+): (?:\w+\.)?(?:readWrite|readOnly|writeOnly)\(/gm;
    for (const [, text, name] of read(`lib/options/${file}`).matchAll(line)) found.set(name!, text!);
  }
  return found;
}

const ACCESS = { 'read-write': '', read: ' (read only)', write: ' (write only)' };

test('docs/options.md has the lines of the tables', () => {
  const texts = documented();
  const expected = names.map((name) => {
    const { option, access, codec } = options[name]!;
    const type = codec.type.replaceAll('|', '\\|');
    return `| \`${name}\` | ${option} | \`${type}\`${ACCESS[access]} | ${texts.get(name)} |`;
  });
  const lines = read('docs/options.md').split('\n');
  expect(lines.filter((line) => /^\| `\w+` \| [A-Z]/.test(line))).toEqual(expected);
});

test('every option has a sample', () => {
  expect(Object.keys(samples)).toEqual(names);
});

/** Families and protocols that this machine lacks, and what only root may open. */
const UNAVAILABLE = ['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EPERM', 'EACCES'];
const privileged = capable('CAP_NET_ADMIN') && capable('CAP_NET_RAW');

/** Why an error does not count here; undefined where it does. */
function excuse(error: unknown, refused: Sample['refused']): string | undefined {
  if (!(error instanceof OSError)) return undefined;
  const { code = '' } = error;
  if ((code === 'EPERM' || code === 'EACCES') && !privileged) return 'no CAP_NET_ADMIN or CAP_NET_RAW';
  const reason = refused?.[code];
  const [, before] = /^Linux before (.*)$/.exec(reason ?? '') ?? [];
  return before !== undefined && !olderThan(before) ? undefined : reason;
}

/** Whether this kernel is older than a version. */
function olderThan(version: string): boolean {
  const [major, minor] = release().split('.').map(Number);
  const [otherMajor, otherMinor] = version.split('.').map(Number);
  return major! < otherMajor! || (major === otherMajor && minor! < otherMinor!);
}

function open(on: keyof typeof kinds): AnySocket | string {
  try {
    return kinds[on]();
  } catch (error) {
    if (error instanceof OSError && UNAVAILABLE.includes(error.code!)) return error.message;
    throw error;
  }
}

/** Sets the values of a sample and checks what is read back. */
function exercise(sock: AnySocket, name: string, sample: Sample): void {
  const view = sock.options as unknown as Record<string, unknown>;
  const { set = [], proof } = sample;
  const last = set.at(-1);
  for (const value of set) {
    view[name] = value;
    if (proof === undefined && 'reads' in sample === false) expect(view[name]).toEqual(value);
  }
  if (proof !== undefined) {
    expect(proof(sock)).toBe(true);
    return;
  }
  const expected = 'reads' in sample ? sample.reads : last;
  if (typeof expected === 'function') expect(view[name]).toSatisfy(expected as (value: unknown) => boolean);
  else expect(view[name]).toEqual(expected);
}

describe('set and read back', () => {
  test.for(names)('%s', (name, { skip }) => {
    const sample = samples[name]!;
    const sock = open(sample.on);
    if (typeof sock === 'string') return skip(`no ${sample.on} socket: ${sock}`);
    const { access, option } = options[name]!;
    const view = sock.options as unknown as Record<string, unknown>;
    if (access === 'read') expect(() => Object.assign(view, { [name]: 1 })).toThrow(TypeError);
    if (access === 'write') expect(() => view[name]).toThrow(TypeError);
    expect(sample.set === undefined || access !== 'read').toBe(true);
    try {
      exercise(sock, name, sample);
    } catch (error) {
      const reason = excuse(error, sample.refused);
      if (reason === undefined) throw error;
      expect(error).toMatchObject({ option });
      skip(`${(error as OSError).code}: ${reason}`);
    }
  });
});

describe('a socket of another kind', () => {
  test.each(names)('%s: the value, or an OSError that names the option', (name) => {
    const sock = kinds.unix();
    const { option, access } = options[name]!;
    if (access === 'write') return;
    let value: unknown;
    try {
      value = (sock.options as unknown as Record<string, unknown>)[name];
    } catch (error) {
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({ option, syscall: 'getsockopt' });
      expect((error as OSError).message).toContain(option);
      return;
    }
    expect(value).not.toBe(undefined);
  });
});
