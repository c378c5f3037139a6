/** The benchmarks: what becomes of numbers, and that the runner runs. What is measured here is far too little to count. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { groupsOf } from '../bench/cases.mjs';
import { plot } from '../bench/plot.mjs';
import { Missing } from '../bench/programs.mjs';
import { figures, page, ratios, summary } from '../bench/report.mjs';
import { measureCase } from '../bench/rounds.mjs';
import { compare, holds, median } from '../bench/statistics.mjs';

describe('statistics', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
    [[7], 7],
  ])('the median of %j is %d', (numbers, expected) => {
    const before = [...numbers];
    expect(median(numbers)).toBe(expected);
    expect(numbers).toEqual(before);
  });

  test('ratios are made of pairs, not of medians', () => {
    // A machine that gets slower: the ratio of the medians would be 1.
    expect(compare([1, 4, 20], [2, 4, 10])).toEqual({ value: 1, low: 0.5, high: 2 });
    expect(compare([2, 4, 30], [1, 4, 10])).toEqual({ value: 2, low: 1, high: 3 });
  });

  test('differences', () => {
    expect(compare([5, 9, 2], [4, 4, 4], 'difference')).toEqual({ value: 1, low: -2, high: 5 });
  });

  test.each([
    [[], []],
    [[1, 2], [1]],
  ])('%j and %j are no pairs', (ours, theirs) => {
    expect(() => compare(ours, theirs)).toThrow(RangeError);
  });

  test.each([
    [1, { atMost: 1 }, true],
    [1.01, { atMost: 1 }, false],
    [1, { atLeast: 1 }, true],
    [0.99, { atLeast: 1 }, false],
    [-5, { atMost: 0 }, true],
    [1, {}, undefined],
  ])('%d holds for %j: %s', (value, limit, expected) => {
    expect(holds(value, limit)).toBe(expected);
  });
});

/** A case whose sides give these numbers, one after the other. */
function caseOf(numbers: Record<string, (number | Error)[]>) {
  const order: string[] = [];
  const sides = Object.fromEntries(
    Object.entries(numbers).map(([side, values]) => {
      const rest = [...values];
      const once = async () => {
        order.push(side);
        const value = rest.shift()!;
        if (value instanceof Error) throw value;
        return { 'time/op': value };
      };
      return [side, once];
    }),
  );
  const targets = [
    { peer: 'C', of: 'time/op', atMost: 1.2 },
    { peer: 'package', of: 'time/op' },
  ];
  return { order, entry: { name: 'x', title: 'A case', unit: 'call', rounds: 3, sides, targets } };
}

describe('a case', () => {
  test('its sides are measured in turn, and compared in pairs', async () => {
    const { order, entry } = caseOf({
      ours: [1e-6, 2e-6, 3e-6],
      C: [1e-6, 1e-6, 1e-6],
      package: [4e-6, 4e-6, 4e-6],
    });
    const result = await measureCase(entry);
    expect(order.join(' ')).toBe('ours C package ours C package ours C package');
    expect(result.targets).toEqual([
      { peer: 'C', of: 'time/op', atMost: 1.2, value: 2, low: 1, high: 3, holds: false },
      { peer: 'package', of: 'time/op', value: 0.5, low: 0.25, high: 0.75, holds: undefined },
    ]);
    expect(ratios([result])).toMatch(
      /^\| A case \(`x`\) +\| time, ours \/ C +\| +2\.000 \| +1\.000 to 3\.000 \| at most 1\.2 \| \*\*missed\*\*, unsure \|$/m,
    );
    expect(figures([result])).toMatch(/^\| A case \(`x`\) +\| ours +\| 2\.00 µs \|/m);
    expect(summary({ group: [result] })).toBe('0 of 1 targets hold.');
  });

  test('a peer that is missing says so, and the others are measured', async () => {
    const gone = new Missing('there is no such package');
    const { order, entry } = caseOf({ ours: [1, 1, 1], C: [1, 1, 1], package: [gone] });
    const result = await measureCase(entry);
    expect(order.filter((side) => side === 'package')).toHaveLength(1);
    expect(ratios([result])).toContain('missing: there is no such package');
    expect(figures([result])).toContain('missing: there is no such package');
    expect(summary({ group: [result] })).toBe('1 of 1 targets hold. 1 comparison is missing.');
  });

  test('a program that fails fails its case', async () => {
    const { entry } = caseOf({ ours: [1, new Error('echo ended with 1')], C: [1, 1], package: [1, 1] });
    const result = await measureCase(entry);
    expect(ratios([result])).toContain('**failed**: echo ended with 1');
    expect(summary({ group: [result] })).toBe('0 of 0 targets hold. 1 case failed.');
  });

  test('is drawn, and stands on the page', async () => {
    const { entry } = caseOf({ ours: [1, 2, 3], C: [1, 1, 1], package: [4, 4, 4] });
    const groups = { Calls: [await measureCase(entry)] };
    const drawn = await plot(groups);
    expect(drawn).toMatch(/^<svg /);
    for (const text of ['Calls', 'A case', 'time, ours / C', '2.000', 'at most 1.2', 'no target'])
      expect(drawn).toContain(`>${text}<`);
    expect(page(groups, { 'Node.js': process.version })).toContain(process.version);
  });
});

