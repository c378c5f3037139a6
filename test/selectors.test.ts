/** lib/selectors: one suite for all classes, in both forms. What Python says stands in test/oracle/select.test.ts. */
import { closeSync, openSync } from 'node:fs';
import { close, dup, ECANCELED, EPERM, Socket, socketpair } from 'bsd-socket';
import { epoll, poll, type Selectable } from 'bsd-socket/select';
import {
  BaseSelector,
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  PollSelector,
  type Ready,
  SelectorKey,
  type SelectorMap,
  SelectSelector,
} from 'bsd-socket/selectors';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { peer } from './peers.ts';
import { both, elapsed, failure, fill, keep, modes, turns, until, watch } from './support.ts';

const couple = () => socketpair().map(keep) as unknown as [Socket, Socket];
const CLOSED = expect.objectContaining({
  name: 'Error',
  message: 'Selector is closed',
  code: 'ERR_INVALID_STATE',
});
const UNKNOWN = expect.objectContaining({ name: 'RangeError', code: 'ERR_NOT_REGISTERED' });
const KNOWN = expect.objectContaining({ name: 'RangeError', code: 'ERR_ALREADY_REGISTERED' });
// More than a process may have.
const NOT_OPEN = 2 ** 30;

/** A selector that a program has written itself: nothing but what it must have. */
class OwnSelector extends BaseSelector {
  readonly #inner = new PollSelector();
  override register<F extends Selectable, D = null>(fileobj: F, events: number, data?: D): SelectorKey<F, D> {
    return this.#inner.register(fileobj, events, data);
  }
  override unregister<F extends Selectable>(fileobj: F): SelectorKey<F> {
    return this.#inner.unregister(fileobj);
  }
  override select(timeout: number | null = null): Ready {
    return this.#inner.select(timeout);
  }
  override selectAsync(...args: Parameters<BaseSelector['selectAsync']>): Promise<Ready> {
    return this.#inner.selectAsync(...args);
  }
  override getMap(): SelectorMap | null {
    return this.#inner.getMap();
  }
  override close(): void {
    this.#inner.close();
  }
}

const classes = { SelectSelector, PollSelector, EpollSelector, OwnSelector };

test('the default is the best of this system', () => {
  expect(DefaultSelector).toBe(EpollSelector);
  expect([EVENT_READ, EVENT_WRITE]).toEqual([1, 2]);
});

