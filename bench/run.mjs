// Measures bsd-socket beside what a user would take instead: docs/benchmarks.md.
//
//   npm run bench                     every case; writes bench/RESULTS.md and docs/benchmarks.svg
//   npm run bench -- --only NAME      the case of that name, or those whose names begin so; writes no file. May be repeated.
//   npm run bench -- --rounds 9       so many rounds; if left out, 5 to 20. Fewer than 5 write no file.
//   npm run bench -- --scale 0.1      so large a part of the operations and the time; writes no file
//   npm run bench -- --list           the names
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { groupsOf } from './cases.mjs';
import { machine } from './machine.mjs';
import { machineTable, page, tables } from './report.mjs';
import { measureCase } from './rounds.mjs';

// What is written down has been measured so often.
const FEWEST = 5;
const USAGE = 'node bench/run.mjs [--only NAME] [--rounds N] [--scale PART] [--list]';

function fail(message) {
  process.stderr.write(`bench: ${message}\n${USAGE}\n`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        scale: { type: 'string', default: '1' },
        list: { type: 'boolean', default: false },
      },
    });
    const rounds = values.rounds && Number(values.rounds);
    const scale = Number(values.scale);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
      fail(`--rounds must be an integer above 0, not '${values.rounds}'`);
    if (values.only?.includes('')) fail('--only must name a case');
    if (!(scale > 0 && scale <= 1)) fail(`--scale must be above 0 and at most 1, not '${values.scale}'`);
    return { ...values, rounds, scale };
  } catch (error) {
    return fail(error.message);
  }
}

const { only, rounds, scale, list } = options();
const groups = groupsOf(scale);
const names = Object.values(groups).flatMap((cases) => cases.map(({ name }) => name));
if (list) {
  console.log(names.join('\n'));
  process.exit();
}

/** The case of a name, or where there is none those that begin so. */
function named(part) {
  const found = names.includes(part) ? [part] : names.filter((name) => name.startsWith(part));
  return found.length > 0 ? found : fail(`no case is named '${part}': ${names.join(', ')}`);
}

const wanted = new Set(only?.flatMap(named) ?? names);
const about = machine(rounds);
console.log(`${machineTable(about)}\n`);
const results = {};
for (const [group, cases] of Object.entries(groups)) {
  for (const entry of cases) {
    if (!wanted.has(entry.name)) continue;
    const started = performance.now();
    results[group] ??= [];
    const result = await measureCase(entry, rounds);
    results[group].push(result);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stderr.write(`${entry.name}: ${result.failed ?? 'done'}, ${seconds} s\n`);
  }
}

console.log(tables(results));
if (only === undefined && scale === 1 && !(rounds < FEWEST)) {
  const { plot } = await import('./plot.mjs');
  writeFileSync(new URL('RESULTS.md', import.meta.url), page(results, about));
  writeFileSync(new URL('../docs/benchmarks.svg', import.meta.url), await plot(results));
  console.log('\nwrote bench/RESULTS.md and docs/benchmarks.svg');
}
const failed = Object.values(results)
  .flat()
  .some((result) => result.failed !== undefined);
if (failed) process.exitCode = 1;
