/** Datagrams of every family, both forms: boundaries, senders, sizes, and a receiver that is full. */
import {
  ConnectionRefusedError,
  type OSError,
  PermissionError,
  SO_BROADCAST,
  SOCK_DGRAM,
  SOL_SOCKET,
  TimeoutError,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  both,
  bound,
  describeMatrix,
  elapsed,
  failure,
  families,
  fill,
  inet,
  modes,
  name,
  open,
  pair,
  unixAbstract,
  unixPath,
} from './support.ts';

describeMatrix(families, (family, mode) => {
  test('sendto and recvfrom: the bytes and who sent them', async () => {
    const [a, b] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    expect(await both(mode, a).sendto('hello', 0, name(b))).toBe(5);
    const [data, from] = await both(mode, b).recvfrom(100);
    expect([String(data), from]).toEqual(['hello', a.getsockname()]);
    // An address received is one to send to.
    expect(await both(mode, b).sendto('you too', 0, from as never)).toBe(7);
    expect(String(await both(mode, a).recv(100))).toBe('you too');
  });

  test('sendto without flags', async () => {
    const [a, b] = [open(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    const sent =
      mode === 'sync' ? a.sendto(Buffer.from('x'), name(b)) : await a.sendtoAsync(Buffer.from('x'), name(b));
    expect(sent).toBe(1);
    expect(b.recv(10)).toHaveLength(1);
  });

  test('sendto needs an address, and flags that are some', async () => {
    const { sendto } = both(mode, open(family, SOCK_DGRAM)) as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const address = name(bound(family, SOCK_DGRAM));
    for (const args of [[], ['x'], ['x', 0], ['x', 0, null], ['x', '0', address], [5, 0, address]]) {
      await expect(sendto!(...args)).rejects.toThrow(TypeError);
    }
    for (const flags of [1.5, 2 ** 31])
      await expect(sendto!('x', flags, address)).rejects.toThrow(RangeError);
  });

  test('each sender is told apart, and each datagram keeps its boundaries', async () => {
    const receiver = bound(family, SOCK_DGRAM);
    const senders = [1, 2, 3].map(() => bound(family, SOCK_DGRAM));
    for (const text of ['a', '', 'ccc']) {
      for (const sender of senders) await both(mode, sender).sendto(text, 0, name(receiver));
    }
    for (const text of ['a', '', 'ccc']) {
      for (const sender of senders) {
        const [data, from] = await both(mode, receiver).recvfrom(100);
        expect([String(data), from]).toEqual([text, sender.getsockname()]);
      }
    }
  });

  test('a datagram longer than asked for is cut, and its rest is gone', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    for (const text of ['abcdef', 'ghijkl', 'mnopqr', 'stuvwx', 'yz']) a.send(text);
    const calls = both(mode, b);
    expect(String(await calls.recv(3))).toBe('abc');
    expect(String((await calls.recvfrom(2))[0])).toBe('gh');
    const memory = Buffer.from('......');
    expect(await calls.recvInto(memory, 4)).toBe(4);
    expect(await calls.recvfromInto(memory.subarray(4))).toEqual([2, a.getsockname()]);
    expect(String(memory)).toBe('mnopst');
    expect(String(await calls.recv(100))).toBe('yz');
  });

  test('recvfrom(0) takes a datagram', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    a.send('first');
    a.send('second');
    expect(await both(mode, b).recvfrom(0)).toEqual([Buffer.alloc(0), a.getsockname()]);
    expect(String(await both(mode, b).recv(100))).toBe('second');
  });

  test('recvfrom waits', async () => {
    const receiver = bound(family, SOCK_DGRAM);
    const sender = bound(family, SOCK_DGRAM);
    const from = sender.getsockname();
    await peer(
      sender,
      (sock, { args, blocked }) => {
        sock.sendto('one', args);
        blocked();
        sock.sendto('two', args);
      },
      name(receiver),
    );
    expect(await both(mode, receiver).recvfrom(100)).toEqual([Buffer.from('one'), from]);
    const memory = Buffer.alloc(3);
    expect(await both(mode, receiver).recvfromInto(memory)).toEqual([3, from]);
    expect(String(memory)).toBe('two');
  });

  test('connected: send, and nobody else is heard', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    const stranger = bound(family, SOCK_DGRAM);
    // A Unix socket says so to the stranger's face.
    if (family.unix)
      await expect(both(mode, stranger).sendto('spam', 0, name(b))).rejects.toThrow(PermissionError);
    else await both(mode, stranger).sendto('spam', 0, name(b));
    expect(await both(mode, a).send('ham')).toBe(3);
    expect(await both(mode, b).recvfrom(100)).toEqual([Buffer.from('ham'), a.getsockname()]);
    expect(a.getpeername()).toEqual(b.getsockname());
  });

  if (family.unix) {
    test('a sender without a name has no address', async () => {
      const receiver = bound(family, SOCK_DGRAM);
      await both(mode, open(family, SOCK_DGRAM)).sendto('x', 0, name(receiver));
      expect(await both(mode, receiver).recvfrom(10)).toEqual([Buffer.from('x'), null]);
      await both(mode, open(family, SOCK_DGRAM)).sendto('x', 0, name(receiver));
      expect(await both(mode, receiver).recvfromInto(Buffer.alloc(1))).toEqual([1, null]);
    });
  }

  test('send without an address', async () => {
    const error = await failure(() => both(mode, open(family, SOCK_DGRAM)).send('x'));
    expect(error).toMatchObject({ code: family.unix ? 'ENOTCONN' : 'EDESTADDRREQ', syscall: 'send' });
  });

  test('one datagram too long', async () => {
    const [a] = pair(family, SOCK_DGRAM);
    const error = expect.objectContaining({ code: 'EMSGSIZE' });
    await expect(both(mode, a).send(Buffer.alloc(1 << 20))).rejects.toThrow(error);
    await expect(both(mode, a).sendall(Buffer.alloc(1 << 20))).rejects.toThrow(error);
  });

  test('a receiver that is gone', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    b.close();
    const calls = both(mode, a);
    // Unix sockets know it at once, UDP learns it from the answer to the first datagram.
    if (!family.unix) {
      await calls.send('x');
      await expect(calls.recv(10)).rejects.toThrow(ConnectionRefusedError);
      await calls.send('x');
      await expect(calls.recvfrom(10)).rejects.toThrow(ConnectionRefusedError);
      await calls.send('x');
    }
    await expect(calls.send('x')).rejects.toThrow(ConnectionRefusedError);
  });
});