describe.each(Object.entries(classes))('%s', (name, Selector) => {
  const make = () => keep(new Selector());

  describe('registering', () => {
    test('returns a key', () => {
      const selector = make();
      const [rd] = couple();
      const key = selector.register(rd, EVENT_READ, 'data');
      expect(key).toBeInstanceOf(SelectorKey);
      expect(key).toMatchObject({ fileobj: rd, fd: rd.fileno(), events: EVENT_READ, data: 'data' });
      const [fileobj, fd, events, data] = key;
      expect([fileobj, fd, events, data]).toEqual([rd, rd.fileno(), EVENT_READ, 'data']);
      expect(selector.register(couple()[0].fileno(), EVENT_WRITE).data).toBe(null);
    });

    test('wants events, a descriptor, and a new one', () => {
      const selector = make();
      const [rd] = couple();
      for (const events of [0, 4, 999999, -1, 1.5])
        expect(() => selector.register(rd, events)).toThrow(RangeError);
      for (const events of ['r', null, undefined, true])
        expect(() => selector.register(rd, events as never)).toThrow(TypeError);
      for (const fileobj of [{}, null, 'file', undefined])
        expect(() => selector.register(fileobj as never, EVENT_READ)).toThrow(TypeError);
      expect(() => selector.register(-10, EVENT_READ)).toThrow(RangeError);
      expect(selector.getMap()!.size).toBe(0);
      selector.register(rd, EVENT_READ);
      expect(() => selector.register(rd, EVENT_READ)).toThrow(KNOWN);
      expect(() => selector.register(rd.fileno(), EVENT_READ)).toThrow(KNOWN);
      const [closed] = couple();
      closed.close();
      expect(() => selector.register(closed, EVENT_READ)).toThrow(RangeError);
    });

    test('is undone, once', () => {
      const selector = make();
      const [rd] = couple();
      const key = selector.register(rd, EVENT_READ);
      expect(selector.unregister(rd)).toBe(key);
      expect(() => selector.unregister(rd)).toThrow(UNKNOWN);
      expect(() => selector.unregister(NOT_OPEN)).toThrow(UNKNOWN);
      expect(() => selector.unregister({} as never)).toThrow(TypeError);
      expect(selector.register(rd, EVENT_WRITE)).not.toBe(key);
    });

    test('is undone after the descriptor or the socket has been closed', () => {
      const selector = make();
      const [rd, wr] = couple();
      const [r, w] = [rd.fileno(), wr.fileno()];
      selector.register(r, EVENT_READ);
      selector.register(wr, EVENT_WRITE);
      for (const sock of [rd, wr]) sock.close();
      expect(selector.unregister(r).fd).toBe(r);
      expect(selector.unregister(wr).fd).toBe(w);
      expect(() => selector.unregister(wr)).toThrow(RangeError);
    });

    test('is undone after the descriptor has been closed and its number is another’s', () => {
      const selector = make();
      const [rd, wr] = couple();
      const [rd2] = couple();
      const key = selector.register(rd, EVENT_READ);
      rd.close();
      const again = new Socket(null, null, null, dup(rd2.fileno()));
      onTestFinished(() => again.close());
      expect(again.fileno()).toBe(key.fd);
      expect(() => selector.register(again, EVENT_READ)).toThrow(KNOWN);
      expect(selector.unregister(rd)).toBe(key);
      expect(selector.register(again, EVENT_READ).fd).toBe(key.fd);
      expect(selector.unregister(again).fileobj).toBe(again);
      wr.close();
    });

    test('changes', () => {
      const selector = make();
      const [rd] = couple();
      const key = selector.register(rd, EVENT_READ, 'old');
      const events = selector.modify(rd, EVENT_WRITE);
      expect(events).toMatchObject({ fileobj: rd, fd: key.fd, events: EVENT_WRITE, data: null });
      expect(selector.getKey(rd)).toBe(events);
      expect(selector.select(0)).toEqual([[events, EVENT_WRITE]]);
      const data = selector.modify(rd, EVENT_WRITE, 'new');
      expect(data).toMatchObject({ events: EVENT_WRITE, data: 'new' });
      expect(selector.getKey(rd)).toBe(data);
      // The old keys stay as they were.
      expect(key).toMatchObject({ events: EVENT_READ, data: 'old' });
      expect(() => selector.modify(NOT_OPEN, EVENT_READ)).toThrow(UNKNOWN);
      for (const wrong of [0, 8]) expect(() => selector.modify(rd, wrong)).toThrow(RangeError);
    });

    test('is looked up', () => {
      const selector = make();
      const [rd] = couple();
      const key = selector.register(rd, EVENT_READ, 'data');
      expect(selector.getKey(rd)).toBe(key);
      expect(selector.getKey(rd.fileno())).toBe(key);
      expect(() => selector.getKey(NOT_OPEN)).toThrow(UNKNOWN);
      rd.close();
      expect(selector.getKey(rd)).toBe(key);
    });
  });

  test('the map follows what is registered, and cannot be changed', () => {
    const selector = make();
    const [rd, wr] = couple();
    const map = selector.getMap()!;
    expect([map.size, [...map], map.get(rd), map.has(rd)]).toEqual([0, [], undefined, false]);
    const key = selector.register(rd, EVENT_READ, 'data');
    expect(map.size).toBe(1);
    expect(map.has(rd)).toBe(true);
    expect(map.get(rd)).toBe(key);
    expect(map.get(rd.fileno())).toBe(key);
    expect([...map]).toEqual([[rd.fileno(), key]]);
    expect([...map.entries()]).toEqual([...map]);
    expect([...map.keys()]).toEqual([rd.fileno()]);
    expect([...map.values()]).toEqual([key]);
    const seen: unknown[] = [];
    map.forEach((...args) => {
      seen.push(args);
    });
    expect(seen).toEqual([[key, rd.fileno(), map]]);
    for (const other of [wr, NOT_OPEN, -1, {}, null]) {
      expect(map.get(other as never)).toBe(undefined);
      expect(map.has(other as never)).toBe(false);
    }
    const broken = {
      fileno() {
        throw new Error('not now');
      },
    };
    expect(() => map.has(broken)).toThrow('not now');
    expect('set' in map || 'delete' in map || 'clear' in map).toBe(false);
    rd.close();
    expect(map.get(rd)).toBe(key);
  });

  test('a closed one knows nothing any more', async () => {
    const selector = make();
    const [rd, wr] = couple();
    const map = selector.getMap()!;
    selector.register(rd, EVENT_READ);
    selector.register(wr, EVENT_WRITE);
    selector.close();
    selector.close();
    expect(selector.getMap()).toBe(null);
    expect([map.size, map.get(rd), map.get(wr)]).toEqual([0, undefined, undefined]);
    expect(() => selector.getKey(rd)).toThrow(CLOSED);
    expect(() => selector.register(rd, EVENT_READ)).toThrow(CLOSED);
    expect(() => selector.select(0)).toThrow(CLOSED);
    await expect(selector.selectAsync(0)).rejects.toEqual(CLOSED);
    expect(() => selector.unregister(rd)).toThrow(UNKNOWN);
    // The sockets are open.
    wr.send('x');
    expect(String(rd.recv(1))).toBe('x');
  });

  test('disposing of it closes it', () => {
    const selector = new Selector();
    selector[Symbol.dispose]();
    expect(selector.getMap()).toBe(null);
  });

  describe.each(modes)('%s', (mode) => {
    const selected = (selector: BaseSelector, ...args: [timeout?: number | null]) =>
      both(mode, selector).select(...args);

    test('says what is ready', async () => {
      const selector = make();
      const [rd, wr] = couple();
      const read = selector.register(rd, EVENT_READ);
      const write = selector.register(wr, EVENT_WRITE);
      const ready = await selected(selector);
      expect(ready).toEqual([[write, EVENT_WRITE]]);
      expect(ready[0]![0]).toBe(write);
      wr.send('x');
      const events = new Map(await selected(selector));
      expect(events).toEqual(
        new Map([
          [read, EVENT_READ],
          [write, EVENT_WRITE],
        ]),
      );
    });

    test('both events at once', async () => {
      const selector = make();
      const [a, b] = couple();
      const key = selector.register(a, EVENT_READ | EVENT_WRITE);
      b.send('foo');
      expect(await selected(selector)).toEqual([[key, EVENT_READ | EVENT_WRITE]]);
      fill(a);
      expect(await selected(selector)).toEqual([[key, EVENT_READ]]);
    });

    test('a hang-up is what is waited for', async () => {
      const selector = make();
      const [a, b] = couple();
      const key = selector.register(a, EVENT_READ);
      b.close();
      expect(await selected(selector)).toEqual([[key, EVENT_READ]]);
      const changed = selector.modify(a, EVENT_WRITE);
      expect(await selected(selector)).toEqual([[changed, EVENT_WRITE]]);
    });

    test('many of them, one after the other', async () => {
      const selector = make();
      const readerOf = new Map<Socket, Socket>();
      for (let count = 0; count < 12; count++) {
        const [rd, wr] = couple();
        selector.register(rd, EVENT_READ);
        selector.register(wr, EVENT_WRITE);
        readerOf.set(wr, rd);
      }
      const matching = (ready: Ready, events: number): Socket[] =>
        ready.filter(([, found]) => found & events).map(([key]) => key.fileobj);
      for (let left = 12; left > 0; left--) {
        const writers = matching(await selected(selector), EVENT_WRITE);
        expect(writers).toHaveLength(left);
        const wr = writers[(left * 7) % writers.length]!;
        wr.send('This is a test.');
        const [rd, ...others] = matching(await selected(selector), EVENT_READ);
        expect([rd, others]).toEqual([readerOf.get(wr), []]);
        expect(String(rd!.recv(100))).toBe('This is a test.');
        selector.unregister(wr);
        selector.unregister(rd!);
      }
      expect(selector.getMap()!.size).toBe(0);
    });

    test('of nothing', async () => {
      const selector = make();
      expect(await selected(selector, 0)).toEqual([]);
      const took = await elapsed(async () => expect(await selected(selector, 0.02)).toEqual([]));
      expect(took).toBeGreaterThanOrEqual(19.5);
    });

    test('timeouts', async () => {
      const selector = make();
      const [rd, wr] = couple();
      selector.register(wr, EVENT_WRITE);
      for (const timeout of [0, -1]) expect(await selected(selector, timeout)).toHaveLength(1);
      selector.unregister(wr);
      selector.register(rd, EVENT_READ);
      for (const timeout of [0, -1, -0]) expect(await selected(selector, timeout)).toEqual([]);
      const took = await elapsed(async () => expect(await selected(selector, 0.05)).toEqual([]));
      expect(took).toBeGreaterThanOrEqual(49.5);
      expect(await failure(() => selected(selector, Number.NaN))).toBeInstanceOf(RangeError);
      for (const wrong of ['1', '-1', -1n, [-1], Symbol('1')]) {
        const error = await failure(() => selected(selector, wrong as never));
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain('timeout must be a number');
      }
    });

    test('waits for another thread', async () => {
      const selector = make();
      const [rd, wr] = couple();
      const key = selector.register(rd, EVENT_READ);
      const { done } = await peer(wr, (sock) => sock.send('x'));
      expect(await selected(selector)).toEqual([[key, EVENT_READ]]);
      await done;
    });

    test('a socket that has been closed while it was registered', async () => {
      const selector = make();
      const [rd, wr] = couple();
      const [other] = couple();
      const key = selector.register(rd, EVENT_READ);
      const writable = selector.register(other, EVENT_WRITE);
      rd.close();
      if (name === 'SelectSelector') {
        expect(await failure(() => selected(selector, 0))).toMatchObject({ code: 'EBADF' });
      } else {
        const ready = await selected(selector, 0);
        // The kernel takes it out of an epoll set; poll(2) calls it ready.
        if (name === 'EpollSelector') expect(ready).toEqual([[writable, EVENT_WRITE]]);
        else expect(new Set(ready.map(([found]) => found))).toEqual(new Set([key, writable]));
      }
      expect(selector.unregister(rd)).toBe(key);
      expect(await selected(selector)).toEqual([[writable, EVENT_WRITE]]);
      wr.close();
    });
  });

  describe('a pending selectAsync', () => {
    test('is canceled by close', async () => {
      const selector = make();
      const [rd] = couple();
      selector.register(rd, EVENT_READ);
      const waiting = selector.selectAsync();
      await turns();
      selector.close();
      await expect(waiting).rejects.toMatchObject({ errno: ECANCELED });
    });

    test('is given up by its signal, and leaves the selector usable', async () => {
      const selector = make();
      const [rd, wr] = couple();
      const key = selector.register(rd, EVENT_READ);
      const controller = new AbortController();
      const waiting = selector.selectAsync(null, { signal: controller.signal });
      await turns();
      controller.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      wr.send('x');
      expect(await selector.selectAsync()).toEqual([[key, EVENT_READ]]);
    });

    test('does not mind the pending calls of its sockets, nor they it', async () => {
      const selector = make();
      const [rd, wr] = couple();
      const key = selector.register(rd, EVENT_READ);
      const received = rd.recvAsync(1);
      const waiting = selector.selectAsync();
      await turns();
      wr.send('xy');
      expect(String(await received)).toBe('x');
      expect(await waiting).toEqual([[key, EVENT_READ]]);
    });

    test('leaves out what is unregistered meanwhile', async () => {
      const selector = make();
      const [rd, wr] = couple();
      const [rd2, wr2] = couple();
      selector.register(rd, EVENT_READ);
      const key = selector.register(rd2, EVENT_READ);
      const waiting = selector.selectAsync();
      await turns();
      selector.unregister(rd);
      wr2.send('x');
      wr.send('x');
      expect(await waiting).toEqual([[key, EVENT_READ]]);
    });
  });
});

