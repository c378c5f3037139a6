/** Results as tables, in Markdown that can be read as it is. */

/** @typedef {Record<string, import('./rounds.mjs').Result[]>} Groups */

const DASH = '–';

// Numbers

/** Seconds: `1.23 µs`. */
function duration(seconds) {
  const [unit, size] = [
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
    ['ns', 1e-9],
  ].find(([, each]) => Math.abs(seconds) >= each) ?? ['ns', 1e-9];
  return `${(seconds / size).toPrecision(3)} ${unit}`;
}

const ofNumber = {
  'time/op': duration,
  'cpu/op': duration,
  rate: (value) => `${Number(value.toPrecision(4)).toLocaleString('en')}/s`,
  'memory/op': (value) => `${Math.round(value).toLocaleString('en')} B`,
};

const title = { 'time/op': 'time', 'cpu/op': 'CPU time', rate: 'rate', 'memory/op': 'memory' };

/** What a target compares: `CPU time, ours / node:net`. */
export const compared = ({ of, peer, way }) =>
  `${title[of]}, ours ${way === 'difference' ? '−' : '/'} ${peer}`;

export const formatted = ({ of, way }, value) =>
  way === 'difference' ? ofNumber[of](value) : value.toFixed(3);

export function wanted(target) {
  if (target.atMost !== undefined) return `at most ${short(target, target.atMost)}`;
  return target.atLeast === undefined ? DASH : `at least ${short(target, target.atLeast)}`;
}

const short = (target, limit) => (target.way === 'difference' ? formatted(target, limit) : String(limit));

/** Where the limit lies within the spread, another run may say otherwise. */
function verdict({ holds, low, high, atMost, atLeast }) {
  if (holds === undefined) return DASH;
  const limit = atMost ?? atLeast;
  return `${holds ? 'holds' : '**missed**'}${low <= limit && limit <= high ? ', unsure' : ''}`;
}

// Tables

/** A table whose columns are as wide as they must be. `columns`: their titles, with a colon behind those of numbers. */
function table(columns, rows) {
  const titles = columns.map((column) => column.replace(/:$/, ''));
  const width = titles.map((name, index) =>
    Math.max(...[name, ...rows.map((row) => row[index])].map(size), 3),
  );
  const right = columns.map((column) => column.endsWith(':'));
  const line = (cells) =>
    `| ${cells.map((cell, index) => pad(cell, width[index], right[index])).join(' | ')} |`;
  const rule = width.map(
    (wide, index) => `${'-'.repeat(right[index] ? wide + 1 : wide + 2)}${right[index] ? ':' : ''}`,
  );
  return [line(titles), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

const size = (text) => [...text].length;
const pad = (text, wide, right) => {
  const space = ' '.repeat(wide - size(text));
  return right ? space + text : text + space;
};

const label = ({ name, title }) => `${title} (\`${name}\`)`;

/** The name of a case stands in the first of its rows only. */
const rowsOf = (result, rows) => rows.map((row, index) => [index === 0 ? label(result) : '', ...row]);

/** How ours compares, and whether that is what is wanted. */
export function ratios(results) {
  const rows = results.flatMap((result) => {
    if (result.failed !== undefined)
      return rowsOf(result, [[DASH, DASH, DASH, DASH, `**failed**: ${cell(result.failed)}`]]);
    const outcomes = result.targets.map((target) => {
      if (target.missing !== undefined)
        return [compared(target), DASH, DASH, wanted(target), `missing: ${cell(target.missing)}`];
      const [value, low, high] = [target.value, target.low, target.high].map((each) =>
        formatted(target, each),
      );
      return [compared(target), value, `${low} to ${high}`, wanted(target), verdict(target)];
    });
    return rowsOf(result, outcomes);
  });
  return table(['case', 'compared', 'median:', 'from, to:', 'target', ''], rows);
}

/** What each side took. */
export function figures(results) {
  const rows = results.flatMap((result) =>
    rowsOf(
      result,
      result.sides.map(({ side, numbers = {}, missing }) => [
        side,
        ...['time/op', 'cpu/op', 'rate', 'memory/op'].map((of) =>
          of in numbers ? ofNumber[of](numbers[of]) : DASH,
        ),
        missing === undefined ? result.unit : `missing: ${cell(missing)}`,
      ]),
    ),
  );
  return table(['case', 'side', 'time:', 'CPU time:', 'rate:', 'memory:', 'an operation is a'], rows);
}

/** The first line of a text. */
const cell = (text) => text.trim().split('\n', 1)[0].replaceAll('|', '\\|');

/** How many targets hold. */
export function summary(groups) {
  const targets = Object.values(groups)
    .flat()
    .flatMap((result) => result.targets);
  const count = (test) => targets.filter(test).length;
  const decided = count(({ holds }) => holds !== undefined);
  const missing = count((target) => target.missing !== undefined);
  const failed = Object.values(groups)
    .flat()
    .filter((result) => result.failed !== undefined).length;
  return [
    `${count(({ holds }) => holds)} of ${decided} targets hold.`,
    ...(missing > 0
      ? [missing === 1 ? '1 comparison is missing.' : `${missing} comparisons are missing.`]
      : []),
    ...(failed > 0 ? [failed === 1 ? '1 case failed.' : `${failed} cases failed.`] : []),
  ].join(' ');
}

const BY_ITSELF =
  'These are the medians of each side by itself. Their quotient is not the median of the ratios, which alone compares.';

/** All tables, a section for each group. */
export function tables(groups) {
  const sections = Object.entries(groups).flatMap(([group, results]) => [
    `## ${group}`,
    ratios(results),
    figures(results),
    BY_ITSELF,
  ]);
  return [...sections, summary(groups)].join('\n\n');
}

/** What it was measured with. @param {Record<string, string>} machine */
export const machineTable = (machine) =>
  table(
    ['', 'measured with'],
    Object.entries(machine).map(([name, value]) => [name, cell(value)]),
  );

/** The page bench/RESULTS.md. */
export function page(groups, machine) {
  return `# Results

Written by \`npm run bench\`. [docs/benchmarks.md](../docs/benchmarks.md) says what is measured and how.

${machineTable(machine)}

![The ratios](../docs/benchmarks.svg)

${tables(groups)}
`;
}
