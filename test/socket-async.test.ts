/** Asynchronous calls among each other: their order, fairness, and what ends a wait from the other side. */
import {
  ConnectionResetError,
  close,
  MSG_DONTWAIT,
  SHUT_WR,
  SO_LINGER,
  SOCK_DGRAM,
  SOL_SOCKET,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { child } from './peers.ts';
import {
  type AnySocket,
  bound,
  failure,
  families,
  fill,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  pattern,
  turns,
  unixPath,
  until,
  watch,
} from './support.ts';
import { empty, waitingCalls } from './waiting.ts';

const present = families.filter(({ missing }) => missing === undefined);

/** The socket's bytes up to the end of the stream. */
async function everything(sock: AnySocket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of sock.chunks()) parts.push(part);
  return Buffer.concat(parts);
}

describe.each(present)('order, $name', (family) => {
  test('recvAsync: who came first gets the first bytes', async () => {
    const [client, server] = pair(family);
    const order: string[] = [];
    const receive = (who: string) => server.recvAsync(1).then((data) => order.push(who + data));
    const all = ['a', 'b', 'c', 'd'].map(receive);
    await turns();
    client.send('12');
    // In the queue are two that could have them; a newcomer must not take them away.
    all.push(receive('e'));
    await turns();
    client.send('345');
    await Promise.all(all);
    expect(order).toEqual(['a1', 'b2', 'c3', 'd4', 'e5']);
  });

  test('acceptAsync: the first caller gets the first connection', async () => {
    const server = listening(family);
    const accepting = Array.from({ length: 10 }, () => server.acceptAsync());
    await turns();
    const clients = accepting.map(() => bound(family));
    for (const client of clients) await client.connectAsync(name(server));
    const accepted = await Promise.all(accepting);
    for (const [connection] of accepted) keep(connection);
    expect(accepted.map(([, address]) => address)).toEqual(clients.map((client) => client.getsockname()));
  });

  test('sendallAsync: what waits goes out whole, one after the other', async () => {
    const [client, server] = pair(family);
    // More than fits into the kernel's buffers.
    const texts = ['A', 'B', 'C'].map((letter, index) => letter.repeat(5_000_000 + index));
    const sending = texts.map((text) => client.sendallAsync(text));
    sending.push(client.sendAsync('D').then(() => undefined));
    const received = everything(server);
    await Promise.all(sending);
    client.shutdown(SHUT_WR);
    expect(String(await received) === `${texts.join('')}D`).toBe(true);
  });

  test('recvfromAsync and sendtoAsync: datagram by datagram', async () => {
    const [a, b] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    const receiving = [1, 2, 3].map(() => b.recvfromAsync(10));
    await turns();
    await Promise.all(['x', 'y', 'z'].map((text) => a.sendtoAsync(text, name(b))));
    const from = a.getsockname();
    expect(await Promise.all(receiving)).toEqual([
      [Buffer.from('x'), from],
      [Buffer.from('y'), from],
      [Buffer.from('z'), from],
    ]);
  });

  test('one socket reads and writes at once', async () => {
    const [a, b] = pair(family);
    const receiving = watch(a.recvAsync(10));
    // More than fits into the kernel's buffers, also when it makes them larger on the way.
    const sent = watch(a.sendallAsync(Buffer.alloc(50_000_000)));
    await turns();
    expect([receiving.state, sent.state]).toEqual(['pending', 'pending']);
    b.send('hello');
    await until(() => receiving.state !== 'pending');
    expect([String(receiving.value), sent.state]).toEqual(['hello', 'pending']);
    await until(() => {
      empty(b);
      return sent.state !== 'pending';
    });
    expect(sent.state).toBe('fulfilled');
  });
});

