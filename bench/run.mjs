// Measures bsd-socket beside what a user would take instead.
//
//   npm run bench                       every case, and writes bench/RESULTS.md
//   npm run bench -- --only NAME        one case, or those whose names begin so; prints only
//   npm run bench -- --rounds 9         so many pairs; 5 if left out
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';
import { Missing } from './programs.mjs';
import { compare, holds, median } from './statistics.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const chosen = cases.filter(({ name }) => values.only === undefined || name.startsWith(values.only));
if (chosen.length === 0)
  throw new Error(`no case is named ${values.only}: ${cases.map(({ name }) => name).join(', ')}`);

/** The sides in turn, so often: `{ side: [measured, ...] }`; a side whose peer is missing says why. */
async function measure({ sides }) {
  const measured = {};
  for (let round = 0; round < rounds; round++) {
    for (const [side, once] of Object.entries(sides)) {
      if (measured[side] instanceof Missing) continue;
      measured[side] ??= [];
      try {
        measured[side].push(await once());
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        measured[side] = error;
      }
    }
  }
  return measured;
}

for (const entry of chosen) {
  const measured = await measure(entry);
  console.log(`${entry.name}: ${entry.title}`);
  for (const [side, results] of Object.entries(measured)) {
    if (results instanceof Missing) console.log(`  ${side}: missing, ${results.message}`);
    else {
      const numbers = Object.keys(results[0]).map(
        (of) => `${of} ${median(results.map((each) => each[of])).toExponential(3)}`,
      );
      console.log(`  ${side}: ${numbers.join(', ')}`);
    }
  }
  for (const { peer, of, ...limit } of entry.targets) {
    if (measured[peer] instanceof Missing) continue;
    const values = (side) => measured[side].map((each) => each[of]);
    const { ratio, low, high } = compare(values('ours'), values(peer));
    const wanted = limit.atMost === undefined ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
    const verdict = holds(ratio, limit) ? 'holds' : 'MISSED';
    console.log(
      `  ours / ${peer}, ${of}: ${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}), ${wanted}: ${verdict}`,
    );
  }
}