describe('the cases', () => {
  const cases = Object.values(groupsOf(1)).flat();

  test('have names of their own, and targets with peers that they have', () => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { sides, targets, rounds } of cases) {
      expect(Object.keys(sides)[0]).toBe('ours');
      expect(rounds).toBeGreaterThanOrEqual(5);
      for (const { peer } of targets) expect(sides).toHaveProperty([peer]);
    }
  });
});

test('the packages that they install for themselves have one version, and their lock file names no registry', () => {
  const read = (name: string) => readFileSync(new URL(`../bench/npm/${name}`, import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(read('package.json'));
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(JSON.parse(read('package-lock.json')).packages[''].dependencies).toEqual(dependencies);
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

const noGcc = spawnSync('gcc', ['--version']).error === undefined ? '' : ' (skipped: there is no gcc)';

describe('npm run bench', () => {
  const runner = fileURLToPath(new URL('../bench/run.mjs', import.meta.url));
  const bench = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  test.skipIf(noGcc !== '')(`measures and prints tables${noGcc}`, () => {
    const only = ['recv-64', 'ping-pong', 'accept', 'import'].flatMap((name) => ['--only', name]);
    const { status, stdout, stderr } = bench('--scale', '0.001', '--rounds', '1', ...only);
    expect(stderr).toMatch(
      /^recv-64: done, \d+ s\nping-pong: done, \d+ s\naccept: done, \d+ s\nimport: done, \d+ s\n$/,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| +\| measured with +\|\n/);
    expect(stdout).toMatch(/^\| rounds +\| 1 +\|$/m);
    expect(stdout).toMatch(/^\| [^|]*\(`recv-64`\) +\| time, ours \/ CPython +\| /m);
    expect(stdout).toMatch(
      /^\| [^|]*\(`accept`\) +\| ours +\| +[\d.]+ .?s +\| +[\d.]+ .?s +\| +[\d,.]+\/s \|/m,
    );
    expect(stdout).toMatch(/^\d of \d targets hold\.(?: \d comparisons? (?:is|are) missing\.)?$/m);
  });

  test.each([
    [['--only', 'nothing'], "no case is named 'nothing': socketpair-into, recv-64, "],
    [['--only', ''], '--only must name a case'],
    [['--fast'], "Unknown option '--fast'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--rounds', '0'], "--rounds must be an integer above 0, not '0'"],
    [['--scale', '2'], "--scale must be above 0 and at most 1, not '2'"],
  ])('%j is an error', (args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`bench: ${message}`);
    expect(stderr).toContain('node bench/run.mjs [--only NAME]');
  });
});
