/**
 * What is compared. A case has sides, of which `ours` comes first: functions that measure once (measures.mjs). Each of
 * its targets compares one number of ours with a peer's; without a limit it is of interest only. The shorter a
 * measurement, the more rounds a case has.
 *
 * @typedef {{ count: (n: number) => number, seconds: (n: number) => number }} Scale
 * @typedef {{ peer: string, of: string, way?: 'ratio' | 'difference', atMost?: number, atLeast?: number }} Target
 * @typedef {Record<string, () => Promise<Record<string, number>>>} Sides
 * @typedef {{ name: string, title: string, rounds: number, unit: string, sides: Sides, targets: Target[] }} Case
 */
import { blocking } from './cases/blocking.mjs';
import { eventLoop } from './cases/event-loop.mjs';
import { startUp } from './cases/start-up.mjs';

/**
 * The groups of cases, with so large a part of the operations and of the time that measurements that count have.
 *
 * @param {number} part
 * @returns {Record<string, Case[]>}
 */
export function groupsOf(part) {
  const scale = {
    count: (n) => Math.ceil(n * part),
    seconds: (n) => n * part,
  };
  return {
    'Blocking calls': blocking(scale),
    'On the event loop': eventLoop(scale),
    'From the start': startUp(scale),
  };
}
