/** Everything at once: many calls in flight while sockets are closed, calls aborted, peers lost, and garbage collected. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer, ECANCELED, OSError, SHUT_RDWR, SOCK_DGRAM, Socket, socketpair } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { everyWaitingCall, type WaitingCall, waitingCalls } from '../fixtures/waiting-calls.mjs';
import { type AnySocket, bound, inet, keep, name, unixAbstract } from '../support.ts';

const LIMIT = 60_000;

/** A generator of numbers below `limit`, the same in every run. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Node prints no warnings until the test is over: of signals with many listeners, of sockets that nobody closed. */
function silenceWarnings(): void {
  const printing = process.listeners('warning');
  process.removeAllListeners('warning');
  onTestFinished(() => {
    for (const listener of printing) process.on('warning', listener);
  });
}

/** Echoes until the end of the stream. */
async function echo(connection: AnySocket): Promise<void> {
  for await (const data of connection.chunks()) await connection.sendallAsync(data);
  connection.close();
}

describe('1,000 connections at once', () => {
  test.each([inet, unixAbstract])('echo: $name', { timeout: LIMIT }, async ({ family, free }) => {
    const server = keep(createServer<number>(free(), { family, backlog: 1000 }));
    const serving = (async () => {
      const echoes: Promise<void>[] = [];
      for await (const [connection] of server.connections()) echoes.push(echo(connection));
      await Promise.all(echoes);
    })();
    const clients = Array.from({ length: 1000 }, async (_, index) => {
      using client = new Socket<number>(family);
      await client.connectAsync(name(server));
      for (let count = 0; count < 3; count++) {
        const text = `${index}, ${count}, ${'-'.repeat(index)}`;
        await client.sendallAsync(text);
        let back = '';
        while (back.length < text.length) back += await client.recvAsync(10_000);
        expect(back).toBe(text);
      }
    });
    await Promise.all(clients);
    server.close();
    await serving;
  });

  test('200 datagram sockets ask one, whose queue has room for few', { timeout: LIMIT }, async () => {
    const server = bound(unixAbstract, SOCK_DGRAM);
    const serving = (async () => {
      for await (const [data, sender] of server.datagrams()) await server.sendtoAsync(data, sender as never);
    })();
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        using client = new Socket<number>(unixAbstract.family, SOCK_DGRAM);
        client.bind('' as never);
        for (let count = 0; count < 5; count++) {
          await client.sendtoAsync(`${index}, ${count}`, name(server));
          const [data] = await client.recvfromAsync(100);
          expect(String(data)).toBe(`${index}, ${count}`);
        }
      }),
    );
    server.close();
    await serving;
  });
});

describe('calls that wait', () => {
  /** Twenty of each kind. */
  const many = (calls: Readonly<Record<string, () => WaitingCall>>): WaitingCall[] =>
    Object.values(calls).flatMap((prepare) => Array.from({ length: 20 }, () => prepare()));

  test('are all canceled when their sockets are closed', { timeout: LIMIT }, async () => {
    const calls = many(waitingCalls);
    const pending = calls.map((call) => call.async());
    await nextTurn();
    for (const { socket, file } of calls) {
      socket.close();
      file?.close();
    }
    const ends = await Promise.allSettled(pending);
    for (const end of ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { errno: ECANCELED } });
    }
    for (const call of calls) call.close();
  });

  test('are all given up when one signal aborts', { timeout: LIMIT }, async () => {
    const controller = new AbortController();
    // As many listen to it as there are calls.
    const calls = many(everyWaitingCall);
    silenceWarnings();
    const pending = calls.map((call) => call.async({ signal: controller.signal }));
    await nextTurn();
    controller.abort(new Error('enough'));
    for (const end of await Promise.allSettled(pending)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
    }
    for (const call of calls) call.close();
  });

  test('close each other', async () => {
    const sockets = Array.from({ length: 100 }, () => socketpair()).map(
      ([a, b]) => [keep(a), keep(b)] as const,
    );
    const ends = sockets.flatMap(([a], index) => {
      const next = sockets[(index + 1) % sockets.length]![0];
      return [0, 1, 2].map(() => a.recvAsync(1).catch(() => next.close()));
    });
    await nextTurn();
    sockets[0]![0].close();
    await Promise.all(ends);
    expect(sockets.every(([a]) => a.closed)).toBe(true);
  });

  test('close each other in the turn in which all become ready', async () => {
    const sockets = Array.from({ length: 100 }, () => socketpair()).map(
      ([a, b]) => [keep(a), keep(b)] as const,
    );
    let received = 0;
    const ends = sockets.map(async ([a], index) => {
      try {
        await a.recvAsync(1);
        received++;
        for (const [other] of sockets.slice(index + 1)) other.close();
      } catch (error) {
        expect((error as OSError).errno).toBe(ECANCELED);
      }
    });
    await nextTurn();
    for (const [, b] of sockets) b.send('x');
    await Promise.all(ends);
    expect(received).toBeGreaterThan(0);
  });
});

