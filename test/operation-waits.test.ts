/**
 * What ends a wait, where try-and-wait is not what the kernel's blocking call does: the kernel's own timeouts, a
 * pending error queue, a shutdown.
 */
import {
  BlockingIOError,
  ConnectionRefusedError,
  IP_RECVERR,
  IPPROTO_IP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_WAITALL,
  SHUT_RD,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOL_SOCKET,
  TimeoutError,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  type AnySocket,
  both,
  bound,
  elapsed,
  failure,
  fill,
  inet,
  listening,
  modes,
  name,
  open,
  pair,
  unixPath,
} from './support.ts';
import { receive, receivers } from './waiting.ts';

const streams = [inet, unixPath];

/** A struct timeval. */
function timeval(milliseconds: number): BigInt64Array {
  return BigInt64Array.of(BigInt(Math.floor(milliseconds / 1000)), BigInt((milliseconds % 1000) * 1000));
}

describe.each(modes)('SO_RCVTIMEO and SO_SNDTIMEO, %s', (mode) => {
  const WAIT = 60;

  const calls: [string, 'receive' | 'send', (sock: AnySocket) => Promise<unknown>][] = [
    ...receivers.map(
      (call) =>
        [call, 'receive', (sock: AnySocket) => receive[call](mode, sock, 9)] as [string, 'receive', never],
    ),
    ['recv of all', 'receive', (sock) => both(mode, sock).recv(9, MSG_WAITALL)],
    ['send', 'send', (sock) => both(mode, sock).send('x')],
    ['sendall', 'send', (sock) => both(mode, sock).sendall('x')],
  ];

  test.each(calls)('%s fails with EAGAIN when the time is over', async (_name, direction, call) => {
    const [client] = pair(unixPath);
    client.setsockopt(SOL_SOCKET, direction === 'send' ? SO_SNDTIMEO : SO_RCVTIMEO, timeval(WAIT));
    fill(client);
    let error: unknown;
    const time = await elapsed(async () => {
      error = await failure(() => call(client));
    });
    expect(error).toBeInstanceOf(BlockingIOError);
    expect(error).toMatchObject({ code: 'EAGAIN' });
    expect(time).toBeGreaterThanOrEqual(WAIT - 1);
  });

  test('accept', async () => {
    const server = listening(inet);
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(WAIT));
    await expect(both(mode, server).accept()).rejects.toThrow(BlockingIOError);
  });

  test('a partial send and a partial recv of all return what they did', async () => {
    const [client, server] = pair(unixPath);
    client.setsockopt(SOL_SOCKET, SO_SNDTIMEO, timeval(WAIT));
    const sent = await both(mode, client).send(Buffer.alloc(5_000_000));
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(5_000_000);
    client.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(WAIT));
    server.send('abc');
    expect(String(await both(mode, client).recv(9, MSG_WAITALL))).toBe('abc');
  });

  test.each(receivers)('%s returns what has arrived, where that is less than SO_RCVLOWAT', async (call) => {
    const [client, server] = pair(inet);
    server.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 9);
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(WAIT));
    client.send('abc');
    expect(await receive[call](mode, server, 100)).toBe('abc');
    await expect(receive[call](mode, server, 100)).rejects.toThrow(BlockingIOError);
  });

  test('a timeout of the socket comes before them', async () => {
    const [client] = pair(unixPath);
    client.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(3_600_000));
    client.settimeout(0.02);
    await expect(both(mode, client).recv(1)).rejects.toThrow(TimeoutError);
  });

  test('a connection inherits them, and so does a socket over the same descriptor', async () => {
    const server = listening(inet);
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(WAIT));
    const client = open(inet);
    client.connect(name(server));
    const [connection] = server.accept();
    const copy = connection.dup();
    await expect(both(mode, connection).recv(1)).rejects.toThrow(BlockingIOError);
    await expect(both(mode, copy).recv(1)).rejects.toThrow(BlockingIOError);
    connection.close();
    copy.close();
  });

  test('set through a duplicate, they count for both and for their connections', async () => {
    const server = listening(inet);
    using other = server.dup();
    other.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(WAIT));
    await expect(both(mode, server).accept()).rejects.toThrow(BlockingIOError);
    const client = open(inet);
    client.connect(name(server));
    using connection = server.accept()[0];
    await expect(both(mode, connection).recv(1)).rejects.toThrow(BlockingIOError);
  });

  test('zero switches them off', async () => {
    const [client, server] = pair(inet);
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(1));
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(0));
    await peer(client, (other) => other.send('late'));
    expect(String(await both(mode, server).recv(9))).toBe('late');
  });
});

