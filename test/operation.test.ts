/**
 * Where try-and-wait is not what the kernel's blocking call does: a socket without a timeout owes its caller what the
 * kernel would have done. Here: how much a call takes; see operation-waits.test.ts for what ends a wait, and
 * connecting.test.ts and socket-datagram.test.ts for full backlogs and receivers.
 */
import {
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  SO_RCVLOWAT,
  SOL_SOCKET,
  socketpair,
  TimeoutError,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  type AnySocket,
  both,
  describeMatrix,
  type Family,
  failure,
  families,
  inet,
  modes,
  pair,
  unixPath,
} from './support.ts';
import { receive, receivers } from './waiting.ts';

const streams = [inet, unixPath];
const present = families.filter(({ missing }) => missing === undefined);

/** Unix sockets have urgent data since Linux 5.15, where the kernel was made with it. */
function whyNoUrgentData(family: Family): string | undefined {
  if (family === inet) return undefined;
  const [a, b] = socketpair();
  try {
    a.send('!', MSG_OOB);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    a.close();
    b.close();
  }
}

describeMatrix(streams, (family, mode) => {
  const noUrgentData = whyNoUrgentData(family);
  const urgent = noUrgentData ? ` (${noUrgentData})` : '';

  describe.each(receivers)('%s with MSG_WAITALL', (call) => {
    test('waits for all', async () => {
      const [client, server] = pair(family);
      await peer(client, (other, { blocked }) => {
        for (const text of ['ab', 'cde', 'fgh+']) {
          other.send(text);
          blocked();
        }
      });
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('abcdefgh');
      expect(String(server.recv(10))).toBe('+');
    });

    test('ends at the end of the stream, with what has come', async () => {
      const [client, server] = pair(family);
      await peer(client, (other, { blocked }) => {
        other.send('ab');
        blocked();
        other.send('cde');
        blocked();
      });
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('abcde');
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('');
    });

    test('is cut short by a timeout, by MSG_DONTWAIT and on a non-blocking socket', async () => {
      const [client, server] = pair(family);
      client.send('ab');
      expect(await receive[call](mode, server, 8, MSG_WAITALL | MSG_DONTWAIT)).toBe('ab');
      server.settimeout(10);
      client.send('abc');
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('abc');
      server.settimeout(0);
      client.send('abcd');
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('abcd');
    });

    test.skipIf(noUrgentData)(`ends at the mark of urgent data${urgent}`, async () => {
      const [client, server] = pair(family);
      client.send('abc');
      client.send('!', MSG_OOB);
      client.send('def');
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('abc');
      expect(String(server.recv(1, MSG_OOB))).toBe('!');
      expect(await receive[call](mode, server, 3, MSG_WAITALL)).toBe('def');
    });

    test.skipIf(noUrgentData)(`ends at a mark that comes while it waits${urgent}`, async () => {
      const [client, server] = pair(family);
      await peer(client, (other, { blocked, library }) => {
        other.send('abc');
        blocked();
        other.send('!', library.MSG_OOB);
        other.send('def');
        blocked();
      });
      expect(await receive[call](mode, server, 8, MSG_WAITALL)).toBe('abc');
    });

    test('with MSG_PEEK: all are awaited, none is taken', async () => {
      const [client, server] = pair(family);
      // In the kernel, too, a peek at a Unix socket waits for no more than it finds.
      if (family === unixPath) {
        client.send('abc');
        expect(await receive[call](mode, server, 6, MSG_WAITALL | MSG_PEEK)).toBe('abc');
        client.send('def');
      } else {
        await peer(client, (other, { blocked }) => {
          other.send('abc');
          blocked();
          other.send('def');
        });
      }
      expect(await receive[call](mode, server, 6, MSG_WAITALL | MSG_PEEK)).toBe('abcdef');
      expect(await receive[call](mode, server, 6, MSG_WAITALL)).toBe('abcdef');
    });
  });
});

