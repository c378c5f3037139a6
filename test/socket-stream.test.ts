/** Streams of every family, every call in both forms: what arrives, from whom, and how a stream ends. */
import {
  BrokenPipeError,
  ConnectionRefusedError,
  ConnectionResetError,
  EPIPE,
  MSG_PEEK,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  type AnySocket,
  both,
  bound,
  describeMatrix,
  families,
  inet,
  keep,
  listening,
  modes,
  name,
  open,
  pair,
  pattern,
} from './support.ts';

/** All bytes up to the end of the stream. */
async function drain(sock: AnySocket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of sock.chunks()) parts.push(part);
  return Buffer.concat(parts);
}

describeMatrix(families, (family, mode) => {
  describe('accept and connect', () => {
    test('accept hands out the connection and the address of its peer', async () => {
      const server = listening(family);
      const client = bound(family);
      client.connect(name(server));
      const [connection, address] = await both(mode, server).accept();
      keep(connection);
      expect(address).toEqual(client.getsockname());
      expect(connection.getpeername()).toEqual(client.getsockname());
      expect(connection.getsockname()).toEqual(server.getsockname());
      expect(client.getpeername()).toEqual(server.getsockname());
      expect([connection.family, connection.type, connection.proto]).toEqual([
        family.family,
        SOCK_STREAM,
        server.proto,
      ]);
      expect(connection.constructor).toBe(Socket);
    });

    if (family.unix) {
      test("the address of a client without a name is ''", async () => {
        const server = listening(family);
        open(family).connect(name(server));
        const [connection, address] = await both(mode, server).accept();
        expect([address, keep(connection).getpeername()]).toEqual(['', '']);
      });
    }

    test('accept waits for a client', async () => {
      const server = listening(family);
      const client = await peer(
        open(family),
        (sock, { args }) => {
          sock.connect(args);
          return sock.getsockname();
        },
        name(server),
      );
      const [connection, address] = await both(mode, server).accept();
      keep(connection);
      const expected = await client.done;
      expect(address).toEqual(expected);
    });

    test('connect makes a connection', async () => {
      const server = listening(family);
      const client = open(family);
      await expect(both(mode, client).connect(name(server))).resolves.toBeUndefined();
      const [connection] = server.accept();
      keep(connection).send('hello');
      expect(String(await both(mode, client).recv(10))).toBe('hello');
    });

    test('connect to an address where nobody listens', async () => {
      const closed = bound(family);
      const address = name(closed);
      closed.close();
      const client = open(family);
      const refusal = expect.objectContaining({ syscall: 'connect' });
      await expect(both(mode, client).connect(address)).rejects.toThrow(refusal);
      if (family.name !== 'AF_UNIX path') {
        const again = both(mode, open(family)).connect(address);
        await expect(again).rejects.toThrow(ConnectionRefusedError);
      }
    });
  });

  describe('bytes', () => {
    test('recv returns exactly those that are there', async () => {
      const [client, server] = pair(family);
      client.send(Buffer.from([0, 1, 254, 255]));
      expect(await both(mode, server).recv(100)).toEqual(Buffer.from([0, 1, 254, 255]));
      client.send('abcdef');
      expect(String(await both(mode, server).recv(4))).toBe('abcd');
      expect(String(await both(mode, server).recv(4))).toBe('ef');
    });

    test('recv waits for bytes', async () => {
      const [client, server] = pair(family);
      const other = await peer(client, (sock, { blocked }) => {
        sock.send('one');
        blocked();
        return sock.send('two!');
      });
      let received = '';
      // In how many parts it comes is up to the two threads.
      while (received.length < 7) received += await both(mode, server).recv(100);
      expect(received).toBe('onetwo!');
      expect(await other.done).toBe(4);
    });

    test('recvfrom gives the bytes, and no address where the peer has none', async () => {
      const [client, server] = pair(family);
      client.send('abc');
      expect(await both(mode, server).recvfrom(100)).toEqual([Buffer.from('abc'), null]);
      // A Unix stream does have one, where its peer was bound to it.
      server.send('def');
      const address = family.unix ? server.getsockname() : null;
      expect(await both(mode, client).recvfrom(100)).toEqual([Buffer.from('def'), address]);
    });

    test('recvInto and recvfromInto receive into the memory given and nowhere else', async () => {
      const [client, server] = pair(family);
      client.send('abcdefgh');
      const memory = Buffer.from('..........');
      expect(await both(mode, server).recvInto(memory.subarray(2, 5))).toBe(3);
      expect(String(memory)).toBe('..abc.....');
      expect(await both(mode, server).recvfromInto(memory.subarray(6), 2)).toEqual([2, null]);
      expect(String(memory)).toBe('..abc.de..');
      expect(await both(mode, server).recvInto(memory, 0)).toBe(3);
      expect(String(memory)).toBe('fghbc.de..');
    });

    test('send and sendall take bytes in every form', async () => {
      const [client, server] = pair(family);
      const shared = new SharedArrayBuffer(2);
      new Uint8Array(shared).set([5, 6]);
      const forms = [
        'é',
        Buffer.from([1]),
        new Uint8Array([9, 2, 9]).subarray(1, 2),
        new Uint16Array([0x0403]),
        new DataView(Uint8Array.of(9, 7, 8).buffer, 1),
        Uint8Array.of(10, 11).buffer,
        shared,
      ];
      const expected = [0xc3, 0xa9, 1, 2, 3, 4, 7, 8, 10, 11, 5, 6];
      for (const form of forms) await both(mode, client).send(form);
      for (const form of forms) await both(mode, client).sendall(form);
      expect([...server.recv(100)]).toEqual([...expected, ...expected]);
    });

    test('send returns how many bytes were sent, sendall nothing', async () => {
      const [client] = pair(family);
      expect(await both(mode, client).send('abcde')).toBe(5);
      expect(await both(mode, client).send('')).toBe(0);
      expect(await both(mode, client).sendall('abcde')).toBe(undefined);
      expect(await both(mode, client).sendall('')).toBe(undefined);
    });

    test('sendall gets everything over to a slow reader, in order', async () => {
      const [client, server] = pair(family);
      const reader = await peer(server, (sock, { blocked }) => {
        const parts: Buffer[] = [];
        for (let turn = 0; ; turn++) {
          if (turn < 5) blocked();
          const part = sock.recv(100_000);
          if (part.length === 0) return Buffer.concat(parts);
          parts.push(part);
        }
      });
      const data = pattern(3_000_000);
      await both(mode, client).sendall(data);
      client.close();
      expect(data.equals(await reader.done)).toBe(true);
    });
  });

  test('without a connection there is nothing to receive and nobody to send to', async () => {
    const calls = both(mode, open(family));
    const [receiving, sending] = family.unix ? ['EINVAL', 'ENOTCONN'] : ['ENOTCONN', 'EPIPE'];
    await expect(calls.recv(1)).rejects.toMatchObject({ code: receiving, syscall: 'recv' });
    await expect(calls.recvfrom(1)).rejects.toMatchObject({ code: receiving, syscall: 'recvfrom' });
    await expect(calls.send('x')).rejects.toMatchObject({ code: sending, syscall: 'send' });
    await expect(calls.sendall('x')).rejects.toMatchObject({ code: sending, syscall: 'send' });
    await expect(both(mode, listening(family)).recv(1)).rejects.toMatchObject({ code: receiving });
  });

  describe('the end', () => {
    test('a closed peer ends the stream, again and again', async () => {
      const [client, server] = pair(family);
      client.send('last');
      client.close();
      const calls = both(mode, server);
      expect(String(await calls.recv(100))).toBe('last');
      expect(await calls.recv(100)).toEqual(Buffer.alloc(0));
      expect(await calls.recv(100)).toEqual(Buffer.alloc(0));
      expect(await calls.recvInto(Buffer.alloc(1))).toBe(0);
      expect(await calls.recvfrom(100)).toEqual([Buffer.alloc(0), null]);
      expect(await calls.recvfromInto(Buffer.alloc(1))).toEqual([0, null]);
    });

    test('the end wakes a waiting recv', async () => {
      const [client, server] = pair(family);
      await peer(client, () => {});
      expect(await both(mode, server).recv(100)).toHaveLength(0);
    });

    test('shutdown(SHUT_WR) ends one direction', async () => {
      const [client, server] = pair(family);
      client.shutdown(SHUT_WR);
      expect(await both(mode, server).recv(10)).toHaveLength(0);
      const error = expect.objectContaining({ errno: EPIPE, code: 'EPIPE', syscall: 'send' });
      await expect(both(mode, client).send('x')).rejects.toThrow(error);
      await expect(both(mode, client).sendall('x')).rejects.toThrow(BrokenPipeError);
      await both(mode, server).sendall('answer');
      expect(String(await both(mode, client).recv(10))).toBe('answer');
    });

    test('shutdown(SHUT_RD) and SHUT_RDWR end the other and both', async () => {
      const [client, server] = pair(family);
      client.shutdown(SHUT_RD);
      expect(await both(mode, client).recv(10)).toHaveLength(0);
      server.shutdown(SHUT_RDWR);
      expect(await both(mode, server).recv(10)).toHaveLength(0);
      await expect(both(mode, server).send('x')).rejects.toThrow(BrokenPipeError);
    });

    test('a shutdown by somebody else wakes a waiting recv', async () => {
      const [client, server] = pair(family);
      await peer(server.dup(), (sock, { library }) => sock.shutdown(library.SHUT_RDWR));
      expect(await both(mode, server).recv(10)).toHaveLength(0);
      expect(await both(mode, client).recv(10)).toHaveLength(0);
    });

    test('a shutdown by somebody else wakes a waiting accept', async () => {
      const server = listening(family);
      await peer(server.dup(), (sock, { library }) => sock.shutdown(library.SHUT_RDWR));
      const error = expect.objectContaining({ code: 'EINVAL', syscall: 'accept' });
      await expect(both(mode, server).accept()).rejects.toThrow(error);
    });

    test('sending to a closed peer breaks the pipe', async () => {
      const [client, server] = pair(family);
      server.close();
      const send = async () => {
        // TCP learns of it from the answer to the first bytes.
        for (;;) await both(mode, client).send('x');
      };
      await expect(send()).rejects.toThrow(BrokenPipeError);
    });

    test('unread bytes make a close a reset', async () => {
      const [client, server] = pair(family);
      client.send('never read');
      // Of TCP's two ways to hear of it, this is the one without data behind it.
      while (server.recv(100, MSG_PEEK).length < 10);
      server.close();
      await expect(both(mode, client).recv(10)).rejects.toThrow(ConnectionResetError);
    });
  });
});

