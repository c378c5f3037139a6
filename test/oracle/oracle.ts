/**
 * CPython as an oracle: a table of cases runs there and here, and each has to come to the same, be it a value or an
 * error. The cases are data, so that both sides run the very same thing; oracle.py says how they read. Where we
 * differ on purpose, the case names its entry in differences.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as library from 'bsd-socket';
import * as select from 'bsd-socket/select';
import * as selectors from 'bsd-socket/selectors';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Difference, differences } from './differences.ts';
import { noPython, python, pythonMinor } from './python.ts';

export type Step = [target: string, ...args: unknown[]];

export interface Case {
  name: string;
  steps: Step[];
  /** The entries in differences.ts that explain why some outcomes are not the same. */
  differs?: keyof typeof differences | (keyof typeof differences)[];
  /** Only the synchronous form has this behaviour, or no call of the case has another one. */
  form?: 'sync' | 'async';
  /** The minor version of Python 3 since which it does this. */
  since?: number;
}

export interface Failure {
  error: string;
  errno: number | null;
  text: string;
}
export type Outcome = { value: unknown } | Failure;

// What JavaScript has no value of its own for. Each is an argument that reads as its name in the table.

class Special {
  readonly kind: string;
  readonly content: unknown;
  constructor(kind: string, content: unknown) {
    this.kind = kind;
    this.content = content;
  }
}
/** A float in Python, even where it is whole. */
export const float = (number: number) => new Special('float', number);
/** A list in Python, where an array is a tuple. */
export const list = (...items: unknown[]) => new Special('list', items);
/** What a name stands for. */
export const ref = (name: string) => new Special('ref', name);
/** What a step comes to. */
export const of = (...step: Step) => new Special('of', step);
/** A path in a temporary folder of the case. */
export const path = (name: string) => new Special('path', name);
/** Keyword arguments, which are an options object here; the last argument. */
export const keywords = (named: Record<string, unknown>) => new Special('keywords', named);

/** An argument as JSON for oracle.py. */
function encode(value: unknown): unknown {
  if (value instanceof Special) {
    const { kind, content } = value;
    if (kind === 'float') return { float: String(content).replace('Infinity', 'inf') };
    if (kind === 'of') {
      const [target, ...args] = content as Step;
      return { of: [target, ...args.map(encode)] };
    }
    if (kind === 'keywords') {
      return {
        keywords: Object.fromEntries(Object.entries(content as object).map(([k, v]) => [k, encode(v)])),
      };
    }
    return { [kind]: kind === 'list' ? (content as unknown[]).map(encode) : content };
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number' && !Number.isInteger(value)) return encode(float(value));
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return { int: String(BigInt(value)) };
  return value ?? null;
}

// Our side.

const irregular: Record<string, string> = {
  has_dualstack_ipv6: 'hasDualstackIPv6',
  has_ipv6: 'hasIPv6',
  dualstack_ipv6: 'dualstackIPv6',
};
const camelCase = (name: string) =>
  irregular[name] ?? name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

type Names = Record<string, unknown>;
type Functions = Record<string, (...args: unknown[]) => unknown>;

async function decode(value: unknown, names: Names, twins: boolean): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => decode(item, names, twins)));
  if (!(value instanceof Special)) return value instanceof Uint8Array ? Buffer.from(value) : value;
  const { kind, content } = value;
  if (kind === 'list') return decode(content, names, twins);
  if (kind === 'ref') return names[content as string];
  if (kind === 'of') return run(content as Step, names, twins);
  if (kind === 'path') return join(names.folder as string, content as string);
  if (kind === 'keywords') {
    const entries = Object.entries(content as object);
    return Object.fromEntries(
      await Promise.all(
        entries.map(async ([name, item]) => [camelCase(name), await decode(item, names, twins)]),
      ),
    );
  }
  return content;
}

/** A message with lengths for its ancillary data, as in oracle.py; its descriptors are closed. */
function lengths([data, ancdata, ...rest]: unknown[]): unknown[] {
  const shown = (ancdata as (number | library.Ancillary)[]).map((item) => {
    if (typeof item === 'number') {
      library.close(item);
      return 'a descriptor';
    }
    for (const message of library.decodeAncillary([item])) {
      if (message.kind === 'rights') message.fds.forEach(library.close);
    }
    return [item[0], item[1], item[2].length];
  });
  return [data, shown, ...rest];
}

async function run([target, ...args]: Step, names: Names, twins: boolean): Promise<unknown> {
  if (target.startsWith('get ')) {
    const [first = '', ...rest] = target.slice(4).split('.');
    return rest.reduce((value, name) => (value as Names)[camelCase(name)], names[first]);
  }
  const values = (await Promise.all(args.map((value) => decode(value, names, twins)))) as unknown[];
  if (target === 'memory') return Buffer.alloc(values[0] as number);
  if (target === 'lengths') return lengths(values[0] as unknown[]);
  if (target === 'item') return (values[0] as unknown[])[values[1] as number];
  const [owner = '', ...path] = target.split('.');
  const name = camelCase(path.pop() ?? '');
  const object = path.reduce((value, each) => value[each] as Names, names[owner] as Names) as Functions;
  const twin = `${name}Async`;
  // A class, which Python calls as it is.
  if (/^[A-Z][a-z]/.test(name)) return Reflect.construct(object[name]!, values);
  return object[twins && twin in object ? twin : name]!(...values);
}

function shown(value: unknown, names: Names): unknown {
  if (value === undefined) return null;
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  if (value instanceof library.Socket) return { socket: [value.family, value.type, value.proto] };
  if (value instanceof selectors.SelectorKey) return shown([...value], names);
  if (Array.isArray(value)) return value.map((item) => shown(item, names));
  return typeof value === 'string' ? value.replaceAll(names.folder as string, '<folder>') : value;
}