describe.each(modes)('blocking sends on a stream, %s', (mode) => {
  const SIZE = 5_000_000;

  async function counting(sock: AnySocket) {
    return peer(sock, (server) => {
      let total = 0;
      for (;;) {
        const { length } = server.recv(1 << 20);
        if (length === 0) return total;
        total += length;
      }
    });
  }

  test.each(present)('send takes all of it: $name', async (family) => {
    const [client, server] = pair(family);
    const reader = await counting(server);
    expect(await both(mode, client).send(Buffer.alloc(SIZE))).toBe(SIZE);
    client.close();
    expect(await reader.done).toBe(SIZE);
  });

  test('so does sendto, which has no use for the address', async () => {
    const [client, server] = pair(inet);
    const reader = await counting(server);
    expect(await both(mode, client).sendto(Buffer.alloc(SIZE), 0, ['127.0.0.1', 9])).toBe(SIZE);
    client.close();
    expect(await reader.done).toBe(SIZE);
  });

  test.each(streams)('with a timeout it is a part: $name', async (family) => {
    const [client] = pair(family);
    client.settimeout(30);
    const sent = await both(mode, client).send(Buffer.alloc(SIZE * 4));
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(SIZE * 4);
  });

  test.each(streams)('MSG_DONTWAIT makes it a part: $name', async (family) => {
    const [client] = pair(family);
    const sent = await both(mode, client).send(Buffer.alloc(SIZE * 4), MSG_DONTWAIT);
    expect(sent).toBeLessThan(SIZE * 4);
    const error = await failure(async () => {
      for (;;) await both(mode, client).send('x'.repeat(10_000), MSG_DONTWAIT);
    });
    expect(error).toMatchObject({ name: 'BlockingIOError', code: 'EAGAIN', syscall: 'send' });
  });

  test.each(streams)(
    'a peer that resets in the middle: what was sent counts, then the error: $name',
    async (family) => {
      const [client, server] = pair(family);
      await peer(server, (sock) => sock.recv(1000));
      const sent = await both(mode, client).send(Buffer.alloc(SIZE * 4));
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThan(SIZE * 4);
      const error = await failure(() => both(mode, client).send('x'));
      expect(['EPIPE', 'ECONNRESET']).toContain(error.code);
    },
  );

  describe.each(streams)('a peer that answers and closes while a send is blocked: $name', (family) => {
    async function cutShort() {
      const [client, server] = pair(family);
      await peer(server, (sock) => {
        sock.recv(1000);
        sock.send('reply');
      });
      const sent = await both(mode, client).send(Buffer.alloc(SIZE * 4));
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThan(SIZE * 4);
      return client;
    }

    test('what it said can still be received', async () => {
      const client = await cutShort();
      expect(String(await both(mode, client).recv(100))).toBe('reply');
      // Its reset comes after it; a Unix socket may have told the send already.
      const after = await both(mode, client)
        .recv(100)
        .catch((error) => error.code);
      if (family === inet) expect(after).toBe('ECONNRESET');
      else expect(['', 'ECONNRESET']).toContain(String(after));
    });

    test('the next send has the error', async () => {
      const client = await cutShort();
      const code = family === inet ? 'ECONNRESET' : 'EPIPE';
      await expect(both(mode, client).send('x')).rejects.toMatchObject({ code, syscall: 'send' });
      await expect(both(mode, client).send('x')).rejects.toMatchObject({ code: 'EPIPE' });
      expect(String(await both(mode, client).recv(100))).toBe('reply');
    });
  });
});

describe.each(modes)('SO_RCVLOWAT, %s', (mode) => {
  function low(family = inet) {
    const [client, server] = pair(family);
    server.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 6);
    client.send('ab');
    return [client, server] as const;
  }

  test.each(receivers)('a blocking %s waits for so many bytes', async (call) => {
    const [client, server] = low();
    await peer(client, (other) => other.send('cdefgh'));
    expect(await receive[call](mode, server, 100)).toBe('abcdefgh');
  });

  test.each(receivers)('so does a %s with MSG_PEEK', async (call) => {
    const [client, server] = low();
    await peer(client, (other, { blocked }) => {
      other.send('cdefgh');
      blocked();
    });
    expect(await receive[call](mode, server, 100, MSG_PEEK)).toBe('abcdefgh');
  });

  test.each(receivers)('a %s with MSG_PEEK takes what there is on a Unix socket', async (call) => {
    const [, server] = low(unixPath);
    expect(await receive[call](mode, server, 100, MSG_PEEK)).toBe('ab');
  });

  test('fewer are asked for', async () => {
    const [, server] = low();
    expect(await receive.recv(mode, server, 2)).toBe('ab');
  });

  test('fewer are asked for, after a receive that left nothing behind', async () => {
    const [client, server] = low();
    expect(await receive.recv(mode, server, 5)).toBe('ab');
    client.send('cd');
    expect(await receive.recv(mode, server, 1)).toBe('c');
  });

  test.each([100, 1])('with a timeout, too, for at most %d bytes', async (size) => {
    const [, server] = low();
    server.settimeout(0.05);
    await expect(receive.recv(mode, server, size)).rejects.toThrow(TimeoutError);
  });

  test.each(receivers)('a non-blocking %s takes what there is', async (call) => {
    const [, server] = low();
    server.settimeout(0);
    expect(await receive[call](mode, server, 100)).toBe('ab');
  });
});