describe('EpollSelector', () => {
  test('has a descriptor, and can itself be registered', async () => {
    const inner = keep(new EpollSelector());
    const [rd, wr] = couple();
    inner.register(rd, EVENT_READ);
    for (const Selector of [SelectSelector, PollSelector, EpollSelector]) {
      const outer = keep(new Selector());
      const key = outer.register(inner, EVENT_READ);
      expect(key.fd).toBe(inner.fileno());
      expect(outer.select(0)).toEqual([]);
      wr.send('x');
      expect(outer.select()).toEqual([[key, EVENT_READ]]);
      rd.recv(1);
      const waiting = outer.selectAsync();
      await turns();
      wr.send('x');
      expect(await waiting).toEqual([[key, EVENT_READ]]);
      rd.recv(1);
    }
    inner.close();
    expect(() => inner.fileno()).toThrow(RangeError);
  });

  test('does not take files, and forgets them', () => {
    const selector = keep(new EpollSelector());
    const file = openSync(new URL(import.meta.url), 'r');
    onTestFinished(() => closeSync(file));
    expect(() => selector.register(file, EVENT_READ)).toThrow(expect.objectContaining({ errno: EPERM }));
    expect(() => selector.getKey(file)).toThrow(UNKNOWN);
    for (const Selector of [SelectSelector, PollSelector]) {
      const other = keep(new Selector());
      const key = other.register(file, EVENT_READ);
      expect(other.select()).toEqual([[key, EVENT_READ]]);
    }
  });

  test('sees at once what is registered while it waits', async () => {
    const selector = keep(new EpollSelector());
    const waiting = watch(selector.selectAsync());
    await turns();
    const key = selector.register(couple()[0], EVENT_WRITE);
    await until(() => waiting.state !== 'pending');
    expect(waiting.value).toEqual([[key, EVENT_WRITE]]);
  });
});

