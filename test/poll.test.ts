/** lib/select/poll.ts: poll objects. What Python says stands in test/oracle/select.test.ts. */
import { closeSync, openSync } from 'node:fs';
import { close, dup, ENOENT, Socket, socketpair } from 'bsd-socket';
import { POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP, type Poll, poll } from 'bsd-socket/select';
import { describe, expect, onTestFinished, test } from 'vitest';
import { peer } from './peers.ts';
import { both, elapsed, failure, fill, keep, modes, turns, until, watch } from './support.ts';

const couple = () => socketpair().map(keep) as unknown as [Socket, Socket];

describe.each(modes)('%s', (mode) => {
  const polled = (set: Poll, timeout?: number | null) => both(mode, set).poll(timeout);

  test('of nothing waits for the time to pass', async () => {
    const took = await elapsed(async () => expect(await polled(poll(), 20)).toEqual([]));
    expect(took).toBeGreaterThanOrEqual(19.5);
  });

  test('tells descriptors with their events, in the order of registration', async () => {
    const set = poll();
    const [a, b] = couple();
    const [c, d] = couple();
    set.register(c, POLLOUT);
    set.register(b);
    set.register(a.fileno(), POLLIN);
    d.close();
    expect(await polled(set)).toEqual([
      [c.fileno(), POLLOUT | POLLHUP],
      [b.fileno(), POLLOUT],
    ]);
    b.send('x');
    expect(await polled(set, 0)).toEqual([
      [c.fileno(), POLLOUT | POLLHUP],
      [b.fileno(), POLLOUT],
      [a.fileno(), POLLIN],
    ]);
  });

  test('changes with every registration', async () => {
    const set = poll();
    const [a, b] = couple();
    set.register(a, POLLIN);
    expect(await polled(set, 0)).toEqual([]);
    set.register(a, POLLOUT);
    expect(await polled(set, 0)).toEqual([[a.fileno(), POLLOUT]]);
    set.modify(a, POLLIN | POLLOUT);
    b.send('x');
    expect(await polled(set, 0)).toEqual([[a.fileno(), POLLIN | POLLOUT]]);
    set.modify(a, 0);
    expect(await polled(set, 0)).toEqual([]);
    b.close();
    // Told unasked.
    expect(await polled(set)).toEqual([[a.fileno(), POLLHUP]]);
    set.unregister(a);
    expect(await polled(set, 0)).toEqual([]);
  });

  test('asks about numbers, whatever they stand for', async () => {
    const set = poll();
    const [a, b] = couple();
    const fd = a.fileno();
    set.register(a, POLLRDHUP);
    expect(await polled(set, 0)).toEqual([]);
    a.close();
    expect(await polled(set)).toEqual([[fd, POLLNVAL]]);
    const again = dup(b.fileno());
    onTestFinished(() => close(again));
    expect(again).toBe(fd);
    expect(await polled(set)).toEqual([[fd, POLLRDHUP | POLLHUP]]);
  });

  test('files are always ready', async () => {
    const file = openSync(new URL(import.meta.url), 'r');
    onTestFinished(() => closeSync(file));
    const set = poll();
    set.register(file);
    expect(await polled(set)).toEqual([[file, POLLIN | POLLOUT]]);
    set.modify(file, POLLPRI);
    expect(await polled(set, 5)).toEqual([]);
  });

  test.each([null, -1, -1000, -0.1, -1e-100])('a timeout of %s has no end', async (timeout) => {
    const set = poll();
    const [a, b] = couple();
    set.register(a, POLLIN);
    const { done } = await peer(b, (sock, { blocked }) => {
      blocked();
      sock.send('x');
    });
    expect((await polled(set, timeout)).map(([fd]) => fd)).toEqual([a.fileno()]);
    await done;
  });

  test.each([2 ** 31, 2 ** 64, 1e300, Number.POSITIVE_INFINITY, Number.NaN])(
    'a timeout of %d is a RangeError',
    async (timeout) => expect(await failure(() => polled(poll(), timeout))).toBeInstanceOf(RangeError),
  );

  test.each(['x', true, 5n, {}])('a timeout of %s is a TypeError', async (timeout) => {
    expect(await failure(() => polled(poll(), timeout as never))).toBeInstanceOf(TypeError);
  });
});

