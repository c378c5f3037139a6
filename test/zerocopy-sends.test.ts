/** The bookkeeping of sends with MSG_ZEROCOPY: ranges, in any order, merged, and around the end of 32 bits. */
import { describe, expect, test } from 'vitest';
import { ZerocopySend, ZerocopySends } from '../dist/messages/zerocopy-sends.js';
import { failure, turns, watch } from './support.ts';

/** `count` sends of one number each from `first` on, sealed. */
function begun(count: number, first = 0) {
  const sends = new ZerocopySends(first);
  const promises = Array.from({ length: count }, () => {
    const send = new ZerocopySend({});
    sends.add(send);
    return watch(send.seal().then(() => send.copied));
  });
  const states = async () => {
    await turns(1);
    return promises.map(({ state, value }) => (state === 'fulfilled' ? value : state));
  };
  return { sends, states };
}

describe.each([
  ['from 0 on', 0],
  ['across 2 ** 31', 2 ** 31 - 2],
  ['across 2 ** 32', 2 ** 32 - 2],
])('%s', (_, first) => {
  const at = (number: number) => (first + number) >>> 0;

  test('one after the other', async () => {
    const { sends, states } = begun(4, first);
    sends.complete(at(0), at(0), false);
    expect(await states()).toEqual([false, 'pending', 'pending', 'pending']);
    sends.complete(at(1), at(1), true);
    expect(await states()).toEqual([false, true, 'pending', 'pending']);
    expect(sends.size).toBe(2);
  });

  test('many at once', async () => {
    const { sends, states } = begun(5, first);
    sends.complete(at(0), at(3), true);
    expect(await states()).toEqual([true, true, true, true, 'pending']);
    sends.complete(at(4), at(4), false);
    expect(await states()).toEqual([true, true, true, true, false]);
    expect(sends.size).toBe(0);
  });

  test('in any order', async () => {
    const { sends, states } = begun(5, first);
    sends.complete(at(3), at(4), false);
    sends.complete(at(0), at(0), false);
    expect(await states()).toEqual([false, 'pending', 'pending', false, false]);
    sends.complete(at(1), at(2), true);
    expect(await states()).toEqual([false, true, true, false, false]);
  });

  test('a range that says more than there is', async () => {
    const { sends, states } = begun(3, first);
    sends.complete(at(1), at(2 ** 31), false);
    expect(await states()).toEqual(['pending', false, false]);
    // All numbers but those from 3 on.
    sends.complete(at(2 ** 31), at(0), false);
    expect(await states()).toEqual([false, false, false]);
    sends.complete(at(0), at(2), false);
    expect(sends.size).toBe(0);
  });
});

test('a send of many numbers is done when all are answered and no more follow', async () => {
  const sends = new ZerocopySends();
  const send = new ZerocopySend({});
  sends.add(send);
  sends.add(send);
  sends.complete(0, 1, false);
  sends.add(send);
  const done = watch(send.seal());
  await turns(1);
  expect(done.state).toBe('pending');
  sends.complete(2, 2, true);
  await turns(1);
  expect([done.state, send.copied]).toEqual(['fulfilled', true]);
});

test('a send without numbers is done at once', async () => {
  await new ZerocopySend({}).seal();
});

test('a send that will not be answered fails', async () => {
  const sends = new ZerocopySends();
  const send = new ZerocopySend({});
  sends.add(send);
  const reason = new Error('closed');
  expect([...sends.drop()]).toEqual([send]);
  expect(sends.size).toBe(0);
  send.fail(reason);
  expect(await failure(() => send.seal())).toBe(reason);
  // The numbers go on all the same.
  sends.complete(0, 0, false);
  const next = new ZerocopySend({});
  sends.add(next);
  sends.complete(1, 1, false);
  await next.seal();
});