describe.each([
  ['EpollSelector', EpollSelector, Object.getPrototypeOf(brief(epoll()))],
  ['PollSelector', PollSelector, Object.getPrototypeOf(poll())],
] as const)('%s', (_, Selector, prototype) => {
  test('forgets what the system refuses to change', () => {
    const selector = keep(new Selector());
    const [rd] = couple();
    selector.register(rd, EVENT_READ);
    const modify = vi.spyOn(prototype, 'modify').mockImplementation(() => {
      throw new Error('refused');
    });
    onTestFinished(() => modify.mockRestore());
    expect(() => selector.modify(rd, EVENT_WRITE)).toThrow('refused');
    expect(selector.getMap()!.size).toBe(0);
  });

  test('asks the system nothing where only the data change', () => {
    const selector = keep(new Selector());
    const [rd] = couple();
    const key = selector.register(rd, EVENT_READ);
    const methods = ['register', 'modify', 'unregister'].map((name) => vi.spyOn(prototype, name as 'modify'));
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    expect(selector.modify(rd, EVENT_READ)).toBe(key);
    expect(selector.modify(rd, EVENT_READ, 5).data).toBe(5);
    for (const method of methods) expect(method).not.toHaveBeenCalled();
  });
});

/** Closes at once what was made only to be looked at. */
function brief<T extends { close(): void }>(closable: T): T {
  closable.close();
  return closable;
}

