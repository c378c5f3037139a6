/** Timeouts: their values and texts, O_NONBLOCK, and what they do to every call that waits, in both forms. */
import { BlockingIOError, SOCK_NONBLOCK, SOCK_STREAM, Socket, TimeoutError } from 'bsd-socket';
import { getNonblocking } from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  both,
  elapsed,
  failure,
  fill,
  inet,
  keep,
  listening,
  modes,
  name,
  open,
  pair,
  turns,
  unixPath,
  watch,
} from './support.ts';
import { empty, unansweredConnect, waitingCalls } from './waiting.ts';

describe('settimeout, setblocking and what they show', () => {
  test.each([
    [null, null, true],
    [0, 0, false],
    [-0, 0, false],
    [5, 5, true],
    [0.25, 0.25, true],
    [1e-9, 1e-9, true],
    [Number.MIN_VALUE, Number.MIN_VALUE, true],
    [1e9, 1e9, true],
  ])('settimeout(%s)', (timeout, shown, blocking) => {
    const sock = open(inet);
    expect(sock.settimeout(timeout)).toBe(undefined);
    expect(sock.gettimeout() === shown && sock.timeout === shown).toBe(true);
    expect(sock.getblocking()).toBe(blocking);
    // O_NONBLOCK is set with every timeout, not with 0 alone.
    expect(getNonblocking(sock.fileno())).toBe(timeout === null ? 0 : 1);
  });

  test.each([
    [-1, RangeError, 'Timeout value out of range'],
    [-1e-9, RangeError, 'Timeout value out of range'],
    [Number.NaN, RangeError, 'not NaN'],
    [Number.POSITIVE_INFINITY, RangeError, 'not Infinity'],
    [Number.NEGATIVE_INFINITY, RangeError, 'not -Infinity'],
    [1e300, RangeError, 'not 1e+300'],
    [1e10, RangeError, 'not 10000000000'],
    ['5', TypeError, "not '5'"],
    [undefined, TypeError, 'not undefined'],
    [{}, TypeError, 'not an instance of Object'],
    [5n, TypeError, 'not 5n'],
  ])('settimeout(%s) is wrong and changes nothing', async (timeout, type, text) => {
    const sock = open(inet);
    sock.settimeout(7);
    const error = await failure(() => sock.settimeout(timeout as number));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain('settimeout(): timeout must be ');
    expect(error.message).toContain(text);
    expect(sock.gettimeout()).toBe(7);
    expect(getNonblocking(sock.fileno())).toBe(1);
  });

  test.each([
    [true, null],
    [1, null],
    ['no', null],
    [false, 0],
    [0, 0],
    ['', 0],
    [null, 0],
    [undefined, 0],
  ])('setblocking(%s) goes by the truth of its argument', (blocking, timeout) => {
    const sock = open(inet);
    sock.settimeout(3);
    sock.setblocking(blocking as boolean);
    expect(sock.gettimeout()).toBe(timeout);
    expect(sock.getblocking()).toBe(timeout === null);
    expect(getNonblocking(sock.fileno())).toBe(timeout === null ? 0 : 1);
  });

  test('a new socket is blocking; SOCK_NONBLOCK makes one that is not', () => {
    expect([open(inet).gettimeout(), getNonblocking(open(inet).fileno())]).toEqual([null, 0]);
    const sock = open(inet, SOCK_STREAM | SOCK_NONBLOCK);
    expect([sock.gettimeout(), sock.getblocking(), sock.type]).toEqual([0, false, SOCK_STREAM]);
    expect(getNonblocking(sock.fileno())).toBe(1);
  });

  test('timeout cannot be assigned', () => {
    const sock = open(inet) as { timeout: unknown };
    expect(() => {
      sock.timeout = 5;
    }).toThrow(TypeError);
  });

  test('the wrong way round: O_NONBLOCK does not make a timeout', () => {
    const first = open(inet);
    first.setblocking(false);
    const second = keep(first.dup());
    expect(second.gettimeout()).toBe(0);
    const third = keep(new Socket(null, null, null, second.dup().detach()));
    expect(third.gettimeout()).toBe(null);
  });
});