test.each([1, 2, 3, 4])('a storm, number %i', { timeout: LIMIT }, async (seed) => {
  silenceWarnings();
  const roll = dice(seed);
  const running = new Set<Promise<unknown>>();
  const sockets: AnySocket[] = [];
  const made: WeakRef<AnySocket>[] = [];
  const controllers: AbortController[] = [];
  const failures: unknown[] = [];

  /** Lets a call run beside everything else; only errors of the library's own may come of it. */
  const launch = (call: () => Promise<unknown>) => {
    const promise: Promise<unknown> = call()
      .catch((error: unknown) => {
        const expected = error instanceof OSError || (error as Error).name === 'AbortError';
        if (!expected) failures.push(error);
      })
      .finally(() => running.delete(promise));
    running.add(promise);
  };
  const signal = () => {
    if (roll(3) > 0) return undefined;
    const controller = new AbortController();
    controllers.push(controller);
    return { signal: controller.signal };
  };
  const add = (...some: Socket<never>[]) => {
    for (const socket of some as unknown as AnySocket[]) {
      sockets.push(socket);
      made.push(new WeakRef(socket));
    }
  };
  const any = () => sockets[roll(sockets.length)]!;

  const acts: (() => void)[] = [
    () => add(...socketpair<never>()),
    () => add(...socketpair<never>(null, SOCK_DGRAM)),
    () => add(createServer<never>(['127.0.0.1', 0] as never)),
    () => launch(() => any().recvAsync(1 + roll(10_000), 0, signal())),
    () => launch(() => any().recvIntoAsync(Buffer.alloc(1 + roll(100)), 0, 0, signal())),
    () => launch(() => any().recvfromAsync(1 + roll(1000), 0, signal())),
    () => launch(() => any().sendAsync(Buffer.alloc(roll(100_000)), 0, signal())),
    () => launch(() => any().sendallAsync(Buffer.alloc(roll(300_000)), 0, signal())),
    () => launch(async () => add((await any().acceptAsync(signal()))[0] as Socket<never>)),
    () => {
      const client = new Socket<never>();
      add(client);
      const address = name(any());
      if (Array.isArray(address)) launch(() => client.connectAsync(address as never, signal()));
    },
    () => any().settimeout([null, 0, 0.001, 0.05][roll(4)]!),
    () => any().shutdown(SHUT_RDWR),
    () => any().close(),
    () => any().unref().ref(),
    () => add(any().dup() as Socket<never>),
    () => controllers[roll(controllers.length + 1)]?.abort(),
    () => sockets.splice(roll(sockets.length), 1),
    () => roll(20) === 0 && globalThis.gc?.(),
  ];
  acts[0]!();
  for (let step = 0; step < 4000; step++) {
    try {
      acts[roll(acts.length)]!();
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
    if (sockets.length === 0) acts[0]!();
    // Some sockets go, so that there are never too many.
    while (sockets.length > 60) sockets.splice(roll(sockets.length), 1)[0]!.close();
    if (roll(10) === 0) await nextTurn();
  }
  for (const controller of controllers) controller.abort();
  // Those that were dropped, too, unless they have been collected.
  for (const socket of made) socket.deref()?.close();
  await Promise.all(running);
  expect(failures).toEqual([]);
});