test('different calls of one direction keep the order, too', async () => {
  const [client, server] = pair(inet);
  const memory = Buffer.alloc(2);
  const calls = [
    server.recvAsync(2),
    server.recvIntoAsync(memory),
    server.recvfromAsync(2),
    server.recvfromIntoAsync(Buffer.alloc(2)),
    server.recvAsync(2),
  ];
  await turns();
  client.send('aabbccddee');
  expect(await Promise.all(calls)).toEqual([
    Buffer.from('aa'),
    2,
    [Buffer.from('cc'), null],
    [2, null],
    Buffer.from('ee'),
  ]);
  expect(String(memory)).toBe('bb');
});

test('a hundred pairs at once', async () => {
  const pairs = Array.from({ length: 100 }, () => pair(unixPath));
  const data = pattern(100_000);
  const echo = async (sock: AnySocket) => {
    for await (const chunk of sock.chunks()) await sock.sendallAsync(chunk);
    sock.shutdown(SHUT_WR);
  };
  const talk = async ([client, server]: [AnySocket, AnySocket]) => {
    const answer = everything(client);
    const echoing = echo(server);
    await client.sendallAsync(data);
    client.shutdown(SHUT_WR);
    await echoing;
    return (await answer).equals(data);
  };
  expect((await Promise.all(pairs.map(talk))).every(Boolean)).toBe(true);
});

describe('calls that complete at once do not starve the event loop', () => {
  // Without fairness it is as many as there are bytes to receive.
  const ENOUGH = 1000;
  const ALL = 100_000;

  function prepared(): [client: AnySocket, server: AnySocket] {
    const [client, server] = pair(inet);
    expect(fill(client)).toBeGreaterThan(ALL);
    return [client, server];
  }

  /** How often the call completes before the condition holds. */
  async function count(call: () => Promise<unknown>, condition: () => boolean): Promise<number> {
    let calls = 0;
    for (; !condition() && calls < ALL; calls++) await call();
    return calls;
  }

  function immediate(): () => boolean {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    return () => turned;
  }

  test.each<[string, (server: AnySocket) => Promise<unknown>]>([
    ['recvAsync', (server) => server.recvAsync(1)],
    ['recvAsync, MSG_DONTWAIT', (server) => server.recvAsync(1, MSG_DONTWAIT)],
    ['recvIntoAsync', (server) => server.recvIntoAsync(Buffer.alloc(1))],
    ['recvfromAsync', (server) => server.recvfromAsync(1)],
    ['recvfromIntoAsync', (server) => server.recvfromIntoAsync(Buffer.alloc(1))],
    ['sendAsync', (server) => server.sendAsync('x')],
    ['sendallAsync', (server) => server.sendallAsync('x')],
  ])('%s: an immediate', async (_name, call) => {
    const [, server] = prepared();
    const calls = await count(() => call(server), immediate());
    expect(calls).toBeGreaterThan(1);
    expect(calls).toBeLessThan(ENOUGH);
  });

  test('a timer', async () => {
    const [, server] = prepared();
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 0);
    expect(
      await count(
        () => server.recvAsync(1),
        () => fired,
      ),
    ).toBeLessThan(ALL);
  });

  test('another socket', async () => {
    const [, busy] = prepared();
    const [quiet, other] = pair(inet);
    const waiting = watch(quiet.recvAsync(1));
    await turns();
    other.send('x');
    expect(
      await count(
        () => busy.recvAsync(1),
        () => waiting.state === 'fulfilled',
      ),
    ).toBeLessThan(ENOUGH);
  });
});

