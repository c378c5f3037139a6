/** Measures a case: its sides in turn, so that what disturbs the machine for a while disturbs all of them. */
import { Missing } from './programs.mjs';
import { compare, holds, median } from './statistics.mjs';

/**
 * @typedef {import('./cases.mjs').Target & { value?: number, low?: number, high?: number, holds?: boolean, missing?: string }} Outcome
 * @typedef {{ side: string, numbers?: Record<string, number>, missing?: string }} Figures
 * @typedef {{ name: string, title: string, unit: string, sides: Figures[], targets: Outcome[], failed?: string }} Result
 */

/**
 * The medians of each side, and what has become of each target. A side that is not on this machine says why; a program
 * that fails makes the case a failed one.
 *
 * @param {import('./cases.mjs').Case} entry
 * @param {number} [rounds] others than the case has
 * @returns {Promise<Result>}
 */
export async function measureCase({ name, title, unit, sides, targets, rounds: usual }, rounds = usual) {
  /** What each round gave, or why a side is missing. */
  const measured = new Map(Object.keys(sides).map((side) => [side, []]));
  const missing = new Map();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [side, once] of Object.entries(sides)) {
        if (!missing.has(side)) await attempt(side, once);
      }
    }
  } catch (error) {
    return { name, title, unit, sides: [], targets: [], failed: error.message };
  }

  async function attempt(side, once) {
    try {
      measured.get(side).push(await once());
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing.set(side, error.message);
    }
  }

  const values = (side, of) => measured.get(side).map((each) => each[of]);
  const figures = [...measured].map(([side, [first]]) => {
    if (missing.has(side)) return { side, missing: missing.get(side) };
    const numbers = Object.keys(first).map((of) => [of, median(values(side, of))]);
    return { side, numbers: Object.fromEntries(numbers) };
  });
  const outcomes = targets.map((target) => {
    const why = missing.get('ours') ?? missing.get(target.peer);
    if (why !== undefined) return { ...target, missing: why };
    const compared = compare(values('ours', target.of), values(target.peer, target.of), target.way);
    return { ...target, ...compared, holds: holds(compared.value, target) };
  });
  return { name, title, unit, sides: figures, targets: outcomes };
}
