/** Threads: what they are called with, how they start, are joined and interrupted, and what they know of themselves. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, Socket, socketpair } from 'bsd-socket';
import * as threading from 'bsd-socket/threading';
import {
  activeCount,
  BoundedSemaphore,
  currentThread,
  Event,
  Lock,
  mainThread,
  Semaphore,
  Thread,
} from 'bsd-socket/threading';
import { describe, expect, test } from 'vitest';
import { waiting } from './fixtures/thread-targets.mjs';
import { opaque, pollingThreads } from './fixtures/threads.mjs';
import { type AnySocket, elapsed, failure, families, keep, listening, name, pair, until } from './support.ts';
import { answer, ask, noWorkers, start, target } from './threading.ts';

const descriptors = () => readdirSync('/proc/self/fd').length;

test('the module has these names, and no others', () => {
  expect(Object.keys(threading).sort()).toEqual([
    ...['BoundedSemaphore', 'Event', 'Lock', 'Semaphore', 'TIMEOUT_MAX', 'Thread', 'activeCount'],
    ...['currentThread', 'excepthook', 'mainThread', 'setExcepthook'],
  ]);
});

describe('a new thread', () => {
  test.each([
    ['no options', undefined, TypeError],
    ['a function', { target: () => {} }, TypeError],
    ['no target', {}, TypeError],
    ['a relative path', { target: './x.js' }, TypeError],
    ['a package', { target: 'bsd-socket' }, TypeError],
    ['args that are no list', { target: '/x.js', args: 5 }, TypeError],
    ['a name that is no text', { target: '/x.js', name: 5 }, TypeError],
    ['a daemon that is no boolean', { target: '/x.js', daemon: 1 }, TypeError],
  ])('is not made of %s', (_, options, kind) => {
    expect(() => new Thread(options as never)).toThrow(kind);
  });

  test('has a name, is no daemon, and does not run', () => {
    const thread = new Thread({ target: target('echo') });
    expect(thread.name).toMatch(/^Thread-\d+ \(echo\)$/);
    expect(new Thread({ target: target('') }).name).toMatch(/^Thread-\d+ \(default\)$/);
    expect([thread.ident, thread.daemon, thread.isAlive()]).toEqual([null, false, false]);
    expect(String(thread)).toBe(`<Thread(${thread.name}, initial)>`);
    thread.daemon = true;
    thread.name = 'another';
    expect(String(thread)).toBe('<Thread(another, initial daemon)>');
    expect(() => Object.assign(thread, { daemon: 1 })).toThrow(TypeError);
    expect(() => thread.join()).toThrow('cannot join thread before it is started');
    thread.interrupt();
  });

  test.each([
    ['a URL', () => target('counted')],
    ['the text of one', () => target('counted').href],
    ['a path', () => `${fileURLToPath(target('counted'))}#counted`],
    ['an encoded name', () => target('%63ounted')],
  ])('takes %s', async (_, make) => {
    const [here, there] = socketpair();
    keep(here);
    const thread = new Thread({ target: make(), args: [there] });
    thread.start();
    expect(await answer(here)).toBeGreaterThan(0);
    await thread.joinAsync();
  });

  test('without a name runs the default export, of the same module', async () => {
    const first = ask('counted');
    const before = await answer(first.replies);
    // Its worker is free when it is over, and not when it has replied.
    first.thread.join();
    const thread = new Thread({ target: fileURLToPath(target('')) });
    thread.start();
    thread.join();
    expect(await answer(ask('counted').replies)).toBe(before + 2);
  });
});

describe('a thread that runs', () => {
  test('is alive until it is over, and is started once', () => {
    const [release, ready] = [new Event(), new Event()];
    const thread = start('waitFor', [release, ready], { name: 'one', daemon: true });
    ready.wait();
    expect([thread.isAlive(), activeCount()]).toEqual([true, 2]);
    expect(String(thread)).toBe(`<Thread(one, started daemon ${thread.ident})>`);
    expect(thread.ident).toBeGreaterThan(0);
    expect(() => thread.start()).toThrow('threads can only be started once');
    expect(() => Object.assign(thread, { daemon: false })).toThrow(
      'cannot set daemon status of active thread',
    );
    thread.join(0);
    thread.join(0.01);
    thread.join(-5);
    expect(thread.isAlive()).toBe(true);
    release.set();
    thread.join();
    expect([thread.isAlive(), activeCount()]).toEqual([false, 1]);
    expect(String(thread)).toBe(`<Thread(one, stopped daemon ${thread.ident})>`);
    thread.join();
    expect(() => thread.start()).toThrow('threads can only be started once');
    thread.interrupt();
  });

  test('is joined on the event loop, for so long, and with a signal', async () => {
    const release = new Event();
    const thread = start('waitForAsync', [release]);
    await thread.joinAsync(0);
    await thread.joinAsync(0.01);
    expect(thread.isAlive()).toBe(true);
    const reason = new Error('enough');
    const controller = new AbortController();
    const joining = thread.joinAsync(null, { signal: controller.signal });
    controller.abort(reason);
    expect(await failure(() => joining)).toBe(reason);
    expect(await failure(() => thread.joinAsync(null, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const all = Promise.all([thread.joinAsync(), thread.joinAsync(1000)]);
    release.set();
    await all;
    await thread.joinAsync();
    expect(thread.isAlive()).toBe(false);
  });

  test.each([['text'], [Number.NaN], [{}], [1e300], [1n]])('has no timeout of %s', async (timeout) => {
    const thread = start('nothing');
    const kind = typeof timeout === 'number' ? RangeError : TypeError;
    expect(() => thread.join(timeout as number)).toThrow(kind);
    expect(await failure(() => thread.joinAsync(timeout as number))).toBeInstanceOf(kind);
    thread.join(undefined);
  });

  test('knows itself and the main thread', async () => {
    const { thread, replies } = ask('about', [], { name: 'self', daemon: true });
    const seen = await answer(replies);
    expect(seen).toEqual({
      thread: { name: 'self', ident: thread.ident, daemon: true, alive: true },
      main: { name: 'MainThread', ident: 0, alive: true, same: false },
      children: true,
      argv: process.argv.slice(2),
    });
    expect(currentThread()).toBe(mainThread());
    expect([currentThread().name, currentThread().daemon, currentThread().ident]).toEqual([
      'MainThread',
      false,
      0,
    ]);
    expect(() => currentThread().join()).toThrow('cannot join current thread');
  });

  test('may not join itself or the main thread', async () => {
    const code = 'ERR_INVALID_STATE';
    expect(await answer(ask('forbidden').replies)).toEqual([
      [code, 'cannot join current thread'],
      [code, 'cannot join the main thread'],
      [code, 'cannot interrupt the main thread'],
      [code, 'threads can only be started once'],
      [code, 'cannot set daemon status of active thread'],
    ]);
  });

  test('starts threads', async () => {
    expect(await answer(ask('nests', [3], { name: 'depth 3' }).replies)).toBe('depth 0');
  });

  test('leaves one behind, which is not its own end', async () => {
    const [release, ready] = [new Event(), new Event()];
    const thread = start('leavesThread', [release, ready]);
    ready.wait();
    thread.join();
    expect(activeCount()).toBe(2);
    // Its worker waits for it, and runs nothing else.
    const other = start('nothing');
    other.join();
    expect(other.ident).not.toBe(thread.ident);
    release.set();
    await until(() => activeCount() === 1);
  });
});

describe('arguments', () => {
  test('are copied, but for sockets, locks, events and semaphores, at any depth', async () => {
    const [socket, other] = socketpair();
    socket.settimeout(2.5);
    const [lock, event, semaphore] = [new Lock(), new Event(), new Semaphore(3)];
    lock.acquire();
    event.set();
    const bounded = new BoundedSemaphore(2);
    bounded.acquire();
    const ring: unknown[] = [1];
    ring.push(ring);
    const args = [
      'text',
      null,
      { deep: [{ socket, other: { other } }], lock },
      [event, semaphore, bounded],
      new Uint8Array(2),
      ring,
      { ['__proto__']: 5, date: new Date(0) },
    ];
    const { replies } = ask('received', args);
    expect([socket.closed, other.closed]).toEqual([true, true]);
    expect(await answer(replies)).toEqual([
      'text',
      null,
      {
        deep: [{ socket: `Socket ${AF_UNIX} 2.5`, other: { other: `Socket ${AF_UNIX} null` } }],
        lock: '<Lock locked>',
      },
      ['<Event set>', '<Semaphore value=3>', '<BoundedSemaphore value=1/2>'],
      '0,0',
      [1, 'again'],
      { ['__proto__']: 5, date: String(new Date(0)) },
    ]);
    // The caller's own objects are as they were.
    expect(args[2]).toEqual({ deep: [{ socket, other: { other } }], lock });
  });

  test('that come twice are one object there', async () => {
    const [socket, peer] = socketpair();
    const lock = new Lock();
    const { replies } = ask('received', [socket, [socket], lock, lock]);
    expect(await answer(replies)).toEqual([`Socket ${AF_UNIX} null`, ['again'], '<Lock unlocked>', 'again']);
    peer.close();
  });

  test.each(families.filter(({ missing }) => missing === undefined))('sockets of $name move', (family) => {
    const [client, connection] = pair(family);
    const thread = start('echo', [connection]);
    expect([connection.closed, connection.fileno()]).toEqual([true, -1]);
    client.sendall('hello');
    expect(String(client.recv(10))).toBe('hello');
    client.close();
    thread.join();
  });

  test('a listening socket moves, and nobody waits in its place', () => {
    const server = listening(families[0]!);
    const address = name(server);
    const thread = start('serve', [server, 2]);
    for (let turn = 0; turn < 2; turn++) {
      const client = keep(new Socket(AF_INET));
      client.connect(address);
      expect(String(client.recv(100))).toMatch(/^hello 127/);
    }
    thread.join();
    const late = keep(new Socket(AF_INET));
    expect(() => late.connect(address)).toThrow('refused');
  });

  test('datagram and IPv6 sockets have their kind there', async () => {
    const sockets = [new Socket(AF_INET, SOCK_DGRAM), new Socket(AF_INET6, SOCK_STREAM)];
    const { replies } = ask('received', sockets);
    expect(await answer(replies)).toEqual([`Socket ${AF_INET} null`, `Socket ${AF_INET6} null`]);
  });

  test('a file object does not hold a socket back that moves', () => {
    const [client, connection] = pair(families[0]!);
    const file = connection.makefile('r');
    const thread = start('echo', [connection]);
    client.sendall('x');
    expect(client.recv(1).length).toBe(1);
    client.shutdown(1);
    // The end comes through, since nobody else has it open.
    expect(client.recv(1).length).toBe(0);
    thread.join();
    expect(() => file.read()).toThrow();
    file.close();
  });

  test.each([
    ['a function', () => () => {}, 'DataCloneError'],
    ['a symbol', () => [Symbol('x')], 'DataCloneError'],
    ['a promise', () => ({ promise: Promise.resolve() }), 'DataCloneError'],
    ['a closed socket', () => closed(), 'OSError'],
    [
      'a getter that throws',
      () => ({
        get x() {
          throw new RangeError('no');
        },
      }),
      'RangeError',
    ],
  ])(
    '%s among them keeps the thread from starting, and the sockets are still the caller’s',
    async (_, make, error) => {
      // Both with a worker that waits and without one.
      for (const warm of [false, true]) {
        if (warm) start('nothing').join();
        else await noWorkers();
        const before = descriptors();
        const [a, b] = socketpair();
        const thread = new Thread({ target: target('echo'), args: [a, { b }, make()] });
        expect((await failure(() => thread.start())).name).toBe(error);
        expect([thread.isAlive(), thread.ident, activeCount()]).toEqual([false, null, 1]);
        a.send('x');
        expect(String(b.recv(1))).toBe('x');
        a.close();
        b.close();
        expect(descriptors()).toBe(before);
      }
    },
  );
});

function closed(): AnySocket {
  const socket = new Socket();
  socket.close();
  return socket;
}

describe('the sockets of a thread', () => {
  test('are closed when it is over', async () => {
    const [client, connection] = pair(families[0]!);
    start('keepsSocket', [connection]).join();
    expect(client.recv(1).length).toBe(0);
    expect(await answer(ask('keptIsClosed').replies)).toBe(true);
  });

  test.each([['noSuchExport'], ['waiting']])('are closed when there is no function %s', (missing) => {
    const [here, there] = socketpair();
    const thread = new Thread({ target: target(missing), args: [there], name: 'nothing' });
    thread.start();
    expect(here.recv(1).length).toBe(0);
    here.close();
    thread.join();
  });
});

describe('interrupt', () => {
  const row = async (call: string, before: boolean) => {
    const [ready, go] = [new Event(), new Event()];
    const { thread, replies } = ask('interrupted', [call, ready, go]);
    await ready.waitAsync();
    const blocked = pollingThreads();
    if (before) thread.interrupt();
    go.set();
    if (!before) {
      await until(() => pollingThreads() > blocked);
      thread.interrupt();
    }
    expect(await answer(replies)).toEqual({ name: 'InterruptedError', code: 'EINTR', next: false });
    await thread.joinAsync();
  };

  test.each(waiting)('before the call ends %s', (call: string) => row(call, true));

  describe.skipIf(opaque)(opaque ? `of a blocked call: ${opaque}` : 'of a blocked call', () => {
    test.each(waiting)('ends %s', (call: string) => row(call, false));

    test('does so at once, and does not wait for the next look at the state of the worker', async () => {
      const ready = new Event();
      const times: number[] = [];
      for (let turn = 0; turn < 20; turn++) {
        ready.clear();
        const thread = start('waitFor', [new Event(), ready]);
        ready.wait();
        await until(() => pollingThreads() > 0);
        times.push(
          await elapsed(() => {
            thread.interrupt();
            thread.join();
          }),
        );
      }
      // It would be 50 ms on the average.
      expect(Math.min(...times)).toBeLessThan(25);
    });
  });

  test('leaves calls alone that need not wait, and is not forgotten', async () => {
    const [here, there] = socketpair();
    keep(here);
    here.send('y');
    const [ready, go] = [new Event(), new Event()];
    const { thread, replies } = ask('undisturbed', [there, ready, go]);
    await ready.waitAsync();
    thread.interrupt();
    thread.interrupt();
    go.set();
    expect(await answer(replies)).toEqual({
      received: 'y',
      wait: true,
      free: true,
      later: 'InterruptedError',
    });
  });

  test('of a thread that is over does not reach the next one of its worker', () => {
    const first = start('nothing');
    first.join();
    const [release, ready] = [new Event(), new Event()];
    const second = start('waitFor', [release, ready]);
    ready.wait();
    expect(second.ident).toBe(first.ident);
    first.interrupt();
    second.join(0.05);
    expect(second.isAlive()).toBe(true);
    release.set();
    second.join();
  });

  test('leaves an asynchronous wait alone', async () => {
    const [release, ready] = [new Event(), new Event()];
    const thread = start('waitForAsync', [release, ready]);
    await ready.waitAsync();
    thread.interrupt();
    await thread.joinAsync(0.02);
    expect(thread.isAlive()).toBe(true);
    release.set();
    await thread.joinAsync();
  });
});
