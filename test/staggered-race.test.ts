/** Attempts that begin one after the other: what CPython's test_staggered.py expects, and what goes beyond it. */
import { openConnection } from 'bsd-socket/asyncio';
import { describe, expect, test } from 'vitest';
import { staggeredRace } from '../dist/asyncio/staggered-race.js';
import { failure, turns, watch } from './support.ts';

const no = new Error('no');
const discarded: unknown[] = [];
const discard = (value: unknown) => discarded.push(value);

/** Never ends but by the signal. */
const hang = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

async function fail(): Promise<never> {
  throw no;
}

/** Each attempt, and the order in which they begin. */
function noted<T>(attempts: ((signal: AbortSignal) => Promise<T>)[]) {
  const begun: number[] = [];
  const list = attempts.map((attempt, index) => (signal: AbortSignal) => {
    begun.push(index);
    return attempt(signal);
  });
  return { begun, list };
}

describe('a race', () => {
  test('of nobody', async () => {
    expect(await staggeredRace([], null, discard)).toEqual({ winner: undefined, errors: [] });
  });

  test('is won by the only one', async () => {
    const { winner, errors } = await staggeredRace([async () => 'a'], 10, discard);
    expect(winner).toEqual({ value: 'a', index: 0 });
    expect(errors).toEqual([undefined]);
  });

  test.each([null, 1000])('a failure starts the next one at once, delay %s', async (delay) => {
    const { begun, list } = noted<string>([fail, async () => 'b', hang]);
    const { winner, errors } = await staggeredRace(list, delay, discard);
    expect(winner).toEqual({ value: 'b', index: 1 });
    expect(errors).toEqual([no, undefined]);
    expect(begun).toEqual([0, 1]);
  });

  test('after the delay the next one starts beside those that hang, which are aborted in the end', async () => {
    const { begun, list } = noted<string>([hang, hang, async () => 'c']);
    const before = performance.now();
    const { winner, errors } = await staggeredRace(list, 0.02, discard);
    expect(performance.now() - before).toBeGreaterThan(38);
    expect(winner).toEqual({ value: 'c', index: 2 });
    expect(begun).toEqual([0, 1, 2]);
    expect(errors.map((error) => (error as Error | undefined)?.name)).toEqual([
      'AbortError',
      'AbortError',
      undefined,
    ]);
  });

  test('without a delay one that hangs holds up the others', async () => {
    const controller = new AbortController();
    const { begun, list } = noted<string>([hang, async () => 'b']);
    const race = watch(staggeredRace(list, null, discard, controller.signal));
    await turns(20);
    expect(race.state).toBe('pending');
    controller.abort(no);
    await turns(5);
    expect(race.error).toBe(no);
    expect(begun).toEqual([0]);
  });

  test('is lost when all fail', async () => {
    expect(await staggeredRace([fail, fail], 0, discard)).toEqual({ winner: undefined, errors: [no, no] });
  });

  test('has one winner: who comes in together with it is discarded', async () => {
    let both: (value: string) => void = () => {};
    const together = new Promise<string>((resolve) => {
      both = resolve;
    });
    const last = () => {
      both('x');
      return together;
    };
    const attempts = [() => together, () => together, last];
    const { winner } = await staggeredRace(attempts, 0, discard);
    expect(winner).toEqual({ value: 'x', index: 0 });
    expect(discarded.splice(0)).toEqual(['x', 'x']);
  });

  test('ends with the signal, when nothing runs any more', async () => {
    const controller = new AbortController();
    let ended = false;
    const slow = async (signal: AbortSignal) => {
      await hang(signal).catch(() => turns(5));
      ended = true;
      throw no;
    };
    const reason = new Error('enough');
    const race = failure(() => staggeredRace([slow], null, discard, controller.signal));
    controller.abort(reason);
    expect(await race).toBe(reason);
    expect(ended).toBe(true);
    expect(await failure(() => staggeredRace([hang], null, discard, controller.signal))).toBe(reason);
  });
});

test('the options are checked before anything is looked up', async () => {
  for (const options of [
    { happyEyeballsDelay: -1 },
    { interleave: -1 },
    { interleave: 0.5 },
    { localAddr: ['127.0.0.1'] },
    { family: 2 ** 40 },
  ] as object[])
    expect(await failure(() => openConnection('x.invalid', 1, options))).toBeInstanceOf(RangeError);
  for (const options of [
    { happyEyeballsDelay: '1' },
    { interleave: '1' },
    { localAddr: 'x' },
    { proto: 'tcp' },
  ] as object[])
    expect(await failure(() => openConnection('x.invalid', 1, options))).toBeInstanceOf(TypeError);
});
