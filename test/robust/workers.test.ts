/**
 * A blocked or waiting worker holds nobody up: neither worker.terminate() nor the end of the process. DESIGN.md asks
 * for 300 ms; what is asserted leaves room for a busy machine.
 */
import { describe, expect, test } from 'vitest';
import { startNode } from '../fixtures/start.ts';
import { opaque } from '../fixtures/threads.mjs';

// A sanitizer makes everything slower.
const SOON = process.env.ASAN_OPTIONS === undefined ? 1000 : 5000;
const LIMIT = 60_000;
const start = (program: string) => startNode('ending-workers.mjs', program);

/** Runs a program to its end, which must be a good one; returns what it reports. */
async function run(program: string): Promise<Record<string, number>> {
  const { status, signal, stdout, stderr } = await start(program).ended;
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

/** Milliseconds from the moment at which a program says that it ends until it has ended. */
async function ending(program: string): Promise<{ status: number | null; stderr: string; took: number }> {
  const { says, ended, exited } = start(program);
  await says(/ending/);
  const announced = performance.now();
  const { status, stderr } = await ended;
  return { status, stderr, took: (await exited) - announced };
}

describe.skipIf(opaque)(opaque ? `blocked workers: ${opaque}` : 'blocked workers', () => {
  test('are terminated in the middle of every call', { timeout: LIMIT }, async () => {
    const times = await run('terminate');
    expect(Object.keys(times).length).toBeGreaterThan(14);
    for (const [call, time] of Object.entries(times)) expect([call, time < SOON]).toEqual([call, true]);
  });

  test('do not keep process.exit() waiting', async () => {
    const { status, stderr, took } = await ending('exit');
    expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
    expect(took).toBeLessThan(SOON);
  });

  test('do not keep an uncaught exception waiting', async () => {
    const { status, stderr, took } = await ending('throw');
    expect(status).toBe(1);
    expect(stderr).toContain('thrown in the main thread');
    expect(took).toBeLessThan(SOON);
  });
});

describe('workers with asynchronous calls and look-ups pending', () => {
  test('are terminated', async () => {
    const { terminate } = await run('terminate-async');
    expect(terminate).toBeLessThan(SOON);
  });

  test('do not keep process.exit() waiting', async () => {
    const { status, stderr, took } = await ending('exit-async');
    expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
    expect(took).toBeLessThan(SOON);
  });
});

test('workers come and go, 51 of them, with their pollers open', { timeout: LIMIT }, async () => {
  expect(await run('churn')).toEqual({ workers: 51 });
});

test('a worker that has ended, in whatever way, leaves no descriptor open but what it gave away', {
  timeout: LIMIT,
}, async () => {
  expect(await run('descriptors')).toEqual({ return: 0, terminate: 0, exit: 0, throw: 0 });
});

test('workers that are terminated while they make and close sockets leave none open', {
  timeout: LIMIT,
}, async () => {
  expect(await run('midway')).toEqual({ left: 0 });
});
