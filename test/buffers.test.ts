/** Received memory: exactly what came, nobody else's, and nothing that was not received. */
import { MSG_PEEK, MSG_TRUNC, SHUT_WR, SOCK_DGRAM } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { child } from './peers.ts';
import { both, inet, modes, pair, pattern, turns, unixPath, until } from './support.ts';

// Around the sizes at which lib/buffers.ts goes another way: 2 KiB and 64 KiB.
const SIZES = [
  1, 7, 8, 9, 100, 2047, 2048, 2049, 8192, 65_535, 65_536, 65_537, 1_048_576, 1_048_577, 3_000_000,
];

describe.each(modes)('%s', (mode) => {
  test('every result has the bytes that came, and keeps them', async () => {
    const [client, server] = pair(unixPath);
    const calls = both(mode, server);
    const results: Buffer[] = [];
    const expected: Buffer[] = [];
    for (const [index, size] of SIZES.entries()) {
      for (const length of [1, 8, 13, 2048, 2049, 5000]) {
        const data = pattern(length).map((byte) => byte ^ index) as Buffer;
        client.send(data);
        for (let at = 0; at < length; ) {
          const received = index % 2 ? await calls.recv(size) : (await calls.recvfrom(size))[0];
          expect(received.length).toBeLessThanOrEqual(size);
          results.push(received);
          expected.push(data.subarray(at, at + received.length));
          at += received.length;
        }
      }
    }
    expect(results.every((result, index) => result.equals(expected[index]!))).toBe(true);
    // They do not overlap: what is written to one is seen in no other.
    for (const [index, result] of results.entries()) result.fill(index & 0xff);
    expect(results.every((result, index) => result.every((byte) => byte === (index & 0xff)))).toBe(true);
  });

  test('a few bytes received with a large size do not keep its memory alive', async () => {
    const [client, server] = pair(inet);
    for (const size of [100_000, 1 << 20, 1 << 24]) {
      client.send('ten bytes.');
      const data = await both(mode, server).recv(size);
      expect(data).toHaveLength(10);
      expect(data.buffer.byteLength).toBeLessThan(size);
    }
  });

  test('small ones that are kept among large ones do not keep the memory of these alive', async () => {
    const [client, server] = pair(unixPath);
    const calls = both(mode, server);
    const kept: Buffer[] = [];
    const large = Buffer.alloc(50_000);
    gc!();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 100; count++) {
      client.send('ten bytes.');
      kept.push(await calls.recv(65_536));
      client.send(large);
      for (let got = 0; got < large.length; ) got += (await calls.recv(65_536)).length;
    }
    // Of 5 MB that have come; a slab more or less may be in use. A thread of V8's gives the memory back, when it comes to it.
    await until(() => {
      gc!();
      return process.memoryUsage().arrayBuffers - before < 1 << 19;
    });
    expect(kept).toHaveLength(100);
  });

  test('small ones lie so that typed arrays over them are possible', async () => {
    const [client, server] = pair(inet);
    for (const length of [1, 3, 8, 11]) {
      client.send(Buffer.alloc(length));
      const data = await both(mode, server).recv(100);
      expect([data.length, data.byteOffset % 8]).toEqual([length, 0]);
    }
  });

  test('a peek shows each time what is there', async () => {
    const [client, server] = pair(inet);
    client.send('abc');
    const calls = both(mode, server);
    const results = [await calls.recv(2, MSG_PEEK), await calls.recv(100, MSG_PEEK), await calls.recv(100)];
    expect(results.map(String)).toEqual(['ab', 'abc', 'abc']);
    results[0]!.fill('x');
    expect(String(results[1])).toBe('abc');
  });

  test.each([10, 4096, 5000, 65_536, 100_000, 1_500_000])(
    'TCP throws away what is received with MSG_TRUNC: recv(%i) hands out no old memory',
    async (size) => {
      const [client, server] = pair(inet);
      const calls = both(mode, server);
      // Something that should not be seen again, in whatever memory comes next.
      const secret = Buffer.alloc(200_000, 'SECRET');
      for (const call of ['recv', 'recvfrom'] as const) {
        await client.sendallAsync(secret);
        for (let got = 0; got < secret.length; ) got += server.recv(size).length;
        client.send(Buffer.alloc(10, 'x'));
        await turns(1);
        const result = await calls[call](size, MSG_TRUNC);
        const data = Buffer.isBuffer(result) ? result : result[0];
        expect(data.length).toBeLessThanOrEqual(10);
        expect(data.every((byte) => byte === 0)).toBe(true);
      }
    },
  );

  test.each([3, 5000, 100_000])('MSG_TRUNC of a longer datagram hands out %i bytes of it', async (size) => {
    const [client, server] = pair(unixPath, SOCK_DGRAM);
    const data = pattern(size + 1000);
    client.send(data);
    client.send(data);
    const calls = both(mode, server);
    expect((await calls.recv(size, MSG_TRUNC)).equals(data.subarray(0, size))).toBe(true);
    expect((await calls.recvfrom(size, MSG_TRUNC))[0].equals(data.subarray(0, size))).toBe(true);
  });

  test('MSG_TRUNC of a shorter datagram has its length', async () => {
    const [client, server] = pair(unixPath, SOCK_DGRAM);
    for (const size of [100, 5000, 100_000, 1_500_000]) {
      client.send('abc');
      expect(String(await both(mode, server).recv(size, MSG_TRUNC))).toBe('abc');
    }
  });
});

test('the slab around a small result is zeros', async () => {
  // A process of its own, in which nothing has been received before.
  const { ended } = child(({ socketpair }) => {
    const [a, b] = socketpair();
    a.send('z'.repeat(40));
    const { buffer, length } = b.recv(50);
    const others = new Uint8Array(buffer).filter((byte) => byte !== 0);
    console.log(
      length,
      others.length,
      others.every((byte) => byte === 122),
    );
    a.close();
    b.close();
  });
  expect(await ended).toMatchObject({ status: 0, stdout: '40 40 true\n' });
});

test('pending calls of different sizes get each their own', async () => {
  const socks = Array.from({ length: 20 }, () => pair(unixPath));
  const pending = socks.map(([, server], index) => server.recvAsync(SIZES[index % SIZES.length]!));
  await turns();
  for (const [index, [client]] of socks.entries()) client.send(Buffer.alloc(50, index));
  const results = await Promise.all(pending);
  for (const [index, data] of results.entries()) {
    expect(data.length).toBe(Math.min(50, SIZES[index % SIZES.length]!));
    expect(data.every((byte) => byte === index)).toBe(true);
  }
});

test('many small results: as many bytes as came, in order', async () => {
  const [client, server] = pair(unixPath);
  const results: Buffer[] = [];
  for (let index = 0; index < 5000; index++) {
    client.send(Buffer.alloc(1 + (index % 60), index & 0xff));
    results.push(index % 2 ? server.recv(100) : await server.recvAsync(100));
  }
  for (const [index, data] of results.entries()) {
    expect(data.length === 1 + (index % 60) && data.every((byte) => byte === (index & 0xff))).toBe(true);
  }
});

test('the end of a stream takes no memory', async () => {
  const [client, server] = pair(inet);
  client.shutdown(SHUT_WR);
  for (const size of SIZES) expect(await server.recvAsync(size)).toHaveLength(0);
});