function failed(error: unknown, names: Names): Failure {
  const { name, errno, strerror, message } = error as library.OSError;
  const text = strerror ?? message;
  return { error: name, errno: errno ?? null, text: text.replaceAll(names.folder as string, '<folder>') };
}

async function ours(steps: Step[], twins: boolean): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-oracle-'));
  const names: Names = { socket: library, select, selectors, folder };
  const outcomes: Outcome[] = [];
  for (const [target, ...args] of steps) {
    const [, assigned, call = ''] = /^(?:(.*) = )?(.*)$/.exec(target)!;
    try {
      const result = await run([call, ...args], names, twins);
      if (assigned === undefined) outcomes.push({ value: shown(result, names) });
      else if (assigned.includes(', ')) {
        assigned.split(', ').forEach((name, index) => {
          names[name] = (result as unknown[])[index];
        });
      } else names[assigned] = result;
    } catch (error) {
      outcomes.push(failed(error, names));
    }
  }
  for (const value of Object.values(names)) {
    if (value === library || !(Symbol.dispose in Object(value))) continue;
    try {
      (value as { close(): void }).close();
    } catch {
      // A file object that could not send all: it is closed, and what cases are about has been said.
    }
  }
  library.setdefaulttimeout(null);
  rmSync(folder, { recursive: true });
  return outcomes;
}

// The comparison.

/** Python's classes under our names: docs/python-differences.md has those that JavaScript lacks. */
const classes: Record<string, string> = {
  ValueError: 'RangeError',
  OverflowError: 'RangeError',
  UnicodeDecodeError: 'RangeError',
  UnicodeEncodeError: 'RangeError',
  LookupError: 'RangeError',
  KeyError: 'RangeError',
  RuntimeError: 'Error',
};

/** Python's texts with the names of its functions in our spelling. */
const ourSpelling = (text: string) => text.replace(/\b(inet|create)_[a-z]+\b/g, camelCase);

/** Ports and names that the kernel chose differ from run to run. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [host, port, ...rest] = value;
    if (typeof host === 'string' && Number.isInteger(port) && port >= 1024) return [host, '<port>', ...rest];
    return value.map(masked);
  }
  const { bytes } = (value ?? {}) as { bytes?: string };
  return bytes !== undefined && /^00(3[0-9]|6[1-6]){5}$/.test(bytes) ? '<name by the kernel>' : value;
}

/** An outcome with only what has to be the same: the text counts where it is the system's or OSError's own. */
export function essence(outcome: Outcome): unknown {
  if ('value' in outcome) return { value: masked(outcome.value) };
  const error = classes[outcome.error] ?? outcome.error;
  const ownText = error === 'TypeError' || error === 'RangeError';
  return ownText ? { error } : { error, errno: outcome.errno, text: ourSpelling(outcome.text) };
}

function askPython(cases: Case[]): Outcome[][] {
  const { status, stdout, stderr } = spawnSync(
    python!,
    [fileURLToPath(new URL('oracle.py', import.meta.url))],
    {
      input: JSON.stringify(
        cases.map(({ steps }) => steps.map(([target, ...args]) => [target, ...args.map(encode)])),
      ),
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Whatever has calls in two forms. */
const inTwoForms = [
  library,
  library.Socket.prototype,
  select,
  select.poll(),
  selectors.DefaultSelector.prototype,
];

const hasTwin = ({ steps }: Case) =>
  steps.some(([target]) => {
    const name = `${camelCase(target.split('.').at(-1)!)}Async`;
    return inTwoForms.some((object) => name in object);
  });

/** Each outcome that is not the same must be as one of the case's differences says, and each of these must occur. */
function check({ differs = [] }: Case, theirs: Outcome[], mine: Outcome[]): void {
  const entries: Difference[] = [differs].flat().map((id) => differences[id]);
  const unexplained = (outcome: Outcome, index: number) =>
    !entries.some((entry) => entry.matches?.(theirs[index]!, outcome));
  const same = (a: Outcome, b: Outcome) => JSON.stringify(essence(a)) === JSON.stringify(essence(b));
  const got = mine.map((outcome, index) =>
    theirs[index] && !same(theirs[index], outcome) && unexplained(outcome, index) ? outcome : theirs[index]!,
  );
  const shownToReaders = `Python: ${JSON.stringify(theirs)}\n  ours: ${JSON.stringify(mine)}\n`;
  expect(got.map(essence), shownToReaders).toEqual(theirs.map(essence));
  const explained = mine.some((outcome, index) => !same(theirs[index]!, outcome));
  expect(explained, 'a difference is named, and there is none').toBe(entries.length > 0);
}

/** Defines a test for each case, and a second one where its calls have an asynchronous form. */
export function compare(title: string, cases: Case[]): void {
  describe.skipIf(noPython)(noPython ? `${title}: ${noPython}` : title, () => {
    let theirs: Outcome[][] = [];
    beforeAll(() => {
      theirs = askPython(cases);
    });
    cases.forEach((each, index) => {
      const { name, steps, form, since = 0 } = each;
      if (pythonMinor < since) {
        test.skip(`${name}: this Python is older than 3.${since}`, () => {});
        return;
      }
      if (form !== 'async') test(name, async () => check(each, theirs[index]!, await ours(steps, false)));
      if (form !== 'sync' && hasTwin(each))
        test(`${name}, asynchronously`, async () => check(each, theirs[index]!, await ours(steps, true)));
    });
  });
}
