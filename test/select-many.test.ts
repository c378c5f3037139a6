/**
 * Ten thousand descriptors: a call on an epoll object, or on a selector over one, costs what is ready. What is counted
 * is work, not time: system calls, and questions to the objects that are registered.
 */
import { readFileSync } from 'node:fs';
import { type Socket, socketpair } from 'bsd-socket';
import { EPOLLIN, EPOLLOUT, epoll } from 'bsd-socket/select';
import { EpollSelector, EVENT_READ, EVENT_WRITE, PollSelector } from 'bsd-socket/selectors';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { native } from '../dist/native.js';
import { both, keep, modes, turns } from './support.ts';

const MANY = 10_000;
// The process has some of its own.
const SPARE = 500;
const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))!;
const tooFew = Number(limit) < MANY + SPARE && `the process may open ${limit} files only`;

describe.skipIf(tooFew)(tooFew ? `${MANY} descriptors: ${tooFew}` : `${MANY} descriptors`, () => {
  let pairs: [Socket, Socket][] = [];
  let asked = 0;
  /** A file object that counts how often it is asked for its descriptor. */
  const counting = (sock: Socket) => ({
    fileno() {
      asked++;
      return sock.fileno();
    },
  });

  beforeAll(() => {
    pairs = Array.from({ length: MANY / 2 }, () => socketpair() as unknown as [Socket, Socket]);
  });
  afterAll(() => {
    for (const sock of pairs.flat()) sock.close();
  });

  /** What some calls ask of the system, and of what is registered. */
  async function work(calls: () => unknown): Promise<Record<string, number>> {
    const counted = ['epoll_ctl', 'epoll_create1', 'poll'] as const;
    const spies = counted.map((name) => vi.spyOn(native, name));
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    asked = 0;
    await calls();
    const entries = spies.map((spy, index) => [counted[index], spy.mock.calls.length]);
    for (const spy of spies) spy.mockRestore();
    return { ...Object.fromEntries(entries), asked };
  }

  describe.each(modes)('%s', (mode) => {
    test('in an epoll object', async () => {
      const set = keep(epoll());
      for (const [a, b] of pairs) {
        set.register(a, EPOLLIN);
        set.register(b, EPOLLIN);
      }
      const polled = both(mode, set).poll;
      expect(await polled(0)).toEqual([]);
      const some = pairs.filter((_, index) => index % 1000 === 7);
      const done = await work(async () => {
        for (const [a, b] of some) {
          b.send('x');
          expect(await polled()).toEqual([[a.fileno(), EPOLLIN]]);
          a.recv(1);
          expect(await polled(0)).toEqual([]);
        }
      });
      expect(done).toEqual({ epoll_ctl: 0, epoll_create1: 0, poll: 0, asked: 0 });
    });

    test('in a selector, one of which is ready at a time', async () => {
      const selector = keep(new EpollSelector());
      for (const [a, b] of pairs) {
        selector.register(counting(a), EVENT_READ, a);
        selector.register(counting(b), EVENT_READ, b);
      }
      const selected = both(mode, selector).select;
      const some = pairs.filter((_, index) => index % 1000 === 7);
      const done = await work(async () => {
        for (const [a, b] of some) {
          b.send('x');
          const ready = await selected();
          expect(ready.map(([{ data }, events]) => [data, events])).toEqual([[a, EVENT_READ]]);
          a.recv(1);
        }
      });
      expect(done).toEqual({ epoll_ctl: 0, epoll_create1: 0, poll: 0, asked: 0 });
    });

    test('all of them ready at once', async () => {
      for (const Selector of [EpollSelector, PollSelector]) {
        const selector = keep(new Selector());
        for (const sock of pairs.flat()) selector.register(sock, EVENT_WRITE);
        const ready = await both(mode, selector).select();
        expect(ready).toHaveLength(MANY);
        expect(new Set(ready.map(([key]) => key)).size).toBe(MANY);
      }
      const set = keep(epoll());
      for (const sock of pairs.flat()) set.register(sock, EPOLLOUT);
      expect(await both(mode, set).poll(null, MANY)).toHaveLength(MANY);
      expect(await both(mode, set).poll()).toHaveLength(1023);
    });
  });

  test('a call that has to wait joins the readiness set once, whatever comes after', async () => {
    const selector = keep(new EpollSelector());
    for (const [a] of pairs) selector.register(a, EVENT_READ);
    const round = async ([a, b]: [Socket, Socket]) => {
      const waiting = selector.selectAsync();
      await turns(2);
      b.send('x');
      expect((await waiting).map(([key]) => key.fileobj)).toEqual([a]);
      // Ready, and nobody waits for it.
      await turns(2);
      a.recv(1);
    };
    await round(pairs[0]!);
    const done = await work(async () => {
      for (const pair of pairs.slice(1, 11)) await round(pair);
    });
    // It falls asleep and is woken, without leaving.
    expect(done.epoll_ctl).toBeGreaterThan(0);
    expect(done.epoll_ctl).toBeLessThanOrEqual(20);
    expect({ ...done, epoll_ctl: 0 }).toEqual({ epoll_ctl: 0, epoll_create1: 0, poll: 0, asked: 0 });
  });
});