describe.each(modes)('a full receiver, %s', (mode) => {
  const unix = families.filter(({ unix }) => unix);
  const WAIT = 300;

  describe.each(unix)('$name', (family) => {
    /** Two Unix datagram sockets, the second one full: to `a`, which is connected or not. */
    function full(connected: boolean) {
      const [a, b] = [open(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
      const filler = open(family, SOCK_DGRAM);
      filler.connect(name(b));
      fill(filler, 1);
      if (connected) a.connect(name(b));
      const send = () => (connected ? both(mode, a).send('late') : both(mode, a).sendto('late', 0, name(b)));
      return { a, b, send };
    }

    test.each([true, false])('sending waits for room (connected: %s)', async (connected) => {
      const { b, send } = full(connected);
      const receiver = await peer(b.dup(), (sock) => {
        let text = '';
        while (text !== 'late') text = String(sock.recv(10));
        return text;
      });
      expect(await send()).toBe(4);
      expect(await receiver.done).toBe('late');
    });

    // Once is enough: it takes its time.
    if (family !== unixPath) return;
    test.each([true, false])('the wait does not spin (connected: %s)', async (connected) => {
      const { a, send } = full(connected);
      a.settimeout(WAIT / 1000);
      const before = process.cpuUsage();
      const time = await elapsed(() => expect(send()).rejects.toThrow(TimeoutError));
      const { user, system } = process.cpuUsage(before);
      expect(time).toBeGreaterThanOrEqual(WAIT - 1);
      // A loop of poll and retry takes all of it.
      expect((user + system) / 1000).toBeLessThan(WAIT / 2);
    });
  });
});

describe.each(modes)('broadcast, %s', (mode) => {
  test("'<broadcast>' is 255.255.255.255, for which one has to ask", async () => {
    const sock = open(inet, SOCK_DGRAM);
    const error = await failure(() => both(mode, sock).sendto('x', 0, ['<broadcast>', 9]));
    expect(error).toBeInstanceOf(PermissionError);
    sock.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
    // What becomes of it depends on the machine's network.
    const sent = await both(mode, sock)
      .sendto('x', 0, ['<broadcast>', 9])
      .catch((reason: OSError) => reason.code);
    expect([1, 'ENETUNREACH', 'ENETDOWN']).toContain(sent);
  });
});

test('an autobound Unix name', () => {
  const sock = open(unixAbstract, SOCK_DGRAM);
  sock.bind('');
  const own = sock.getsockname() as Buffer;
  expect(own).toBeInstanceOf(Buffer);
  expect([own.length, own[0]]).toEqual([6, 0]);
});
