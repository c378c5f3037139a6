/** Sending with MSG_ZEROCOPY. On loopback the kernel copies all the same, and says so. */
import {
  AF_INET,
  AF_UNIX,
  type Ancillary,
  CMSG_SPACE,
  decodeAncillary,
  ECANCELED,
  ENOBUFS,
  IP_RECVERR,
  MessageBatch,
  MSG_ERRQUEUE,
  MSG_ZEROCOPY,
  OSError,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_IP,
  SOL_SOCKET,
  Socket,
  type StrayMessage,
  ZerocopySender,
  zerocopyCompletion,
} from 'bsd-socket';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { native } from '../dist/native.js';
import {
  type AnySocket,
  both,
  bound,
  collected,
  failure,
  families,
  keep,
  listening,
  modes,
  name,
  open,
  pair,
  pattern,
  turns,
  until,
  watch,
} from './support.ts';

function whyNot(): string | undefined {
  try {
    using probe = new Socket(AF_INET, SOCK_DGRAM);
    probe.setsockopt(SOL_SOCKET, SO_ZEROCOPY, 1);
    return undefined;
  } catch (error) {
    return `no SO_ZEROCOPY for UDP on this kernel (5.0 and later have it): ${(error as Error).message}`;
  }
}
const missing = whyNot();
const title = missing === undefined ? 'zerocopy' : `zerocopy (skipped: ${missing})`;
const inets = families.filter(({ unix }) => !unix);

async function received(sock: AnySocket, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let left = size; left > 0; ) {
    const chunk = await sock.recvAsync(left);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    left -= chunk.length;
  }
  return Buffer.concat(chunks);
}

/** A connection whose first end takes 4 MB, of which the second one takes a small part before it reads. */
function slow(): [AnySocket, AnySocket] {
  const inet = families[0]!;
  const server = open(inet);
  server.setsockopt(SOL_SOCKET, SO_RCVBUF, 8192);
  server.bind(inet.free());
  server.listen();
  const client = open(inet);
  client.setsockopt(SOL_SOCKET, SO_SNDBUF, 4_000_000);
  client.connect(name(server));
  const [connection] = server.accept();
  server.close();
  return [client, keep(connection)];
}

