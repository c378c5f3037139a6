/** How threads end: by an error and who learns of it, by process.exit(), and with something left on their event loop. */
import { OSError, socketpair } from 'bsd-socket';
import {
  activeCount,
  Event,
  type ExceptHookArgs,
  excepthook,
  setExcepthook,
  type Thread,
} from 'bsd-socket/threading';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inet, keep, pair, until } from './support.ts';
import { answer, ask, start } from './threading.ts';

/** What the hook of this thread is told. */
function hook(): ExceptHookArgs[] {
  const told: ExceptHookArgs[] = [];
  setExcepthook((args) => told.push(args));
  onTestFinished(() => {
    setExcepthook(null);
  });
  return told;
}

/** What is written to standard error here. */
function written(): string[] {
  const { write } = process.stderr;
  const texts: string[] = [];
  process.stderr.write = (text: string | Uint8Array) => texts.push(String(text)) > 0;
  onTestFinished(() => {
    process.stderr.write = write;
  });
  return texts;
}

test.each(['exits', 'failsLater', 'rejectsLater', 'fails', 'leavesTimer'])(
  'a thread that %s leaves those alone that it has started',
  (name) => {
    const [release, ready, done] = [new Event(), new Event(), new Event()];
    const told = hook();
    const thread = start('leavesThreadAnd', [name, release, ready, done]);
    thread.join();
    expect(told.length).toBe(Number(/fails|rejects/.test(name)));
    const before = activeCount();
    release.set();
    expect(done.wait(20)).toBe(true);
    expect(before).toBe(2);
  },
);

describe('the hook of whoever started a thread', () => {
  test.each([
    [
      'fails',
      [{ code: 'X', detail: { a: [1] } }],
      { name: 'TypeError', message: 'it failed', code: 'X', detail: { a: [1] } },
    ],
    ['rejects', [], { name: 'RangeError', message: 'it was rejected' }],
    ['throwsUnclonable', [], { message: 'odd', number: 5 }],
    ['failsLater', [], { message: 'it failed later' }],
    ['rejectsLater', [], { message: 'nobody handles it' }],
    [
      'noSuchFunction',
      [],
      { name: 'TypeError', message: expect.stringMatching(/has no function named noSuchFunction$/) },
    ],
  ])('is told that it %s, before join() returns', (name, args, expected) => {
    const told = hook();
    const thread = start(name, args);
    thread.join();
    expect(told).toEqual([{ thread, error: expect.objectContaining(expected) }]);
    expect((told[0]!.error as Error).stack).toContain('at ');
    expect(thread.isAlive()).toBe(false);
  });

  test.each([['text'], [5], [null], [undefined]])('is told of %j, which is no error', (value) => {
    const told = hook();
    const thread = start('throwsThat', [value]);
    thread.join();
    expect(told).toEqual([{ thread, error: value }]);
  });

  test('is told what the system said', () => {
    const told = hook();
    const [a, b] = socketpair();
    keep(a);
    start('failsSystem', [b]).join();
    // A copy, which has its class no more.
    expect(told[0]!.error).not.toBeInstanceOf(OSError);
    expect(told[0]!.error).toMatchObject({ name: 'OSError', code: 'EBADF', errno: 9, syscall: 'recv' });
  });

  test('is told on the event loop as well', async () => {
    const told = hook();
    start('fails');
    await until(() => told.length > 0);
    const thread = start('fails');
    await thread.joinAsync();
    expect(told.length).toBe(2);
  });

  test('is told of the thread before when its worker is used again', () => {
    const told = hook();
    const [release, ready] = [new Event(), new Event()];
    const first = start('fails');
    while (first.isAlive());
    start('waitFor', [release, ready]);
    expect(told.map(({ thread }) => thread)).toEqual([first]);
    release.set();
  });

  test('may start a thread', () => {
    const started: Thread[] = [];
    setExcepthook(() => started.push(start('nothing')));
    onTestFinished(() => {
      setExcepthook(null);
    });
    const first = start('fails');
    while (first.isAlive());
    started.push(start('nothing'));
    expect(started.length).toBe(2);
    for (const thread of started) thread.join();
    expect(started.map((thread) => thread.isAlive())).toEqual([false, false]);
  });

  test('that throws is not lost, and what it was told is not either', () => {
    const texts = written();
    setExcepthook(() => {
      throw new Error('the hook failed');
    });
    onTestFinished(() => {
      setExcepthook(null);
    });
    start('fails', [], { name: 'bad' }).join();
    expect(texts.join('')).toMatch(
      /^Exception in the excepthook of thread bad:\nError: the hook failed\n[\s\S]*\nException in thread bad:\nTypeError: it failed\n/,
    );
  });

  test('is a function or null', () => {
    const first = () => {};
    expect(setExcepthook(first)).toBe(null);
    expect(setExcepthook(null)).toBe(first);
    for (const wrong of [undefined, 5, {}]) expect(() => setExcepthook(wrong as never)).toThrow(TypeError);
  });

  test('can write what is written without one', () => {
    const texts = written();
    setExcepthook(excepthook);
    onTestFinished(() => {
      setExcepthook(null);
    });
    start('throwsThat', ['text'], { name: 'one' }).join();
    expect(texts).toEqual(["Exception in thread one:\n'text'\n"]);
  });
});

test('the hook that a thread sets is called there', async () => {
  const told = hook();
  const { replies } = ask('hooked', [], { name: 'with a hook' });
  expect(await answer(replies)).toEqual(['with a hook', true, 'for my own hook']);
  expect(told).toEqual([]);
});

describe('a worker', () => {
  /** Whether the next thread runs in the same worker. */
  const reused = (thread: Thread) => {
    thread.join();
    const next = start('nothing');
    next.join();
    return next.ident === thread.ident;
  };

  test.each([
    ['nothing', []],
    ['fails', []],
    ['rejects', []],
    ['leavesLittle', []],
    ['noSuchFunction', []],
  ])('is used again after %s', (name, args) => {
    hook();
    expect(reused(start(name, args))).toBe(true);
  });

  test.each([
    ['leavesTimer', () => []],
    ['leavesCall', () => [pair(inet)[1]]],
    ['failsLater', () => []],
    ['exits', () => [3]],
    ['exits', () => []],
  ])('is not used again after %s', (name, args) => {
    const told = hook();
    expect(reused(start(name, args()))).toBe(false);
    expect(told.length).toBe(name === 'failsLater' ? 1 : 0);
  });

  test('is made for no more threads than it takes: most wait for one that is free in a moment', () => {
    const threads = Array.from({ length: 200 }, () => start('nothing'));
    for (const thread of threads) thread.join();
    const used = new Set(threads.map(({ ident }) => ident));
    // As many as are being made at a time, and a few more on a machine that is busy.
    expect(used.size).toBeLessThan(50);
  });

  test('that ends takes its sockets along', async () => {
    const [client, connection] = pair(inet);
    start('leavesCall', [connection]).join();
    expect((await client.recvAsync(1)).length).toBe(0);
  });
});