describe.each(modes)('sequenced packets, %s', (mode) => {
  describe.each(families.filter(({ unix }) => unix))('$name', (family) => {
    test('keep their boundaries, are cut to the size asked for, and have no address', async () => {
      const [client, server] = pair(family, SOCK_SEQPACKET);
      expect(await both(mode, client).send('hello')).toBe(5);
      await both(mode, client).sendall('second');
      await both(mode, client).send('third');
      expect(String(await both(mode, server).recv(3))).toBe('hel');
      expect(String(await both(mode, server).recv(100))).toBe('second');
      const [data, address] = await both(mode, server).recvfrom(100);
      expect([String(data), address]).toEqual(['third', null]);
      client.close();
      expect(await both(mode, server).recv(100)).toHaveLength(0);
    });
  });
});

test('both ends in one thread, many messages each way at once', async () => {
  const [client, server] = pair(inet);
  const [forth, back] = [pattern(2_000_000), pattern(1_500_000)];
  const talk = async (sock: AnySocket, data: Buffer) => {
    const received = drain(sock);
    await sock.sendallAsync(data);
    sock.shutdown(SHUT_WR);
    return received;
  };
  const [answers, questions] = await Promise.all([talk(client, forth), talk(server, back)]);
  expect(answers.equals(back) && questions.equals(forth)).toBe(true);
});
