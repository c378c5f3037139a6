/** lib/select/epoll.ts: epoll objects. What Python says stands in test/oracle/select.test.ts. */
import { closeSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  close,
  dup,
  EBADF,
  ECANCELED,
  EEXIST,
  EINVAL,
  ELOOP,
  ENOENT,
  EPERM,
  type Socket,
  socketpair,
} from 'bsd-socket';
import {
  EPOLL_CLOEXEC,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  type Epoll,
  epoll,
  select,
  selectAsync,
} from 'bsd-socket/select';
import { describe, expect, onTestFinished, test } from 'vitest';
import { child, peer } from './peers.ts';
import {
  both,
  collected,
  elapsed,
  failure,
  inet,
  keep,
  modes,
  pair,
  turns,
  until,
  watch,
} from './support.ts';
import { thread } from './threads.ts';

const couple = () => socketpair().map(keep) as unknown as [Socket, Socket];
const make = () => keep(epoll());
const sorted = (events: [number, number][]) => events.sort(([a], [b]) => a - b);

describe('making one', () => {
  test('a descriptor, until it is closed', () => {
    const set = epoll(16);
    expect(set.fileno()).toBeGreaterThan(2);
    expect(set.closed).toBe(false);
    set.close();
    expect(set.closed).toBe(true);
    expect(() => set.fileno()).toThrow(RangeError);
    set.close();
    for (const call of [
      () => set.register(0, EPOLLIN),
      () => set.modify(0, EPOLLIN),
      () => set.unregister(0),
      () => set.poll(1),
    ]) {
      expect(call).toThrow(
        expect.objectContaining({ name: 'RangeError', message: 'I/O operation on closed epoll object' }),
      );
    }
  });

  test('with a hint and flags that say nothing', () => {
    for (const args of [[], [1], [-1, 0], [-1, EPOLL_CLOEXEC], [2 ** 31 - 1]]) epoll(...args).close();
    for (const hint of [0, -2, 1.5, 2 ** 31]) expect(() => epoll(hint)).toThrow(RangeError);
    for (const hint of ['foo', null, [], {}, true]) expect(() => epoll(hint as never)).toThrow(TypeError);
    expect(() => epoll(-1, 12356)).toThrow(
      expect.objectContaining({ name: 'OSError', strerror: 'invalid flags' }),
    );
  });

  test('disposing of it closes it', () => {
    const set = epoll();
    set[Symbol.dispose]();
    expect(set.closed).toBe(true);
  });

  test('of a descriptor that is one: the same set', async () => {
    const set = make();
    const same = epoll.fromfd(set.fileno());
    const [a, b] = couple();
    same.register(a, EPOLLOUT);
    expect(set.poll()).toEqual([[a.fileno(), EPOLLOUT]]);
    expect(same.poll()).toEqual([[a.fileno(), EPOLLOUT]]);
    same.modify(a, EPOLLIN);
    const waiting = watch(same.pollAsync());
    await turns();
    set.close();
    await turns();
    expect(waiting.error).toMatchObject({ errno: ECANCELED, syscall: 'epoll_wait' });
    expect(() => same.poll()).toThrow(expect.objectContaining({ errno: EBADF }));
    await expect(same.pollAsync()).rejects.toMatchObject({ errno: EBADF });
    expect(() => same.close()).toThrow(expect.objectContaining({ errno: EBADF }));
    expect(same.closed).toBe(true);
    const other = epoll.fromfd(dup(b.fileno()));
    expect(() => other.poll(0)).toThrow(expect.objectContaining({ errno: EINVAL }));
    other.close();
    for (const fd of [-1, 0.5]) expect(() => epoll.fromfd(fd)).toThrow(RangeError);
    expect(() => epoll.fromfd('3' as never)).toThrow(TypeError);
  });

  test('one that nobody can reach any more is closed, in silence', async () => {
    let fd = -1;
    const warnings: unknown[] = [];
    const warn = (warning: unknown) => warnings.push(warning);
    process.on('warning', warn);
    (() => {
      fd = epoll().fileno();
    })();
    await collected(() => {
      try {
        closeSync(dup(fd));
        return false;
      } catch {
        return true;
      }
    });
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});

describe('registering', () => {
  test('fails as the system says', () => {
    const set = make();
    const [a] = couple();
    const [closed] = couple();
    closed.close();
    // More than a process may have.
    const number = 2 ** 30;
    const file = openSync(new URL(import.meta.url), 'r');
    onTestFinished(() => closeSync(file));
    const fails = (errno: number, name: string, call: () => void) =>
      expect(call).toThrow(expect.objectContaining({ errno, name, syscall: 'epoll_ctl' }));
    set.register(a, EPOLLIN);
    fails(EEXIST, 'FileExistsError', () => set.register(a.fileno(), EPOLLIN));
    fails(EPERM, 'PermissionError', () => set.register(file, EPOLLIN));
    fails(EBADF, 'OSError', () => set.register(number));
    fails(EBADF, 'OSError', () => set.unregister(number));
    fails(EINVAL, 'OSError', () => set.register(set));
    set.unregister(a);
    fails(ENOENT, 'FileNotFoundError', () => set.unregister(a));
    fails(ENOENT, 'FileNotFoundError', () => set.modify(a, EPOLLIN));
    expect(() => set.register(closed)).toThrow(RangeError);
    for (const wrong of [null, {}, '3', true]) expect(() => set.register(wrong as never)).toThrow(TypeError);
    for (const events of [1.5, 2 ** 32, -(2 ** 31) - 1])
      expect(() => set.register(a, events)).toThrow(RangeError);
    expect(() => set.modify(a, undefined as never)).toThrow(TypeError);
  });

  test('a descriptor that has been closed is gone', () => {
    const set = make();
    const [a, b] = couple();
    const fd = a.fileno();
    set.register(a);
    expect(set.poll()).toEqual([[fd, EPOLLOUT]]);
    a.close();
    expect(set.poll(0)).toEqual([]);
    expect(() => set.unregister(fd)).toThrow(expect.objectContaining({ errno: EBADF }));
    const again = dup(b.fileno());
    onTestFinished(() => close(again));
    expect(again).toBe(fd);
    set.register(again, EPOLLHUP);
    expect(set.poll()).toEqual([[fd, EPOLLHUP]]);
  });

  test('sets in each other end with ELOOP', () => {
    const sets = Array.from({ length: 8 }, make);
    const join = () => {
      for (const [index, set] of sets.slice(1).entries()) set.register(sets[index]!, EPOLLIN);
    };
    expect(join).toThrow(expect.objectContaining({ errno: ELOOP }));
  });
});

describe.each(modes)('%s', (mode) => {
  const polled = (set: Epoll, ...args: Parameters<Epoll['poll']>) => both(mode, set).poll(...args);

  test('of nothing waits for the time to pass', async () => {
    const set = make();
    const took = await elapsed(async () => expect(await polled(set, 0.02)).toEqual([]));
    expect(took).toBeGreaterThanOrEqual(19.5);
    expect(await polled(set, 0)).toEqual([]);
  });

  test('tells descriptors with their events', async () => {
    const [client, server] = pair(inet);
    const set = make();
    for (const sock of [server, client]) set.register(sock, EPOLLIN | EPOLLOUT | EPOLLET);
    const fds = [client.fileno(), server.fileno()].sort((a, b) => a - b);
    expect(sorted(await polled(set, 1, 4))).toEqual(fds.map((fd) => [fd, EPOLLOUT]));
    expect(await polled(set, 0.01, 4)).toEqual([]);
    client.sendall('Hello!');
    server.sendall('world!!!');
    const seen = new Map<number, number>();
    while (seen.size < 2) for (const [fd, events] of await polled(set, null, 4)) seen.set(fd, events);
    expect(sorted([...seen])).toEqual(fds.map((fd) => [fd, EPOLLIN | EPOLLOUT]));
    set.unregister(client);
    set.modify(server, EPOLLOUT);
    expect(await polled(set, 1, 4)).toEqual([[server.fileno(), EPOLLOUT]]);
    // The highest bit is no sign.
    set.modify(server, EPOLLOUT + EPOLLET);
    expect(await polled(set)).toEqual([[server.fileno(), EPOLLOUT]]);
  });

  test('EPOLLIN, EPOLLPRI and EPOLLOUT are asked for by default, errors and hang-ups are told unasked', async () => {
    const [a, b] = couple();
    const set = make();
    set.register(a);
    b.send('x');
    expect(await polled(set)).toEqual([[a.fileno(), EPOLLIN | EPOLLOUT]]);
    set.modify(a, 0);
    expect(await polled(set, 0)).toEqual([]);
    b.close();
    expect(await polled(set)).toEqual([[a.fileno(), EPOLLHUP]]);
    set.modify(a, EPOLLRDHUP | EPOLLONESHOT);
    expect(await polled(set)).toEqual([[a.fileno(), EPOLLHUP | EPOLLRDHUP]]);
    expect(await polled(set, 0.005)).toEqual([]);
    expect(EPOLLPRI).toBe(2);
  });

  test('no more than maxevents, in turn', async () => {
    const set = make();
    const sockets = Array.from({ length: 10 }, couple).flat();
    for (const sock of sockets) set.register(sock, EPOLLOUT);
    expect(await polled(set)).toHaveLength(20);
    expect(await polled(set, null, 100_000)).toHaveLength(20);
    const seen = new Set<number>();
    for (let round = 0; round < 4; round++) {
      const events = await polled(set, null, 5);
      expect(events).toHaveLength(5);
      for (const [fd] of events) seen.add(fd);
    }
    expect(seen.size).toBe(20);
    for (const most of [0, -2, 1.5, 2 ** 31, 2 ** 31 - 1])
      expect(await failure(() => polled(set, 0, most))).toBeInstanceOf(RangeError);
    for (const most of ['5', null, true])
      expect(await failure(() => polled(set, 0, most as never))).toBeInstanceOf(TypeError);
  });

  test('timeouts out of range, and of a wrong kind', async () => {
    const set = make();
    for (const timeout of [2147484, 1e30, Number.NaN, Number.POSITIVE_INFINITY])
      expect(await failure(() => polled(set, timeout))).toBeInstanceOf(RangeError);
    for (const timeout of ['1', true, {}])
      expect(await failure(() => polled(set, timeout as never))).toBeInstanceOf(TypeError);
  });

  test.each([null, -1, -0.5])('a timeout of %s has no end', async (timeout) => {
    const set = make();
    const [a, b] = couple();
    set.register(a, EPOLLIN);
    const { done } = await peer(b, (sock) => sock.send('x'));
    expect((await polled(set, timeout)).map(([fd]) => fd)).toEqual([a.fileno()]);
    await done;
  });

  test('is itself readable when something is ready', async () => {
    const [inner, outer] = [make(), make()];
    const [a, b] = couple();
    inner.register(a, EPOLLIN);
    outer.register(inner, EPOLLIN);
    const selected = both(mode, { select, selectAsync }).select;
    expect(await selected([outer], [], [], 0)).toEqual([[], [], []]);
    const { done } = await peer(b, (sock) => sock.send('x'));
    expect(await selected([outer, inner], [], [])).toEqual([[outer, inner], [], []]);
    expect(await polled(outer)).toEqual([[inner.fileno(), EPOLLIN]]);
    await done;
  });
});

describe('a pending pollAsync', () => {
  test('sees at once what is registered, changed and removed', async () => {
    const set = make();
    const [a, b] = couple();
    b.send('x');
    const first = set.pollAsync();
    await nextTurn();
    set.register(a, EPOLLIN);
    expect(await first).toEqual([[a.fileno(), EPOLLIN]]);
    set.modify(a, EPOLLPRI);
    const second = set.pollAsync();
    await nextTurn();
    set.modify(a, EPOLLIN);
    expect(await second).toEqual([[a.fileno(), EPOLLIN]]);
    a.recv(1);
    const third = watch(set.pollAsync(0.05));
    await nextTurn();
    set.unregister(a);
    b.send('x');
    await until(() => third.state !== 'pending');
    expect(third.value).toEqual([]);
  });

  test('does not mind the pending calls of its sockets, nor they it', async () => {
    const set = make();
    const [a, b] = couple();
    set.register(a, EPOLLIN);
    const waiting = set.pollAsync();
    const selected = selectAsync([a, set], [], []);
    const received = a.recvAsync(1);
    await turns();
    b.send('xy');
    expect(String(await received)).toBe('x');
    expect(await waiting).toEqual([[a.fileno(), EPOLLIN]]);
    expect((await selected)[0]).toContain(a);
  });

  test('is one of many, and what is ready goes to the first', async () => {
    const set = make();
    const pairs = Array.from({ length: 3 }, couple);
    for (const [a] of pairs) set.register(a, EPOLLIN | EPOLLET);
    const waiting = Array.from({ length: 4 }, () => watch(set.pollAsync(null, 1)));
    await turns();
    for (const [index, [a, b]] of pairs.entries()) {
      b.send('x');
      await until(() => waiting[index]!.state !== 'pending');
      expect(waiting[index]!.value).toEqual([[a.fileno(), EPOLLIN]]);
      expect(waiting[index + 1]!.state).toBe('pending');
    }
    set.close();
    await turns();
    expect(waiting[3]!.error).toMatchObject({ errno: ECANCELED });
  });

  test('several are served in one turn', async () => {
    const set = make();
    const pairs = Array.from({ length: 10 }, couple);
    for (const [a] of pairs) set.register(a, EPOLLIN | EPOLLONESHOT);
    const waiting = pairs.map(() => set.pollAsync(null, 1));
    await turns();
    for (const [, b] of pairs) b.send('x');
    const fds = (await Promise.all(waiting)).map(([event]) => event![0]);
    expect(new Set(fds)).toEqual(new Set(pairs.map(([a]) => a.fileno())));
  });

  test('comes again and again, with things happening while nobody waits', async () => {
    const set = make();
    const [a, b] = couple();
    set.register(a, EPOLLIN);
    for (let round = 0; round < 50; round++) {
      const waiting = set.pollAsync();
      if (round % 2) await nextTurn();
      b.send('x');
      expect(await waiting).toEqual([[a.fileno(), EPOLLIN]]);
      a.recv(1);
      b.send('y');
      await turns(round % 4);
      a.recv(1);
    }
  });

  test('ends when its time is over, and sees what came at the last moment', async () => {
    const set = make();
    const [a, b] = couple();
    set.register(a, EPOLLIN);
    const waiting = set.pollAsync(0.001);
    for (const end = performance.now() + 10; performance.now() < end; );
    b.send('x');
    expect(await waiting).toEqual([[a.fileno(), EPOLLIN]]);
  });

  test('is given up by its signal, and by no wrong one', async () => {
    const set = make();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = set.pollAsync(null, -1, { signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(set.pollAsync(0, -1, { signal })).rejects.toThrow('enough');
    await expect(set.pollAsync(0, -1, signal as never)).rejects.toThrow(TypeError);
  });

  test('holds on to its object', async () => {
    const [a, b] = couple();
    const waiting = (() => {
      const set = epoll();
      set.register(a, EPOLLIN);
      return set.pollAsync();
    })();
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.();
      await turns();
    }
    b.send('x');
    expect(await waiting).toEqual([[a.fileno(), EPOLLIN]]);
  });

  test('does not starve the event loop when something is always ready', async () => {
    const set = make();
    set.register(couple()[0], EPOLLOUT);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    while (!turned) expect(await set.pollAsync()).toHaveLength(1);
  });

  test('keeps the process alive, and an object without one does not', async () => {
    const program = child(async ({ socketpair }, _, load) => {
      const { epoll, EPOLLIN } = await load('select');
      const [a, b] = socketpair();
      const set = epoll();
      set.register(a, EPOLLIN);
      const waiting = set.pollAsync();
      setTimeout(() => b.send('x'), 20).unref();
      console.log((await waiting).length);
      // Ready for ever, and nobody asks.
      Object.assign(globalThis, { set, a, b });
      b.close();
    });
    expect(await program.ended).toEqual({ status: 0, signal: null, stdout: '1\n', stderr: '' });
  });

  test('works in a thread, and does not hold up its end', async () => {
    const [a, b] = couple();
    const { worker, ended } = thread(async ({ Socket }, fd, port, load) => {
      const { epoll, EPOLLIN, selectAsync } = await load('select');
      const sock = new Socket(null, null, null, fd);
      const set = epoll();
      set.register(sock, EPOLLIN);
      port.postMessage(await set.pollAsync());
      sock.recv(1);
      port.postMessage((await selectAsync([], [sock], []))[1].length);
      await Promise.all([set.pollAsync(), selectAsync([set, sock], [], [])]);
    }, a.detach());
    const said: unknown[] = [];
    worker.on('message', (message) => said.push(message));
    b.send('x');
    await until(() => said.length === 2);
    expect(said).toEqual([[[expect.any(Number), EPOLLIN]], 1]);
    await worker.terminate();
    await ended;
    // The worker's descriptors are closed with it.
    expect(b.recv(1)).toHaveLength(0);
  });
});
