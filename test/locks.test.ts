/** Locks, events and semaphores: what CPython's lock_tests.py expects of them, in both forms, and between threads. */
import { Worker } from 'node:worker_threads';
import { BoundedSemaphore, Event, Lock, Semaphore } from 'bsd-socket/threading';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { both, elapsed, failure, modes, turns, watch } from './support.ts';
import { start } from './threading.ts';

const THREADS = 4;
const TIMES = 2000;

/** What one thread after the other has counted, and the cells that it was counted in. */
function shared(cells = 2): Int32Array {
  return new Int32Array(new SharedArrayBuffer(cells * 4));
}

describe.each(modes)('%s', (mode) => {
  test('a lock is taken and released, again and again', async () => {
    const lock = new Lock();
    expect(String(lock)).toBe('<Lock unlocked>');
    for (let turn = 0; turn < 3; turn++) {
      expect(await both(mode, lock).acquire()).toBe(true);
      expect([lock.locked(), String(lock)]).toEqual([true, '<Lock locked>']);
      expect(await both(mode, lock).acquire(false)).toBe(false);
      expect(await both(mode, lock).acquire(true, 0)).toBe(false);
      lock.release();
      expect(lock.locked()).toBe(false);
    }
    expect(await both(mode, lock).acquire(false)).toBe(true);
  });

  test('a timeout is not cut short, and leaves the lock as it was', async () => {
    const lock = new Lock();
    lock.acquire();
    const took = await elapsed(async () => expect(await both(mode, lock).acquire(true, 0.05)).toBe(false));
    expect(took).toBeGreaterThanOrEqual(49);
    lock.release();
    expect(lock.locked()).toBe(false);
    expect(await both(mode, lock).acquire(true, 1000)).toBe(true);
  });

  test.each([
    [[true, -2], RangeError],
    [[true, Number.NaN], RangeError],
    [[true, 1e300], RangeError],
    [[true, '1'], TypeError],
    [[false, 1], RangeError],
    [[false, 0], RangeError],
    [['x'], TypeError],
    [[1], TypeError],
    [[null], TypeError],
  ])('a lock is not taken with %j', async (args, kind) => {
    const lock = new Lock();
    expect(await failure(() => both(mode, lock).acquire(...(args as [boolean, number])))).toBeInstanceOf(
      kind,
    );
    expect(lock.locked()).toBe(false);
  });

  test('a lock is held until the end of a scope', async () => {
    const lock = new Lock();
    {
      using held = await both(mode, lock).hold();
      expect(lock.locked()).toBe(true);
      expect(held).toBeDefined();
    }
    expect(lock.locked()).toBe(false);
    const held = await both(mode, lock).hold();
    held[Symbol.dispose]();
    // Somebody else's by now.
    lock.acquire();
    held[Symbol.dispose]();
    expect(lock.locked()).toBe(true);
  });

  test('an event is waited for', async () => {
    const event = new Event();
    expect([event.isSet(), String(event)]).toEqual([false, '<Event unset>']);
    for (const timeout of [0, -1, 0.02]) expect(await both(mode, event).wait(timeout)).toBe(false);
    event.set();
    event.set();
    expect([event.isSet(), String(event)]).toEqual([true, '<Event set>']);
    expect(await both(mode, event).wait()).toBe(true);
    expect(await both(mode, event).wait(0)).toBe(true);
    event.clear();
    expect(await both(mode, event).wait(0)).toBe(false);
  });

  test('a semaphore counts', async () => {
    const semaphore = new Semaphore(2);
    expect(await both(mode, semaphore).acquire()).toBe(true);
    expect(await both(mode, semaphore).acquire(false)).toBe(true);
    expect(await both(mode, semaphore).acquire(false)).toBe(false);
    expect(await both(mode, semaphore).acquire(true, 0.02)).toBe(false);
    expect(await both(mode, semaphore).acquire(true, -1)).toBe(false);
    semaphore.release(3);
    expect(String(semaphore)).toBe('<Semaphore value=3>');
    {
      using _ = await both(mode, semaphore).hold();
      expect(String(semaphore)).toBe('<Semaphore value=2>');
    }
    expect(String(semaphore)).toBe('<Semaphore value=3>');
    expect(await failure(() => both(mode, semaphore).acquire(false, 1))).toBeInstanceOf(RangeError);
    for (const blocking of ['x', 1, null])
      expect(await failure(() => both(mode, semaphore).acquire(blocking as never))).toBeInstanceOf(TypeError);
    expect(String(semaphore)).toBe('<Semaphore value=3>');
  });

  test('a bounded semaphore has its bound', async () => {
    const semaphore = new BoundedSemaphore(2);
    const tooOften = { name: 'RangeError', message: 'release(): Semaphore released too many times' };
    expect(() => semaphore.release()).toThrow(expect.objectContaining(tooOften));
    expect(await both(mode, semaphore).acquire()).toBe(true);
    expect(() => semaphore.release(2)).toThrow(RangeError);
    semaphore.release();
    expect(String(semaphore)).toBe('<BoundedSemaphore value=2/2>');
    expect(String(new BoundedSemaphore())).toBe('<BoundedSemaphore value=1/1>');
  });

  test.each([
    ['a lock', () => new Lock(), 1],
    ['a semaphore', () => new Semaphore(1), 0],
  ])(
    '%s that somebody else takes and gives back at that moment is not waited for',
    async (_, make, taken) => {
      const primitive = make();
      // What it finds is no more there when it returns: when it tries at first, and when it is about to wait.
      const exchange = vi.spyOn(
        Atomics as { compareExchange: (...args: unknown[]) => number },
        'compareExchange',
      );
      onTestFinished(() => exchange.mockRestore());
      exchange.mockReturnValueOnce(taken).mockReturnValueOnce(taken);
      expect(await both(mode, primitive).acquire(true, 10)).toBe(true);
      expect(exchange).toHaveBeenCalledTimes(3);
    },
  );

  test('nobody is counted in by a lock that four threads want', { timeout: 60_000 }, async () => {
    const [lock, cells] = [new Lock(), shared()];
    const name = mode === 'sync' ? 'add' : 'addAsync';
    const threads = Array.from({ length: THREADS }, () => start(name, [lock, cells.buffer, TIMES]));
    for (const thread of threads) await thread.joinAsync();
    expect([cells[0], lock.locked()]).toEqual([THREADS * TIMES, false]);
  });
});