test('PollSelector: a second pending call is an error', async () => {
  const selector = keep(new PollSelector());
  const [rd, wr] = couple();
  selector.register(rd, EVENT_READ);
  const waiting = selector.selectAsync();
  await expect(selector.selectAsync()).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
  wr.send('x');
  expect(await waiting).toHaveLength(1);
});

test.each([
  ['SelectSelector', SelectSelector],
  ['EpollSelector', EpollSelector],
])('%s: several calls may be pending', async (_, Selector) => {
  const selector = keep(new Selector());
  const [rd, wr] = couple();
  const key = selector.register(rd, EVENT_READ);
  const waiting = [selector.selectAsync(), selector.selectAsync()];
  wr.send('x');
  expect(await Promise.all(waiting)).toEqual([[[key, EVENT_READ]], [[key, EVENT_READ]]]);
});

test('a descriptor of its own is as good as a socket', () => {
  const selector = keep(new DefaultSelector());
  const fd = dup(couple()[0].fileno());
  const key = selector.register({ fileno: () => fd }, EVENT_WRITE, { any: 'thing' });
  expect(selector.select()).toEqual([[key, EVENT_WRITE]]);
  close(fd);
  // A duplicate is open, so that the kernel goes on: what is closed has to be unregistered first.
  expect(selector.select(0)).toEqual([[key, EVENT_WRITE]]);
});
