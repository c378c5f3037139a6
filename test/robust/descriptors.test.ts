/** Hundreds of thousands of descriptors, opened and closed: none stays open, and memory does not grow with their number. */
import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AF_UNIX, createServer, SOCK_DGRAM, Socket, socketpair } from 'bsd-socket';
import { expect, test } from 'vitest';

const LIMIT = 60_000;
const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** Bytes of JavaScript's memory in use, and of the process's outside of it, after a collection. */
async function memory(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    // The finalizers of what has been collected run in a turn of their own.
    await nextTurn();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

const MEGABYTE = 1 << 20;

/** Runs a round once to warm up, then many times; neither descriptors nor memory may be more afterwards. */
async function steady(rounds: number, round: () => unknown): Promise<void> {
  for (let count = 0; count < rounds / 10; count++) await round();
  const descriptors = openDescriptors();
  const before = await memory();
  for (let count = 0; count < rounds; count++) {
    const result = round();
    if (result instanceof Promise) await result;
    // Finalizers need a turn now and then.
    else if (count % 10_000 === 0) await nextTurn();
  }
  expect(openDescriptors()).toBe(descriptors);
  expect((await memory()) - before).toBeLessThan(4 * MEGABYTE);
}

test('200,000 sockets', { timeout: LIMIT }, () => steady(200_000, () => new Socket().close()));

test('30,000 pairs that say one word', { timeout: LIMIT }, () =>
  steady(30_000, () => {
    const [a, b] = socketpair();
    a.send('word');
    b.recv(10);
    a.close();
    b.close();
  }),
);

test('10,000 duplicates and adopted descriptors', { timeout: LIMIT }, () =>
  steady(10_000, () => {
    const socket = new Socket(AF_UNIX, SOCK_DGRAM);
    const copy = socket.dup();
    new Socket(null, null, null, copy.detach()).close();
    socket.close();
  }),
);

test('2,000 connections, one after the other, synchronously', { timeout: LIMIT }, async () => {
  const server = createServer(['127.0.0.1', 0]);
  const address = server.getsockname();
  await steady(2000, () => {
    const client = new Socket();
    client.connect(address);
    const [connection] = server.accept();
    client.close();
    expect(connection.recv(1)).toHaveLength(0);
    connection.close();
  });
  server.close();
});

test('2,000 connections, one after the other, asynchronously', { timeout: LIMIT }, async () => {
  const server = createServer(['127.0.0.1', 0]);
  const address = server.getsockname();
  await steady(2000, async () => {
    const client = new Socket();
    const [[connection]] = await Promise.all([server.acceptAsync(), client.connectAsync(address)]);
    const receiving = connection.recvAsync(1);
    client.close();
    expect(await receiving).toHaveLength(0);
    connection.close();
  });
  server.close();
});

test('20,000 calls that wait and are given up', { timeout: LIMIT }, async () => {
  await steady(10_000, async () => {
    const [a, b] = socketpair();
    const canceled = a.recvAsync(1);
    const aborted = b.recvAsync(1, 0, { signal: AbortSignal.abort() });
    a.close();
    b.close();
    await Promise.allSettled([canceled, aborted]);
  });
});
