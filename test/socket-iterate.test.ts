/** `for await` over a socket: connections, chunks, datagrams, and what ends an iteration. */
import { SHUT_WR, SO_LINGER, SOCK_DGRAM, SOCK_SEQPACKET, SOL_SOCKET, Socket } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import {
  type AnySocket,
  bound,
  failure,
  families,
  inet,
  listening,
  name,
  open,
  pair,
  turns,
  unixPath,
  watch,
} from './support.ts';

const present = families.filter(({ missing }) => missing === undefined);

/** Everything that an iteration brings. */
async function all<T>(iteration: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iteration) items.push(item);
  return items;
}

/** Three ways to say the same, one of them by name. */
const ways = ['by name', 'by the default iterator'] as const;

describe.each(ways)('%s', (way) => {
  const over = (sock: AnySocket, kind: 'connections' | 'chunks' | 'datagrams') =>
    way === 'by name' ? sock[kind]() : sock;

  test.each(present)('connections, until the socket is closed: $name', async (family) => {
    const server = listening(family);
    const clients = [1, 2, 3].map(() => bound(family));
    const addresses: unknown[] = [];
    const serving = (async () => {
      for await (const [connection, address] of over(server, 'connections')) {
        using kept = connection as AnySocket;
        kept.send('hello');
        addresses.push(address);
        if (addresses.length === clients.length) server.close();
      }
    })();
    for (const client of clients) {
      await client.connectAsync(name(server));
      expect(String(await client.recvAsync(10))).toBe('hello');
    }
    await serving;
    expect(addresses).toEqual(clients.map((client) => client.getsockname()));
  });

  test.each(present)('chunks, until the end of the stream: $name', async (family) => {
    const [client, server] = pair(family);
    const receiving = all<Buffer>(over(server, 'chunks') as AsyncIterable<Buffer>);
    for (const text of ['abc', 'def', 'ghi']) {
      await client.sendallAsync(text);
      await turns();
    }
    client.shutdown(SHUT_WR);
    expect(String(Buffer.concat(await receiving))).toBe('abcdefghi');
    // The other direction is still open.
    expect(server.closed).toBe(false);
    await server.sendallAsync('bye');
    expect(String(await client.recvAsync(10))).toBe('bye');
  });

  test.each(present)('datagrams, until the socket is closed: $name', async (family) => {
    const [a, b] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    const received: unknown[] = [];
    const receiving = (async () => {
      for await (const [data, address] of over(b, 'datagrams')) {
        received.push([String(data), address]);
        if (String(data) === 'end') b.close();
      }
    })();
    for (const text of ['one', '', 'end']) await a.sendtoAsync(text, name(b));
    await receiving;
    expect(received).toEqual(['one', '', 'end'].map((text) => [text, a.getsockname()]));
  });
});

test('sequenced packets come as chunks', async () => {
  const [client, server] = pair(unixPath, SOCK_SEQPACKET);
  client.send('one');
  client.send('two');
  client.close();
  expect((await all<Buffer>(server)).map(String)).toEqual(['one', 'two']);
});

describe('sizes', () => {
  test('of chunks', async () => {
    const [client, server] = pair(inet);
    client.send('abcdefg');
    client.close();
    expect((await all(server.chunks(3))).map(String)).toEqual(['abc', 'def', 'g']);
  });

  test('of datagrams', async () => {
    const [client, server] = pair(inet, SOCK_DGRAM);
    client.send('abcdefg');
    for await (const [data] of server.datagrams(3)) {
      expect(String(data)).toBe('abc');
      break;
    }
  });

  test.each([-1, 1.5, '3', null])('%s is none', (size) => {
    const sock = open(inet);
    expect(() => sock.chunks(size as number)).toThrow(/^chunks\(\): bufsize must be /);
    expect(() => sock.datagrams(size as number)).toThrow(/^datagrams\(\): bufsize must be /);
  });
});

describe('the end', () => {
  test('break leaves the socket open, and the rest to be received', async () => {
    const [client, server] = pair(inet);
    client.send('abcdef');
    for await (const chunk of server.chunks(2)) {
      expect(String(chunk)).toBe('ab');
      break;
    }
    expect(server.closed).toBe(false);
    for await (const chunk of server.chunks(3)) {
      expect(String(chunk)).toBe('cde');
      break;
    }
    expect(String(server.recv(10))).toBe('f');
  });

  test('break leaves a listening socket listening', async () => {
    const server = listening(inet);
    for (let round = 0; round < 2; round++) {
      open(inet).connect(name(server));
      for await (const [connection] of server.connections()) {
        connection.close();
        break;
      }
    }
    expect(server.closed).toBe(false);
  });

  test('an error in the body leaves the socket open', async () => {
    const [client, server] = pair(inet);
    client.send('x');
    const serving = (async () => {
      for await (const _ of server) throw new Error('in the body');
    })();
    await expect(serving).rejects.toThrow('in the body');
    expect(server.closed).toBe(false);
  });

  test.each(['connections', 'chunks', 'datagrams'] as const)('closing ends a waiting %s', async (kind) => {
    const sock = {
      connections: () => listening(inet),
      chunks: () => pair(inet)[0],
      datagrams: () => bound(inet, SOCK_DGRAM),
    }[kind]();
    const seen = watch(all<unknown>(sock[kind]()));
    await turns();
    expect(seen.state).toBe('pending');
    sock.close();
    await turns();
    expect(seen).toEqual({ state: 'fulfilled', value: [] });
  });

  test('of a closed socket there is nothing', async () => {
    const sock = new Socket();
    sock.close();
    expect(await all(sock)).toEqual([]);
    expect(await all(sock.connections())).toEqual([]);
    expect(await all(sock.chunks())).toEqual([]);
    expect(await all(sock.datagrams())).toEqual([]);
  });

  test('an error of the connection is thrown', async () => {
    const [client, server] = pair(inet);
    const receiving = all(server.chunks());
    await turns();
    client.setsockopt(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
    client.close();
    await expect(receiving).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('a timeout of the socket is thrown', async () => {
    const [, server] = pair(inet);
    server.settimeout(0.01);
    await expect(all(server)).rejects.toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  });

  test.each(['connections', 'chunks', 'datagrams'] as const)(
    'a signal ends %s with its reason',
    async (kind) => {
      const sock = {
        connections: () => listening(inet),
        chunks: () => pair(inet)[0],
        datagrams: () => bound(inet, SOCK_DGRAM),
      }[kind]();
      const controller = new AbortController();
      const options = { signal: controller.signal };
      const iteration = kind === 'connections' ? sock.connections(options) : sock[kind](100, options);
      const error = failure(() => all<unknown>(iteration));
      await turns();
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await error).toBe(reason);
      expect(sock.closed).toBe(false);
    },
  );

  test('each step that is asked for is answered in order', async () => {
    const [client, server] = pair(inet);
    const iteration = server.chunks(1);
    const steps = [iteration.next(), iteration.next(), iteration.next()];
    client.send('ab');
    client.shutdown(SHUT_WR);
    expect((await Promise.all(steps)).map(({ done, value }) => [done, value && String(value)])).toEqual([
      [false, 'a'],
      [false, 'b'],
      [true, undefined],
    ]);
  });
});