test('both forms wait for one lock, beside each other', async () => {
  const [lock, cells] = [new Lock(), shared()];
  const threads = ['add', 'addAsync', 'add'].map((name) => start(name, [lock, cells.buffer, TIMES]));
  for (let turn = 0; turn < 200; turn++) {
    using _ = await lock.holdAsync();
    const before = cells[0]!;
    await null;
    cells[0] = before + 1;
  }
  // This thread is one that blocks, too.
  for (let turn = 0; turn < 200; turn++) {
    using _ = lock.hold();
    cells[0] = cells[0]! + 1;
  }
  for (const thread of threads) thread.join();
  expect(cells[0]).toBe(3 * TIMES + 400);
});

test('a semaphore lets in as many as it counts', () => {
  const [semaphore, cells] = [new Semaphore(2), shared()];
  const threads = Array.from({ length: THREADS }, () => start('crowd', [semaphore, cells.buffer, TIMES]));
  for (const thread of threads) thread.join();
  expect([cells[0], cells[1]! <= 2, String(semaphore)]).toEqual([0, true, '<Semaphore value=2>']);
});

test('two threads take turns, and no wake-up is lost', () => {
  const [ping, pong] = [new Semaphore(1), new Semaphore(0)];
  const threads = [start('relay', [ping, pong, TIMES]), start('relay', [pong, ping, TIMES])];
  for (const thread of threads) thread.join();
  expect(String(ping)).toBe('<Semaphore value=1>');
});

test('an event wakes all who wait for it', () => {
  const [event, ready] = [new Event(), new Semaphore(0)];
  const threads = Array.from({ length: THREADS }, (_, index) =>
    start(index % 2 ? 'waitForEvent' : 'waitForAsync', [event, ready]),
  );
  for (const _ of threads) ready.acquire();
  event.set();
  for (const thread of threads) thread.join();
});

test('whoever waited for an event has been served, though it is cleared at once', async () => {
  const event = new Event();
  const waiting = [event.waitAsync(), event.waitAsync(1000)];
  await turns();
  event.set();
  event.clear();
  expect(await Promise.all(waiting)).toEqual([true, true]);
});

test('nobody is told of an event that was set before he waited', async () => {
  const event = new Event();
  const controller = new AbortController();
  const reason = new Error('enough');
  const aborted = failure(() => event.waitAsync(null, { signal: controller.signal }));
  event.set();
  event.clear();
  const later = event.waitAsync(0.02);
  controller.abort(reason);
  expect(await aborted).toBe(reason);
  expect(await later).toBe(false);
  event.set();
  event.clear();
  expect([event.isSet(), event.wait(0), String(event)]).toEqual([false, false, '<Event unset>']);
});

test.each([
  ['lock', new Lock()],
  ['semaphore', new Semaphore(1)],
])('an event loop that does not turn keeps no %s from a thread', async (_, wanted) => {
  const ready = new Semaphore(0);
  wanted.acquire();
  const waiting = wanted.acquireAsync();
  const thread = start('acquires', [wanted, ready]);
  onTestFinished(() => thread.interrupt());
  ready.acquire();
  // Those who have looked and are about to wait.
  while (Atomics.load(new Int32Array(wanted.buffer), 2) < 2);
  wanted.release();
  thread.join(20);
  expect(thread.isAlive()).toBe(false);
  wanted.release();
  expect(await waiting).toBe(true);
});