describe.each(modes)('a timeout, %s', (mode) => {
  const WAIT = 40;

  test.each([...waitingCalls, unansweredConnect])('ends $name', async ({ situation, syscall }) => {
    const { sock, call } = situation();
    sock.settimeout(WAIT / 1000);
    let error: unknown;
    const time = await elapsed(async () => {
      error = await failure(() => call(mode));
    });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      errno: undefined,
      code: 'ETIMEDOUT',
      message: 'timed out',
      strerror: 'timed out',
      syscall,
    });
    expect(time).toBeGreaterThanOrEqual(WAIT - 1);
  });

  test.each(waitingCalls)('$name can be made again afterwards', async ({ situation }) => {
    const { sock, call, release } = situation();
    sock.settimeout(0.001);
    await expect(call(mode)).rejects.toThrow(TimeoutError);
    release();
    sock.settimeout(10);
    const result = await call(mode);
    if (Array.isArray(result) && result[0] instanceof Socket) result[0].close();
  });

  test.each(waitingCalls)('does not end $name before its time', async ({ situation }) => {
    const { sock, call, release } = situation();
    sock.settimeout(1000);
    if (mode === 'sync') release();
    const result = call(mode);
    if (mode === 'async') release();
    const value = await result;
    if (Array.isArray(value) && value[0] instanceof Socket) value[0].close();
  });

  test.each([1e-9, Number.MIN_VALUE])('of %s seconds is one', async (timeout) => {
    const [sock] = pair(inet);
    sock.settimeout(timeout);
    await expect(both(mode, sock).recv(1)).rejects.toThrow(TimeoutError);
  });

  test('does not touch what needs no wait', async () => {
    const [client, server] = pair(inet);
    client.settimeout(1e-9);
    server.settimeout(1e-9);
    await both(mode, client).sendall('abc');
    server.settimeout(10);
    expect(String(await both(mode, server).recv(10))).toBe('abc');
  });

  test('of sendall is one for all of it', async () => {
    const [client, server] = pair(unixPath);
    client.settimeout(0.3);
    // The reader goes on long enough for the timeout, and each of its reads makes room.
    await peer(server, (sock, { blocked }) => {
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (let turn = 0; turn < 60; turn++) {
        blocked();
        if (sock.recv(2000).length === 0) return;
        Atomics.wait(pause, 0, 0, 10);
      }
    });
    const time = await elapsed(() =>
      expect(both(mode, client).sendall(Buffer.alloc(20_000_000))).rejects.toThrow(TimeoutError),
    );
    expect(time).toBeGreaterThanOrEqual(299);
    client.close();
  });

  test('is the one that was set when the call began', async () => {
    const [client, server] = pair(inet);
    server.settimeout(0.02);
    const waiting = both(mode, server).recv(1);
    server.settimeout(null);
    await expect(waiting).rejects.toThrow(TimeoutError);
    client.close();
  });
});

describe('a timeout of 0', () => {
  test.each([...waitingCalls, unansweredConnect])(
    '$name throws at once',
    async ({ situation, name: call, syscall }) => {
      const { sock, call: make } = situation();
      sock.settimeout(0);
      const error = await failure(() => make('sync'));
      expect(error).toBeInstanceOf(BlockingIOError);
      const code = call === unansweredConnect.name ? 'EINPROGRESS' : 'EAGAIN';
      expect(error).toMatchObject({ code, syscall });
    },
  );

  test.each(waitingCalls)('$nameAsync waits without limit', async ({ situation }) => {
    const { sock, call, release } = situation();
    sock.settimeout(0);
    const waiting = call('async');
    const seen = watch(waiting);
    await turns(10);
    expect(seen.state).toBe('pending');
    release();
    const value = await waiting;
    if (Array.isArray(value) && value[0] instanceof Socket) value[0].close();
  });

  test('sendall may send a part before it throws, send says how much', () => {
    const [client, server] = pair(unixPath);
    client.setblocking(false);
    expect(() => client.sendall(Buffer.alloc(20_000_000))).toThrow(BlockingIOError);
    expect(server.recv(10)).toHaveLength(10);
    empty(server);
    const sent = client.send(Buffer.alloc(20_000_000));
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(20_000_000);
    expect(() => client.send('x')).toThrow(BlockingIOError);
  });
});

describe('O_NONBLOCK mirrors the timeout', () => {
  test.each([null, 0, 30])('also after asynchronous calls (timeout: %s)', async (timeout) => {
    const server = listening(inet);
    const client = open(inet);
    client.settimeout(timeout);
    const accepting = server.acceptAsync();
    await client.connectAsync(name(server));
    const [connection] = await accepting;
    keep(connection);
    connection.settimeout(timeout);
    const flags = () => [client, connection].map((sock) => getNonblocking(sock.fileno()));
    const expected = timeout === null ? [0, 0] : [1, 1];
    expect(flags()).toEqual(expected);
    const receiving = client.recvAsync(10);
    await turns();
    expect(flags()).toEqual(expected);
    await connection.sendallAsync('hello');
    await receiving;
    expect(flags()).toEqual(expected);
    // Full, so that the send has to wait.
    fill(connection);
    const sending = connection.sendAsync('x');
    await turns();
    expect(flags()).toEqual(expected);
    empty(client);
    await sending;
    client.close();
    expect(getNonblocking(connection.fileno())).toBe(expected[1]);
  });

  test('of an accepted connection, whatever the listening socket has', async () => {
    const server = listening(inet);
    for (const timeout of [null, 5]) {
      server.settimeout(timeout);
      for (const mode of modes) {
        const client = open(inet);
        client.connect(name(server));
        const [connection] = await both(mode, server).accept();
        expect(connection.gettimeout()).toBe(null);
        expect(getNonblocking(connection.fileno())).toBe(0);
        expect(connection.getInheritable()).toBe(false);
        connection.close();
      }
    }
  });
});