describe('registering', () => {
  test.each([-1, 65536, 2 ** 64, 1.5, Number.NaN])('events of %d are a RangeError', (events) => {
    const set = poll();
    set.register(0, POLLIN);
    expect(() => set.register(0, events)).toThrow(RangeError);
    expect(() => set.modify(0, events)).toThrow(RangeError);
  });

  test('takes what has a descriptor', () => {
    const set = poll();
    const closed = new Socket();
    closed.close();
    for (const method of ['register', 'modify', 'unregister'] as const) {
      expect(() => set[method]({} as never, 1)).toThrow(TypeError);
      expect(() => set[method](-1, 1)).toThrow(RangeError);
      expect(() => set[method](closed, 1)).toThrow(RangeError);
    }
  });

  test('what is not registered is ENOENT to modify and a RangeError to unregister', () => {
    const set = poll();
    expect(() => set.modify(3, POLLIN)).toThrow(
      expect.objectContaining({ name: 'FileNotFoundError', errno: ENOENT }),
    );
    expect(() => set.unregister(3)).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_NOT_REGISTERED' }),
    );
  });
});

describe('a pending pollAsync', () => {
  test('is the only call, and ends with what was registered when it began', async () => {
    const set = poll();
    const fds = Array.from({ length: 10 }, () => dup(couple()[0].fileno()));
    onTestFinished(() => fds.forEach(close));
    const [a, b] = couple();
    for (const fd of [...fds, a]) set.register(fd, POLLIN);
    const waiting = watch(set.pollAsync());
    await turns();
    for (const fd of fds) set.unregister(fd);
    set.register(b, POLLOUT);
    const concurrent = expect.objectContaining({
      name: 'Error',
      message: 'concurrent poll() invocation',
      code: 'ERR_INVALID_STATE',
    });
    expect(() => set.poll(0)).toThrow(concurrent);
    await expect(set.pollAsync(0)).rejects.toEqual(concurrent);
    expect(waiting.state).toBe('pending');
    b.send('x');
    await turns(20);
    expect(waiting.value).toEqual([[a.fileno(), POLLIN]]);
    expect(set.poll()).toEqual([
      [a.fileno(), POLLIN],
      [b.fileno(), POLLOUT],
    ]);
  });

  test('is told POLLNVAL when one of its sockets is closed, and of the others what there is', async () => {
    const set = poll();
    const [a, b] = couple();
    const [c, d] = couple();
    const fd = a.fileno();
    for (const sock of [a, c]) set.register(sock, POLLIN);
    const waiting = set.pollAsync();
    await turns();
    d.send('x');
    a.close();
    expect(await waiting).toEqual([
      [fd, POLLNVAL],
      [c.fileno(), POLLIN],
    ]);
    b.close();
  });

  test('is given up by its signal, and leaves the object usable', async () => {
    const set = poll();
    const [a, b] = couple();
    set.register(a, POLLIN);
    const controller = new AbortController();
    const waiting = set.pollAsync(null, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    b.send('x');
    expect(await set.pollAsync()).toEqual([[a.fileno(), POLLIN]]);
  });

  test('sees each change of many', async () => {
    const set = poll();
    const [a, b] = couple();
    set.register(a, POLLOUT);
    for (let round = 0; round < 50; round++) {
      let left = fill(a);
      const writable = watch(set.pollAsync());
      await turns(1);
      expect(writable.state).toBe('pending');
      while (left > 0) left -= b.recv(1 << 20).length;
      await until(() => writable.state !== 'pending');
      expect(writable.value).toEqual([[a.fileno(), POLLOUT]]);
    }
  });
});