describe.each(modes)('a shut down datagram socket, %s', (mode) => {
  describe.each(streams)('$name', (family) => {
    test.each(receivers)('%s has nothing to wait for', async (call) => {
      const [sock] = pair(family, SOCK_DGRAM);
      sock.shutdown(SHUT_RD);
      expect(await receive[call](mode, sock, 10)).toBe('');
      expect(await both(mode, sock).recvfrom(10)).toEqual([Buffer.alloc(0), null]);
    });

    test('what arrived before is there', async () => {
      const [sock, other] = pair(family, SOCK_DGRAM);
      other.send('before');
      sock.shutdown(SHUT_RD);
      expect(await receive.recv(mode, sock, 10)).toBe('before');
      expect(await receive.recv(mode, sock, 10)).toBe('');
    });

    test('a wait ends', async () => {
      const [sock] = pair(family, SOCK_DGRAM);
      await peer(sock.dup(), (copy, { library }) => copy.shutdown(library.SHUT_RD));
      expect(await receive.recv(mode, sock, 10)).toBe('');
    });

    test('with a timeout it is waited for all the same, as in Python', async () => {
      const [sock] = pair(family, SOCK_DGRAM);
      sock.shutdown(SHUT_RD);
      sock.settimeout(0.02);
      await expect(receive.recv(mode, sock, 10)).rejects.toThrow(TimeoutError);
    });
  });
});

describe.each(modes)('a pending error queue, %s', (mode) => {
  const WAIT = 300;

  /** A UDP socket with one error in its queue, which has been reported to nobody or to somebody. */
  async function withError(): Promise<AnySocket> {
    const gone = bound(inet, SOCK_DGRAM);
    const address = name(gone);
    gone.close();
    const sock = bound(inet, SOCK_DGRAM);
    sock.setsockopt(IPPROTO_IP, IP_RECVERR, 1);
    sock.sendto('x', address);
    await expect(both(mode, sock).recv(10)).rejects.toThrow(ConnectionRefusedError);
    return sock;
  }

  test('does not make a wait spin', async () => {
    const sock = await withError();
    sock.settimeout(WAIT / 1000);
    const before = process.cpuUsage();
    const time = await elapsed(() => expect(both(mode, sock).recv(10)).rejects.toThrow(TimeoutError));
    const { user, system } = process.cpuUsage(before);
    expect(time).toBeGreaterThanOrEqual(WAIT - 1);
    expect((user + system) / 1000).toBeLessThan(WAIT / 2);
  });

  test('does not keep a datagram from being received', async () => {
    const sock = await withError();
    const address = name(sock);
    await peer(open(inet, SOCK_DGRAM), (other, { args }) => other.sendto('hello', args), address);
    expect(String(await both(mode, sock).recv(10))).toBe('hello');
  });

  test('MSG_ERRQUEUE hands out the datagram that failed', async () => {
    const sock = await withError();
    expect(String(await both(mode, sock).recv(10, MSG_ERRQUEUE))).toBe('x');
    await expect(both(mode, sock).recv(10, MSG_ERRQUEUE | MSG_DONTWAIT)).rejects.toThrow(BlockingIOError);
  });
});

test('MSG_ERRQUEUE waits for the error queue where there is a timeout', async () => {
  const gone = bound(inet, SOCK_DGRAM);
  const address = name(gone);
  gone.close();
  const sock = open(inet, SOCK_DGRAM);
  sock.setsockopt(IPPROTO_IP, IP_RECVERR, 1);
  sock.settimeout(10);
  const error = sock.recvAsync(10, MSG_ERRQUEUE);
  sock.sendto('late', address);
  expect(String(await error)).toBe('late');
});