describe.skipIf(missing !== undefined)(title, () => {
  describe.each(inets.map((family) => [family.name, family] as const))('%s', (_, family) => {
    test('TCP: all bytes arrive, and the promise resolves when the memory is free', async () => {
      const [a, b] = pair(family);
      const sender = new ZerocopySender(a);
      expect(a.getsockopt(SOL_SOCKET, SO_ZEROCOPY)).toBe(1);
      const data = pattern(3_000_000);
      const arriving = received(b, data.length);
      expect(await sender.sendAsync(data)).toEqual({ sent: data.length, copied: true });
      expect(sender.pending).toBe(0);
      expect(Buffer.compare(await arriving, data)).toBe(0);
    });

    test('UDP: connected, to an address, and nothing', async () => {
      const [a, b] = pair(family, SOCK_DGRAM);
      const sender = new ZerocopySender(a);
      expect(await sender.sendAsync('one')).toEqual({ sent: 3, copied: true });
      // The kernel numbers empty datagrams as well.
      expect(await sender.sendAsync('')).toMatchObject({ sent: 0 });
      expect(await sender.sendAsync('three')).toEqual({ sent: 5, copied: true });
      expect([b.recv(9), b.recv(9), b.recv(9)].map(String)).toEqual(['one', '', 'three']);
      const c = bound(family, SOCK_DGRAM);
      const other = new ZerocopySender(open(family, SOCK_DGRAM));
      expect(await other.sendAsync('four', 0, { address: name(c) })).toMatchObject({ sent: 4 });
      expect(String(c.recv(9))).toBe('four');
    });

    test('UDP: the messages of a batch', async () => {
      const [a, b] = pair(family, SOCK_DGRAM);
      const sender = new ZerocopySender(a);
      const batch = new MessageBatch<number>(4, 1000);
      for (const text of ['1', '', '3', '4']) batch.push(text);
      expect(await sender.sendmmsgAsync(batch)).toEqual({ sent: 4, copied: true });
      expect(await sender.sendmmsgAsync(batch, 0, 3)).toEqual({ sent: 1, copied: true });
      expect([1, 2, 3, 4, 5].map(() => String(b.recv(9)))).toEqual(['1', '', '3', '4', '4']);
      expect(sender.pending).toBe(0);
    });

    test('many at a time, each answered', async () => {
      const [a, b] = pair(family);
      const sender = new ZerocopySender(a);
      const data = pattern(20_000);
      const arriving = received(b, 100 * data.length);
      const results = await Promise.all(Array.from({ length: 100 }, () => sender.sendAsync(data)));
      expect(results.every(({ sent }) => sent === data.length)).toBe(true);
      expect(await arriving).toHaveLength(100 * data.length);
      expect(sender.pending).toBe(0);
    });

    test('a receive that waits on the same socket is not slowed down', async () => {
      const [a, b] = pair(family, SOCK_DGRAM);
      const sender = new ZerocopySender(a);
      const receiving = watch(a.recvAsync(10));
      // Each answer wakes the receive for nothing.
      for (let count = 0; count < 100; count++) {
        await sender.sendAsync('x');
        b.recv(1);
      }
      b.send('at last');
      await turns(50);
      expect(receiving).toMatchObject({ state: 'fulfilled', value: Buffer.from('at last') });
    });

    test('requests and replies, which on TCP bring the answers', async () => {
      const [a, b] = pair(family);
      const sender = new ZerocopySender(a);
      const sending: Promise<unknown>[] = [];
      for (let round = 0; round < 50; round++) {
        sending.push(sender.sendAsync(`${round},`));
        await b.sendallAsync(await b.recvAsync(10));
        expect(String(await a.recvAsync(10))).toBe(`${round},`);
      }
      await Promise.all(sending);
      expect(sender.pending).toBe(0);
    });
  });

  test('while the kernel reads the memory it is kept, and the promise waits', async () => {
    const [a, b] = slow();
    const sender = new ZerocopySender(a);
    const seen = new Set<string>();
    const registry = new FinalizationRegistry((label: string) => seen.add(label));
    const begin = () => {
      const data = pattern(1_000_000);
      registry.register(data.buffer, 'sent');
      registry.register(new ArrayBuffer(8), 'other');
      return watch(sender.sendAsync(data));
    };
    const sending = begin();
    await until(() => sender.pending > 0);
    await collected(() => seen.has('other'));
    await turns(20);
    expect([sending.state, seen.has('sent'), sender.pending > 0]).toEqual(['pending', false, true]);
    expect(Buffer.compare(await received(b, 1_000_000), pattern(1_000_000))).toBe(0);
    await until(() => sending.state !== 'pending');
    expect(sending.value).toEqual({ sent: 1_000_000, copied: true });
    await collected(() => seen.has('sent'));
  });

  test('an aborted send rejects at once, and `pending` tells when its memory is free', async () => {
    const [a, b] = slow();
    const sender = new ZerocopySender(a);
    const controller = new AbortController();
    const sending = watch(sender.sendAsync(pattern(1_000_000), 0, { signal: controller.signal }));
    await until(() => sender.pending > 0);
    controller.abort(new Error('enough'));
    await turns(1);
    expect(sending.error).toEqual(new Error('enough'));
    expect(sender.pending).toBeGreaterThan(0);
    await received(b, 1_000_000);
    await until(() => sender.pending === 0);
    const again = sender.sendAsync('x');
    expect(String(await b.recvAsync(1))).toBe('x');
    expect(await again).toMatchObject({ sent: 1 });
    await expect(sender.sendAsync('x', 0, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
  });

  test('closing the socket rejects what is pending', async () => {
    const [a] = slow();
    const sender = new ZerocopySender(a);
    const sending = failure(() => sender.sendAsync(pattern(1_000_000)));
    await until(() => sender.pending > 0);
    a.close();
    expect(await sending).toMatchObject({ errno: ECANCELED });
    expect(sender.pending).toBe(0);
    await expect(sender.sendAsync('x')).rejects.toMatchObject({ code: 'EBADF' });
  });

  test('the timeout of the socket limits the sending and not the answer', async () => {
    const [a, b] = slow();
    const sender = new ZerocopySender(a);
    a.settimeout(0.02);
    const sending = watch(sender.sendAsync(pattern(500_000)));
    await until(() => sender.pending > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sending.state).toBe('pending');
    await received(b, 1);
    b.close();
    await until(() => sending.state !== 'pending');
  });

  test('what else is in the error queue is handed out', async () => {
    const inet = families[0]!;
    const a = open(inet, SOCK_DGRAM);
    const gone = bound(inet, SOCK_DGRAM);
    a.connect(name(gone));
    gone.close();
    a.setsockopt(SOL_IP, IP_RECVERR, 1);
    const strays: StrayMessage[] = [];
    const sender = new ZerocopySender(a, { onStray: (message) => strays.push(message) });
    expect(await sender.sendAsync('refused')).toEqual({ sent: 7, copied: true });
    await until(() => strays.length > 0);
    const [data, ancdata, flags] = strays[0]!;
    expect(String(data)).toBe('refused');
    expect(flags & MSG_ERRQUEUE).toBe(MSG_ERRQUEUE);
    expect(decodeAncillary(ancdata)).toMatchObject([{ kind: 'extendedError', errno: 111 }]);
  });

  test('what the kernel has no room to pin is sent with a copy', async () => {
    // The limits are the machine's own, and without effect for root: the kernel's answer is put in its mouth.
    const full = (name: 'send' | 'sendmmsg') => {
      const real = native[name] as unknown as (...args: number[]) => number;
      const call = (...args: number[]) => (args.at(-1)! & MSG_ZEROCOPY ? -ENOBUFS : real(...args));
      const spy = vi.spyOn(native, name).mockImplementation(call as never);
      onTestFinished(() => spy.mockRestore());
    };
    const [a, b] = pair(families[0]!, SOCK_DGRAM);
    const sender = new ZerocopySender(a);
    full('send');
    full('sendmmsg');
    expect(await sender.sendAsync('copied')).toEqual({ sent: 6, copied: true });
    const batch = new MessageBatch<number>(2, 10);
    for (const text of ['1', '2']) batch.push(text);
    expect(await sender.sendmmsgAsync(batch)).toEqual({ sent: 2, copied: true });
    expect(sender.pending).toBe(0);
    expect([b.recv(9), b.recv(9), b.recv(9)].map(String)).toEqual(['copied', '1', '2']);
  });

  test('one sender for a socket, and sockets that can', async () => {
    const sock = open(families[0]!, SOCK_DGRAM);
    new ZerocopySender(sock);
    expect(() => new ZerocopySender(sock)).toThrow(TypeError);
    using unix = new Socket(AF_UNIX, SOCK_STREAM);
    expect(() => new ZerocopySender(unix)).toThrow(OSError);
    for (const wrong of [null, 5, {}, 'text']) {
      expect(() => new ZerocopySender(wrong as never)).toThrow(TypeError);
      if (wrong !== null)
        expect(() => new ZerocopySender(listening(families[0]!), { onStray: wrong as never })).toThrow(
          TypeError,
        );
    }
  });

  test.each([
    [5, 0],
    [null, 0],
    ['x', '0'],
  ])('sendAsync(%o, %o) is a TypeError', async (data, flags) => {
    const sender = new ZerocopySender(open(families[0]!, SOCK_DGRAM));
    await expect(sender.sendAsync(data as never, flags as never)).rejects.toThrow(TypeError);
    await expect(sender.sendmmsgAsync(data as never, flags as never)).rejects.toThrow(TypeError);
  });

  test.each(modes)('by hand: flags, and messages from the error queue, %s', async (mode) => {
    const [a, b] = pair(families[0]!, SOCK_DGRAM);
    a.setsockopt(SOL_SOCKET, SO_ZEROCOPY, 1);
    a.settimeout(1);
    for (const text of ['1', '2', '3']) expect(a.send(text, MSG_ZEROCOPY)).toBe(1);
    expect([b.recv(9), b.recv(9), b.recv(9)].map(String)).toEqual(['1', '2', '3']);
    const done = new Set<number>();
    while (done.size < 3) {
      const [data, ancdata, flags] = (await both(mode, a).recvmsg(10, CMSG_SPACE(64), MSG_ERRQUEUE)) as [
        Buffer,
        Ancillary[],
        number,
        unknown,
      ];
      expect([data.length, flags & MSG_ERRQUEUE]).toEqual([0, MSG_ERRQUEUE]);
      const { first, last, copied } = zerocopyCompletion(ancdata)!;
      expect(copied).toBe(true);
      for (let number = first; number <= last; number++) done.add(number);
    }
    expect([...done]).toEqual([0, 1, 2]);
    // A batch takes many of them with one call.
    a.sendmmsg(['4', '5'], MSG_ZEROCOPY);
    const batch = new MessageBatch<number>(4, 0, { ancbufsize: CMSG_SPACE(64) });
    expect(await both(mode, a).recvmmsg(batch, MSG_ERRQUEUE)).toBeGreaterThan(0);
    expect(zerocopyCompletion(batch.ancdata(0))).toMatchObject({ first: 3, copied: true });
  });

  test('ancillary data about something else is none', () => {
    expect(zerocopyCompletion([])).toBe(null);
    expect(zerocopyCompletion([[SOL_SOCKET, 1, Buffer.alloc(4)]])).toBe(null);
    expect(zerocopyCompletion([[SOL_IP, IP_RECVERR, Buffer.alloc(32)]])).toBe(null);
  });
});
