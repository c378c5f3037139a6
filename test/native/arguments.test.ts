/**
 * Whatever JavaScript hands to a native function, the answer is a TypeError, a RangeError or a result; never another
 * exception, never a crash. The calls are made in processes of their own, so that a crash is a failed test that says
 * which call it was. What counts as an argument and what as wrong stands in test/fixtures.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as binding from 'bsd-socket/binding';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isolation } from '../namespaces.ts';

const LIMIT = 60_000;
const run = promisify(execFile);
const fixture = fileURLToPath(new URL('../fixtures/native-arguments.mjs', import.meta.url));
const functions = Object.entries(binding)
  .filter(([, value]) => typeof value === 'function')
  .map(([name]) => name);

// What would change the machine's name, or ask its network for names, is not examined without these.
const { prefix, missing } = isolation('uts', 'net');
const outward = (name: string) => /^(sethostname|gethostby(name|addr)(Async)?)$/.test(name);

const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-arguments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Report = Record<string, { count: number; problems: string[] }>;

async function examine(where: string, ...options: string[]): Promise<Report> {
  const log = join(folder, where);
  const isolated = missing === undefined ? ['--isolated'] : [];
  const [command, ...args] = [...prefix, process.execPath, fixture, log, ...options, ...isolated];
  const limits = { timeout: LIMIT, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 } as const;
  try {
    return JSON.parse((await run(command!, args, limits)).stdout) as Report;
  } catch (error) {
    const last = readFileSync(log, 'utf8').trim();
    throw new Error(`ended at "${last}"`, { cause: error });
  }
}

test('the entry point has functions', () => expect(functions).toContain('recvfrom'));

describe.each([
  ['the main thread', []],
  ['a worker', ['--worker']],
])('in %s', (where, options) => {
  let report: Report = {};
  beforeAll(async () => {
    report = await examine(where, ...options);
  }, LIMIT);

  test.skipIf(missing).each(functions.filter(outward))(
    `%s withstands wrong arguments${missing ? ` (skipped: ${missing})` : ''}`,
    (name) => examined(name),
  );

  test.each(functions.filter((name) => !outward(name)))(
    '%s withstands wrong arguments, and works in between',
    (name) => examined(name),
  );

  function examined(name: string): void {
    const { count, problems } = report[name]!;
    expect(problems).toEqual([]);
    // A function without valid arguments in the table has not been examined.
    expect(count).toBeGreaterThan(50);
  }
});
