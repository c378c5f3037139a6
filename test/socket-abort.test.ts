/** What ends an asynchronous call early: a signal, and the end of its socket. */
import { getEventListeners } from 'node:events';
import { close, ECANCELED, OSError, SOCK_DGRAM, Socket } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import {
  failure,
  fill,
  fullBacklog,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  turns,
  unixPath,
  until,
  watch,
} from './support.ts';
import { unansweredConnect, waitingCalls } from './waiting.ts';

const connects = (call: string) => call.startsWith('connect');

/** Closes what an accept has returned. */
function dispose(result: unknown): void {
  if (Array.isArray(result) && result[0] instanceof Socket) result[0].close();
}

describe.each([...waitingCalls, unansweredConnect])('$name and a signal', ({ name: call, situation }) => {
  const reason = new Error('enough');

  test('already aborted: the reason, and nothing has happened', async () => {
    const { sock, call: make, release } = situation();
    release();
    const error = await failure(() => make('async', { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(sock.closed).toBe(false);
    if (call !== unansweredConnect.name) dispose(await make('async'));
  });

  test('aborted while it waits: the reason, and nobody listens any more', async () => {
    const { sock, call: make, release } = situation();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = watch(make('async', { signal }));
    await turns();
    expect([waiting.state, getEventListeners(signal, 'abort').length]).toEqual(['pending', 1]);
    controller.abort(reason);
    await turns(1);
    expect(waiting.error).toBe(reason);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    // A connect that was begun cannot be undone but by closing the socket; everything else leaves it usable.
    expect(sock.closed).toBe(connects(call));
    if (connects(call)) return;
    const again = make('async');
    release();
    dispose(await again);
  });

  test('aborted at once after the call', async () => {
    const { call: make } = situation();
    const controller = new AbortController();
    const waiting = make('async', { signal: controller.signal });
    controller.abort(reason);
    expect(await failure(() => waiting)).toBe(reason);
  });

  test('without a reason of its own it is an AbortError', async () => {
    const { call: make } = situation();
    const controller = new AbortController();
    const waiting = make('async', { signal: controller.signal });
    controller.abort();
    expect(await failure(() => waiting)).toMatchObject({ name: 'AbortError', code: 20 });
  });

  if (call === unansweredConnect.name) return;

  test('aborted afterwards: nothing', async () => {
    const { sock, call: make, release } = situation();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = make('async', { signal });
    release();
    const result = await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    controller.abort();
    await turns();
    expect(sock.closed).toBe(false);
    dispose(result);
  });

  test('a signal that never aborts serves many calls', async () => {
    const { signal } = new AbortController();
    const { call: make, release } = situation();
    release();
    dispose(await make('async', { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a signal', () => {
  test('ends the one call that it was given to', async () => {
    const [client, server] = pair(inet);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const calls = [
      server.recvAsync(1),
      server.recvAsync(1, 0, options),
      server.recvAsync(1),
      server.recvAsync(1, 0, options),
    ].map((promise) => watch(promise));
    await turns();
    controller.abort();
    await turns(1);
    expect(calls.map(({ state }) => state)).toEqual(['pending', 'rejected', 'pending', 'rejected']);
    client.send('ab');
    await until(() => calls.every(({ state }) => state !== 'pending'));
    expect([calls[0]!.value, calls[2]!.value].map(String)).toEqual(['a', 'b']);
  });

  test('that ends the first of a queue lets the next one go on', async () => {
    const [client, server] = pair(inet);
    const controller = new AbortController();
    const first = watch(server.recvAsync(1, 0, { signal: controller.signal }));
    const second = server.recvAsync(1);
    await turns();
    client.send('x');
    controller.abort();
    expect(String(await second)).toBe('x');
    expect(first.state).toBe('rejected');
  });

  test('with a timeout of its own: its TimeoutError', async () => {
    const [, server] = pair(inet);
    const error = await failure(() => server.recvAsync(1, 0, { signal: AbortSignal.timeout(10) }));
    expect(error).toBeInstanceOf(DOMException);
    expect(error.name).toBe('TimeoutError');
  });

  test('ends a connect that is still waiting for a name, and closes its socket', async () => {
    const [, port] = name(listening(inet));
    const sock = open(inet);
    const controller = new AbortController();
    const connecting = sock.connectAsync(['localhost', port], { signal: controller.signal });
    controller.abort('no more');
    await expect(connecting).rejects.toBe('no more');
    expect(sock.closed).toBe(true);
  });

  test('ends a sendto that is still waiting for a name', async () => {
    const sock = open(inet, SOCK_DGRAM);
    const controller = new AbortController();
    const sending = sock.sendtoAsync('x', ['localhost', 9], { signal: controller.signal });
    controller.abort('no more');
    await expect(sending).rejects.toBe('no more');
    expect(sock.closed).toBe(false);
  });

  test('ends connectExAsync with its reason, not with a number', async () => {
    const { server } = fullBacklog(inet);
    const sock = open(inet);
    const controller = new AbortController();
    const connecting = sock.connectExAsync(name(server), { signal: controller.signal });
    await turns();
    controller.abort('no more');
    await expect(connecting).rejects.toBe('no more');
    expect(sock.closed).toBe(true);
  });

  test('may belong to many calls, without a warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const controller = new AbortController();
    const { signal } = controller;
    const [, server] = pair(inet);
    const calls = Array.from({ length: 50 }, () => failure(() => server.recvAsync(1, 0, { signal })));
    await turns();
    controller.abort('all of you');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['all of you']));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await turns();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test.each([5, 'x', {}, new EventTarget()])('that is %s is none', async (signal) => {
    const [, server] = pair(inet);
    const error = await failure(() => server.recvAsync(1, 0, { signal: signal as never }));
    expect(error).toMatchObject({ constructor: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
    expect(error.message).toContain('signal must be an AbortSignal, not ');
  });

  test.each([null, undefined])('that is %s is as good as nothing', async (signal) => {
    const [client, server] = pair(inet);
    client.send('x');
    await expect(server.recvAsync(1, 0, { signal })).resolves.toHaveLength(1);
  });

  test.each([5, 'x', null, AbortSignal.abort()])('is no option of its own, nor is %s', async (options) => {
    const [, server] = pair(inet);
    for (const call of [
      () => server.recvAsync(1, 0, options as never),
      () => server.recvIntoAsync(Buffer.alloc(1), 0, 0, options as never),
      () => server.sendAsync('x', 0, options as never),
      () => server.sendtoAsync('x', 0, ['127.0.0.1', 9], options as never),
      () => listening(inet).acceptAsync(options as never),
      () => open(inet).connectAsync(['127.0.0.1', 9], options as never),
      () => open(inet).connectAsync(['localhost', 9], options as never),
    ]) {
      const promise = call();
      expect(promise).toBeInstanceOf(Promise);
      await expect(promise).rejects.toThrow(TypeError);
    }
  });
});

describe.each([...waitingCalls, unansweredConnect])('$name and the end of its socket', (row) => {
  const { situation, syscall } = row;

  test.each(['close', 'detach', 'dispose'] as const)('%s', async (how) => {
    const { sock, call } = situation();
    const controller = new AbortController();
    const waiting = call('async', { signal: controller.signal });
    const seen = watch(waiting);
    await turns();
    expect(seen.state).toBe('pending');
    if (how === 'close') sock.close();
    else if (how === 'dispose') sock[Symbol.dispose]();
    else close(sock.detach());
    const error = await failure(() => waiting);
    expect(error).toBeInstanceOf(OSError);
    expect(error).toMatchObject({ constructor: OSError, errno: ECANCELED, code: 'ECANCELED', syscall });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('at once after the call', async () => {
    const { sock, call } = situation();
    const waiting = call('async');
    sock.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ECANCELED', syscall });
  });

  test('although it could go on now', async () => {
    const { sock, call, release } = situation();
    const waiting = call('async');
    await turns();
    release();
    sock.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ECANCELED', syscall });
  });
});

describe('the end of a socket', () => {
  test('ends all its calls, of both directions, in order', async () => {
    const [client] = pair(unixPath);
    const order: string[] = [];
    const note = (who: string) => (error: { code?: string }) => order.push(`${who} ${error.code}`);
    fill(client);
    const calls = [
      client.recvAsync(1).catch(note('recv 1')),
      client.sendallAsync('x').catch(note('send 1')),
      client.recvAsync(1).catch(note('recv 2')),
      client.sendAsync('x').catch(note('send 2')),
    ];
    await turns();
    client.close();
    await Promise.all(calls);
    expect(order.sort()).toEqual([
      'recv 1 ECANCELED',
      'recv 2 ECANCELED',
      'send 1 ECANCELED',
      'send 2 ECANCELED',
    ]);
  });

  test('ends a call that is still waiting for a name', async () => {
    const sock = open(inet);
    const connecting = sock.connectAsync(['localhost', 9]);
    const error = failure(() => connecting);
    sock.close();
    expect(await error).toMatchObject({ code: 'ECANCELED', syscall: 'connect' });
    const again = open(inet);
    const connectingEx = again.connectExAsync(['localhost', 9]);
    const errorEx = failure(() => connectingEx);
    again.close();
    expect(await errorEx).toMatchObject({ code: 'ECANCELED' });
  });

  test('lets what comes after it fail with EBADF', async () => {
    const [, server] = pair(inet);
    const waiting = watch(server.recvAsync(1));
    server.close();
    await expect(server.recvAsync(1)).rejects.toMatchObject({ code: 'EBADF' });
    expect((waiting.error as { code?: string }).code).toBe('ECANCELED');
  });

  test('does not reach a socket that gets the same number', async () => {
    const [client, server] = pair(inet);
    const fd = server.fileno();
    const waiting = watch(server.recvAsync(1));
    await turns();
    server.close();
    let other = keep(client.dup());
    while (other.fileno() !== fd) other = keep(client.dup());
    const alive = watch(other.recvAsync(1));
    await turns();
    expect([waiting.state, alive.state]).toEqual(['rejected', 'fulfilled']);
  });

  test('detach leaves the connection to its new owner', async () => {
    const [client, server] = pair(inet);
    const waiting = watch(server.recvAsync(1));
    await turns();
    const owner = keep(new Socket(null, null, null, server.detach()));
    const receiving = owner.recvAsync(10);
    client.send('hello');
    expect(String(await receiving)).toBe('hello');
    expect(waiting.state).toBe('rejected');
  });

  test('in the very turn in which its data arrives', async () => {
    const pairs = [1, 2, 3].map(() => pair(inet));
    // Whoever is woken first closes the others, whose data is there, too.
    const outcomes = pairs.map(([, server]) =>
      server.recvAsync(10).then(
        (data) => {
          for (const [, other] of pairs) other.close();
          return String(data);
        },
        (error: { code?: string }) => error.code,
      ),
    );
    await turns();
    for (const [client] of pairs) client.send('x');
    for (const outcome of await Promise.all(outcomes)) expect(['x', 'ECANCELED']).toContain(outcome);
  });
});
