/** Waiting costs nothing: a call that waits for good uses less than one percent of a processor, whatever it waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startNode } from '../fixtures/start.ts';
import { computed, opaque, pollingThreads } from '../fixtures/threads.mjs';
import { everyWaitingCall } from '../fixtures/waiting-calls.mjs';
import { until } from '../support.ts';

const LIMIT = 60_000;
/** How long is measured, and how much of it may be used. */
const SPAN = 1000;
const MOST = SPAN / 100;

const calls = [...Object.keys(everyWaitingCall), 'error queue'];

/** Milliseconds of computing in `SPAN`, of a process that has done with its start. */
async function cost(pid: number): Promise<number> {
  // Node goes on for a while in the background: it compiles, and collects garbage. Two spans in which nothing but the
  // wait happens are not needed, one is enough.
  for (let least = Number.POSITIVE_INFINITY, rounds = 0; ; rounds++) {
    const before = computed(pid);
    await sleep(SPAN);
    least = Math.min(least, computed(pid) - before);
    if (least < MOST || rounds === 4) return least;
  }
}

describe.skipIf(opaque)(opaque ? `idle calls: ${opaque}` : 'idle calls', () => {
  test.each(['sync', 'worker', 'async'])('%s', { timeout: LIMIT }, async (form) => {
    const programs = calls.map((call) => ({ call, ...startNode('idle.mjs', form, call) }));
    for (const { says } of programs) await says(/waiting/);
    if (form !== 'async') {
      await until(() => programs.every(({ pid }) => pollingThreads(pid) > 0));
    }
    const costs = await Promise.all(programs.map(async ({ call, pid }) => ({ call, cost: await cost(pid) })));
    expect(costs.filter(({ cost }) => cost >= MOST)).toEqual([]);
  });
});