describe('the other side', () => {
  test('an end of stream wakes all that wait to receive', async () => {
    const [client, server] = pair(inet);
    const waiting = [server.recvAsync(1), server.recvAsync(1), server.recvIntoAsync(Buffer.alloc(1))];
    await turns();
    client.close();
    expect(await Promise.all(waiting)).toEqual([Buffer.alloc(0), Buffer.alloc(0), 0]);
  });

  test('a reset reaches one that waits to receive', async () => {
    const [client, server] = pair(inet);
    const waiting = server.recvAsync(1);
    await turns();
    client.setsockopt(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
    client.close();
    const error = await failure(() => waiting);
    expect(error).toBeInstanceOf(ConnectionResetError);
    expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'recv' });
  });

  test.each([inet, unixPath])('a close reaches one that waits to send: $name', async (family) => {
    const [client, server] = pair(family);
    const waiting = [client.sendallAsync(Buffer.alloc(50_000_000)), client.sendAsync('x')].map((call) =>
      watch<unknown>(call),
    );
    await turns();
    server.close();
    await until(() => waiting.every(({ state }) => state !== 'pending'));
    for (const { error } of waiting)
      expect(['EPIPE', 'ECONNRESET']).toContain((error as { code: string }).code);
  });

  test('a refusal reaches connect, also when others wait on the socket', async () => {
    const closed = bound(inet);
    const address = name(closed);
    closed.close();
    const sock = open(inet);
    const connecting = watch(sock.connectAsync(address));
    const receiving = watch(sock.recvAsync(1));
    const sending = watch(sock.sendAsync('x'));
    await until(() => [connecting, receiving, sending].every(({ state }) => state !== 'pending'));
    // The kernel reports the refusal once, to whoever asks first; connect(2) calls it ECONNABORTED then.
    const codes = [connecting, receiving, sending].map(({ error }) => (error as { code?: string }).code);
    expect(['ECONNREFUSED', 'ECONNABORTED']).toContain(codes[0]);
    expect(codes).toContain('ECONNREFUSED');
  });

  test('what was sent before a connection came about arrives', async () => {
    const server = listening(inet);
    const client = open(inet);
    const calls = [
      client.connectAsync(name(server)),
      client.sendallAsync('first '),
      client.sendallAsync('second'),
    ];
    const answer = client.recvAsync(10);
    const [connection] = await server.acceptAsync();
    await Promise.all(calls);
    expect(String(await connection.recvAsync(100))).toMatch(/^first /);
    connection.send('answer');
    expect(String(await answer)).toBe('answer');
    connection.close();
  });
});

describe('rejections', () => {
  test.each(waitingCalls)('$nameAsync throws nothing, it rejects', async ({ name: call }) => {
    const sock = open(inet) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const args of [[], [{}], [-1, 'x'], ['x', 'y', 'z'], [null], [['a', 'b']]]) {
      const promise = call === 'accept' ? bound(inet).acceptAsync() : sock[`${call}Async`]!(...args);
      expect(promise).toBeInstanceOf(Promise);
      await expect(promise).rejects.toThrow(Error);
    }
  });
});

describe('a descriptor that somebody else has closed', () => {
  test('rejects with EBADF, also where a call would have waited first', async () => {
    const [client, server] = pair(inet);
    client.send('abc');
    // A short read: the next call waits before it tries.
    await server.recvAsync(10);
    close(server.fileno());
    await expect(server.recvAsync(10)).rejects.toMatchObject({ code: 'EBADF' });
    await expect(server.sendAsync('x')).rejects.toMatchObject({ code: 'EBADF' });
    await expect(server.acceptAsync()).rejects.toMatchObject({ code: 'EBADF' });
    server.detach();
  });

  test('does not hurt the process, whatever was pending', async () => {
    const { ended } = child(async ({ close: closeFd, socketpair }) => {
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      const [a, b] = socketpair();
      const outcome: (string | undefined)[] = [];
      const note = (error: Error & { code?: string }) => outcome.push(error.code);
      const pending = a.recvAsync(1).catch(note);
      await turn();
      closeFd(a.fileno());
      await turn();
      try {
        a.close();
      } catch (error) {
        note(error as Error);
      }
      await pending;
      b.close();
      // The set of descriptors is in order: others still wait and wake.
      const [c, d] = socketpair();
      const waiting = c.recvAsync(10);
      await turn();
      d.send('alive');
      console.log(outcome.sort().join(), String(await waiting));
      c.close();
      d.close();
    });
    expect(await ended).toMatchObject({ status: 0, stderr: '', stdout: 'EBADF,ECANCELED alive\n' });
  });
});