describe('asynchronous waits', () => {
  const TIMEOUT = 0.001;

  /** Begins where timers are next in the event loop, and keeps it until they are due. */
  async function late<T>(begin: () => T): Promise<T> {
    await new Promise(setImmediate);
    const begun = begin();
    const end = performance.now() + 3 * TIMEOUT * 1000;
    while (performance.now() < end);
    return begun;
  }

  test.each([
    ['lock', new Lock()],
    ['semaphore', new Semaphore(1)],
  ])('have a %s that came in time, though the event loop is late', async (_, wanted) => {
    const waiting = await late(() => {
      wanted.acquire();
      const begun = [1, 2].map(() => wanted.acquireAsync(true, TIMEOUT));
      wanted.release();
      return begun;
    });
    expect(await Promise.all(waiting)).toEqual([true, false]);
    expect(await wanted.acquireAsync(true, TIMEOUT)).toBe(false);
  });

  test('have seen an event that was set in time, though the event loop is late', async () => {
    const event = new Event();
    const waiting = await late(() => {
      const begun = event.waitAsync(TIMEOUT);
      event.set();
      event.clear();
      return [begun];
    });
    expect(await Promise.all(waiting)).toEqual([true]);
  });

  test('are served in the order of their arrival, one for each release', async () => {
    const semaphore = new Semaphore(0);
    const order: number[] = [];
    const all = [1, 2, 3].map((number) => semaphore.acquireAsync().then(() => order.push(number)));
    for (const length of [1, 2, 3]) {
      semaphore.release();
      await all[length - 1];
      await turns();
      expect(order.length).toBe(length);
    }
    expect(order).toEqual([1, 2, 3]);
  });

  test('end with the reason of their signal, and pass on what they were woken for', async () => {
    const lock = new Lock();
    lock.acquire();
    const controller = new AbortController();
    const aborted = lock.acquireAsync(true, -1, { signal: controller.signal });
    const next = lock.acquireAsync();
    await turns();
    // The first one is woken, and does not know it yet.
    lock.release();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await failure(() => aborted)).toBe(reason);
    expect(await next).toBe(true);
    expect(await failure(() => lock.acquireAsync(true, -1, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    lock.release();
    expect(lock.locked()).toBe(false);
  });

  test('leave nothing behind when their time is over', async () => {
    const semaphore = new Semaphore(0);
    const waits = Array.from({ length: 100 }, () => semaphore.acquireAsync(true, 0.001));
    expect(new Set(await Promise.all(waits))).toEqual(new Set([false]));
    semaphore.release();
    expect(semaphore.acquire(false)).toBe(true);
  });

  test('may be many', async () => {
    const event = new Event();
    const waits = Array.from({ length: 1000 }, () => event.waitAsync());
    const pending = watch(waits[999]!);
    await turns();
    expect(pending.state).toBe('pending');
    event.set();
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
  });
});

describe('a buffer', () => {
  const make = { Lock, Event, Semaphore, BoundedSemaphore };

  test.each(Object.entries(make))('is the same %s in another place', (_, Kind) => {
    const one = new Kind();
    expect(String(new Kind(one.buffer))).toBe(String(one));
  });

  test('goes through a worker that is no thread', async () => {
    const lock = new Lock();
    lock.acquire();
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
      import(workerData.url).then(({ Lock }) => {
        const lock = new Lock(workerData.buffer);
        parentPort.postMessage(lock.locked());
        lock.acquire();
        lock.release();
      });`,
      {
        eval: true,
        workerData: { url: new URL('../dist/threading.js', import.meta.url).href, buffer: lock.buffer },
      },
    );
    onTestFinished(() => worker.terminate().then(() => {}));
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(true);
    lock.release();
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(lock.acquire()).toBe(true);
  });

  test.each(Object.entries(make))('makes no %s where it is none of one', (name, Kind) => {
    const others = Object.entries(make).filter(([other]) => other !== name);
    for (const [, Other] of others) expect(() => new Kind(new Other().buffer)).toThrow(RangeError);
    expect(() => new Kind(new SharedArrayBuffer(16))).toThrow(RangeError);
    expect(() => new Kind(new SharedArrayBuffer(2))).toThrow(RangeError);
    expect(() => new Kind(new ArrayBuffer(16) as never)).toThrow(TypeError);
    expect(() => new Kind('x' as never)).toThrow(TypeError);
  });
});

test('what is not held is not released', () => {
  const lock = new Lock();
  expect(() => lock.release()).toThrow(
    expect.objectContaining({ message: 'release unlocked lock', code: 'ERR_INVALID_STATE' }),
  );
});

test.each([-1, 0.5, Number.NaN, 2 ** 31])('a semaphore has no value of %d', (value) => {
  expect(() => new Semaphore(value)).toThrow(RangeError);
  expect(() => new BoundedSemaphore(value)).toThrow(RangeError);
});

test.each([0, -1, 0.5])('a semaphore is not released %d times', (n) => {
  expect(() => new Semaphore(1).release(n)).toThrow(RangeError);
});

test('a semaphore does not count beyond what fits', () => {
  const semaphore = new Semaphore(2 ** 31 - 1);
  expect(() => semaphore.release()).toThrow(RangeError);
});
