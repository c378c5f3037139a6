/** connect and connectEx, both forms: the errno of each outcome, names, backlogs, and connections in the making. */
import {
  BlockingIOError,
  ConnectionRefusedError,
  ConnectionResetError,
  close,
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  EINPROGRESS,
  EISCONN,
  ENOENT,
  FileNotFoundError,
  gaierror,
  IPPROTO_TCP,
  MSG_PEEK,
  OSError,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ERROR,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOL_SOCKET,
  TCP_INFO,
  TimeoutError,
} from 'bsd-socket';
import { getNonblocking, setNonblocking } from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  both,
  bound,
  describeMatrix,
  elapsed,
  type Family,
  failure,
  fullBacklog,
  inet,
  keep,
  listening,
  modes,
  name,
  noSuchHost,
  open,
  path,
  unixPath,
} from './support.ts';

/** An address of the family at which nobody listens. */
// biome-ignore lint/suspicious/noExplicitAny: each family has a form of its own.
function deserted(family: Family): any {
  const sock = bound(family);
  const address = sock.getsockname();
  sock.close();
  return address;
}

describeMatrix([inet, unixPath], (family, mode) => {
  describe('connectEx', () => {
    test('is 0 for success, EISCONN for a second time', async () => {
      const server = listening(family);
      const calls = both(mode, open(family));
      expect(await calls.connectEx(name(server))).toBe(0);
      expect(await calls.connectEx(name(server))).toBe(EISCONN);
      const error = expect.objectContaining({ code: 'EISCONN', errno: EISCONN, syscall: 'connect' });
      await expect(calls.connect(name(server))).rejects.toThrow(error);
    });

    test('is ECONNREFUSED where nobody listens', async () => {
      expect(await both(mode, open(family)).connectEx(deserted(family))).toBe(ECONNREFUSED);
      const error = await failure(() => both(mode, open(family)).connect(deserted(family)));
      expect(error).toBeInstanceOf(ConnectionRefusedError);
      expect(error).toMatchObject({ errno: ECONNREFUSED, code: 'ECONNREFUSED', syscall: 'connect' });
    });

    test('is EBADF on a closed socket', async () => {
      const sock = open(family);
      sock.close();
      expect(await both(mode, sock).connectEx(deserted(family))).toBe(EBADF);
    });

    test('of a datagram socket is 0', async () => {
      const sock = open(family, SOCK_DGRAM);
      const target = bound(family, SOCK_DGRAM);
      expect(await both(mode, sock).connectEx(name(target))).toBe(0);
      expect(sock.getpeername()).toEqual(target.getsockname());
    });

    test('is EAGAIN when the timeout is over, where connect is a TimeoutError', async () => {
      const { server } = fullBacklog(family);
      for (const call of ['connectEx', 'connect'] as const) {
        const sock = open(family);
        sock.settimeout(0.05);
        let outcome: unknown;
        const time = await elapsed(async () => {
          outcome = await both(mode, sock)
            [call](name(server))
            .catch((error: unknown) => error);
        });
        if (call === 'connectEx') expect(outcome).toBe(EAGAIN);
        else expect(outcome).toBeInstanceOf(TimeoutError);
        expect(time).toBeGreaterThanOrEqual(49);
      }
    });

    test('throws what is no errno of connect(2)', async () => {
      const calls = both(mode, open(family));
      await expect(calls.connectEx(5 as never)).rejects.toThrow(TypeError);
      if (family.unix) return;
      await expect(calls.connectEx(['127.0.0.1', 65536] as never)).rejects.toThrow(RangeError);
      await expect(calls.connectEx([noSuchHost, 80])).rejects.toThrow(gaierror);
      await expect(calls.connect([noSuchHost, 80])).rejects.toThrow(gaierror);
    });
  });

  test('a full backlog makes connect wait for room', async () => {
    const { server, queued } = fullBacklog(family);
    const address = name(server);
    const room = await peer(
      server,
      (other, { args }) => {
        for (let left = args + 1; left > 0; left--) other.accept()[0].close();
      },
      queued,
    );
    await both(mode, open(family)).connect(address);
    await room.done;
  });
});

describe.each(modes)('the wait for room in a Unix backlog, %s', (mode) => {
  const WAIT = 300;

  test('does not spin', async () => {
    const { server, queued } = fullBacklog(unixPath);
    const sock = open(unixPath);
    sock.settimeout(WAIT / 1000);
    const before = process.cpuUsage();
    const time = await elapsed(() =>
      expect(both(mode, sock).connect(name(server))).rejects.toThrow(TimeoutError),
    );
    const { user, system } = process.cpuUsage(before);
    expect(time).toBeGreaterThanOrEqual(WAIT - 1);
    expect((user + system) / 1000).toBeLessThan(WAIT / 2);
    // Nothing has begun: once there is room, the socket is as good as new.
    for (let left = queued; left > 0; left--) server.accept()[0].close();
    await both(mode, sock).connect(name(server));
  });

  test('SO_SNDTIMEO limits it', async () => {
    const { server } = fullBacklog(unixPath);
    const sock = open(unixPath);
    sock.setsockopt(SOL_SOCKET, SO_SNDTIMEO, BigInt64Array.of(0n, 50_000n));
    await expect(both(mode, sock).connect(name(server))).rejects.toThrow(BlockingIOError);
    expect(await both(mode, sock).connectEx(name(server))).toBe(EAGAIN);
  });
});

describe('a non-blocking socket', () => {
  test('connectEx is EINPROGRESS, and the outcome comes later', async () => {
    const server = listening(inet);
    const sock = open(inet);
    sock.setblocking(false);
    expect(sock.connectEx(name(server))).toBe(EINPROGRESS);
    await sock.sendallAsync('made it');
    expect(sock.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    const [connection] = server.accept();
    expect(String(connection.recv(100))).toBe('made it');
    connection.close();

    const refused = open(inet);
    refused.setblocking(false);
    expect(refused.connectEx(deserted(inet))).toBe(EINPROGRESS);
    await expect(refused.recvAsync(1)).rejects.toThrow(ConnectionRefusedError);
  });

  test('connect throws BlockingIOError: EINPROGRESS, EALREADY while it is being made', () => {
    const { server } = fullBacklog(inet);
    const sock = open(inet);
    sock.setblocking(false);
    const error = (code: string) => expect.objectContaining({ name: 'BlockingIOError', code });
    expect(() => sock.connect(name(server))).toThrow(error('EINPROGRESS'));
    expect(() => sock.connect(name(server))).toThrow(error('EALREADY'));
  });

  test('a full Unix backlog is EAGAIN', () => {
    const { server } = fullBacklog(unixPath);
    const sock = open(unixPath);
    sock.setblocking(false);
    expect(sock.connectEx(name(server))).toBe(EAGAIN);
    expect(() => sock.connect(name(server))).toThrow(BlockingIOError);
  });

  test.each([inet, unixPath])('connectAsync waits all the same: $name', async (family) => {
    const server = listening(family);
    const sock = open(family);
    sock.setblocking(false);
    await sock.connectAsync(name(server));
    expect(sock.getpeername()).toEqual(server.getsockname());
    const other = open(family);
    other.setblocking(false);
    expect(await other.connectExAsync(deserted(family))).toBe(ECONNREFUSED);
  });
});

test.each([null, 0])('connectAsync joins in with a connection in the making: timeout %s', async (timeout) => {
  const { server, queued } = fullBacklog(inet);
  const sock = open(inet);
  sock.setblocking(false);
  expect(sock.connectEx(name(server))).toBe(EINPROGRESS);
  sock.settimeout(timeout);
  const joined = sock.connectAsync(name(server));
  for (let left = queued; left > 0; left--) server.accept()[0].close();
  await joined;
  expect(await sock.connectExAsync(name(server))).toBe(EISCONN);
});

test('a refusal that has been waited for leaves the socket as good as new', async () => {
  // More than are tried a second time at once.
  const sockets = Array.from({ length: 40 }, () => open(inet));
  const address = deserted(inet);
  for (let time = 0; time < 2; time++) {
    const outcomes = await Promise.all(sockets.map((sock) => sock.connectExAsync(address)));
    expect(outcomes).toEqual(sockets.map(() => ECONNREFUSED));
  }
  const server = listening(inet);
  await sockets.at(-1)!.connectAsync(name(server));
});

describe.each(modes)('%s', (mode) => {
  test('after a timeout the connection is still in the making', async () => {
    const { server } = fullBacklog(inet);
    const sock = open(inet);
    sock.settimeout(0.02);
    await expect(both(mode, sock).connect(name(server))).rejects.toThrow(TimeoutError);
    const error = expect.objectContaining({ name: 'BlockingIOError', code: 'EALREADY' });
    await expect(both(mode, sock).connect(name(server))).rejects.toThrow(error);
  });

  test('a blocking connect joins in with a connection in the making', async () => {
    const server = listening(inet);
    const sock = open(inet);
    sock.setblocking(false);
    expect(sock.connectEx(name(server))).toBe(EINPROGRESS);
    sock.setblocking(true);
    const outcome = await both(mode, sock).connectEx(name(server));
    // It may have been made meanwhile.
    expect([0, EISCONN]).toContain(outcome);
    expect(sock.getpeername()).toEqual(server.getsockname());
  });

  test.each([SHUT_RD, SHUT_WR, SHUT_RDWR])('shutdown(%i) ends a connection in the making', async (how) => {
    const { server } = fullBacklog(inet);
    const sock = open(inet);
    const state = () => sock.getsockopt(IPPROTO_TCP, TCP_INFO, 1)[0];
    const SYN_SENT = 2;
    const CLOSED = 7;
    const other = await peer(
      sock.dup(),
      (same, { library, args }) => {
        const { IPPROTO_TCP, TCP_INFO } = library;
        while (same.getsockopt(IPPROTO_TCP, TCP_INFO, 1)[0] !== args.state);
        same.shutdown(args.how);
      },
      { how, state: SYN_SENT },
    );
    await expect(both(mode, sock).connect(name(server))).rejects.toThrow(ConnectionResetError);
    await other.done;
    // And no other has been begun.
    expect(state()).toBe(CLOSED);
    expect(await both(mode, sock).connectEx(deserted(inet))).toBe(ECONNREFUSED);
  });

  test('SO_SNDTIMEO limits it: EINPROGRESS, as the kernel has it', async () => {
    const { server } = fullBacklog(inet);
    const sock = open(inet);
    sock.setsockopt(SOL_SOCKET, SO_SNDTIMEO, BigInt64Array.of(0n, 50_000n));
    const error = await failure(() => both(mode, sock).connect(name(server)));
    expect(error).toMatchObject({ name: 'BlockingIOError', code: 'EINPROGRESS' });
  });

  test.each([null, 5])('leaves O_NONBLOCK as the timeout has it (%s)', async (timeout) => {
    const server = listening(inet);
    const sock = open(inet);
    sock.settimeout(timeout);
    await both(mode, sock).connect(name(server));
    expect(getNonblocking(sock.fileno())).toBe(timeout === null ? 0 : 1);
    const refused = open(inet);
    refused.settimeout(timeout);
    await both(mode, refused).connectEx(deserted(inet));
    expect(getNonblocking(refused.fileno())).toBe(timeout === null ? 0 : 1);
  });

  test('host names are resolved', async () => {
    const server = listening(inet);
    const [, port] = name(server);
    for (const host of ['localhost', Buffer.from('localhost'), '127.1', '']) {
      const sock = open(inet);
      await both(mode, sock).connect([host, port]);
      expect(sock.getpeername()).toEqual(['127.0.0.1', port]);
    }
  });

  test('a Unix path that is not there', async () => {
    const nowhere = path();
    const error = await failure(() => both(mode, open(unixPath)).connect(nowhere));
    expect(error).toBeInstanceOf(FileNotFoundError);
    expect(error).toMatchObject({
      errno: ENOENT,
      address: nowhere,
      message: `[Errno 2] No such file or directory (connect ${nowhere})`,
    });
    expect(await both(mode, open(unixPath)).connectEx(nowhere)).toBe(ENOENT);
  });

  test('the error names the address', async () => {
    const [host, port] = deserted(inet);
    expect(await failure(() => both(mode, open(inet)).connect([host, port]))).toMatchObject({
      address: host,
      port,
      message: `[Errno 111] Connection refused (connect ${host}:${port})`,
    });
  });

  test('a Unix stream and a datagram socket do not fit each other', async () => {
    const server = bound(unixPath, SOCK_DGRAM);
    const error = expect.objectContaining({ code: 'EPROTOTYPE' });
    await expect(both(mode, open(unixPath)).connect(name(server))).rejects.toThrow(error);
  });
});

test('data received before anybody asked is there, whatever connect was waiting for', async () => {
  const server = listening(inet);
  const sock = open(inet);
  const connecting = sock.connectAsync(name(server));
  const [connection] = await server.acceptAsync();
  connection.send('early');
  connection.close();
  expect(String(await sock.recvAsync(10, MSG_PEEK))).toBe('early');
  await connecting;
  expect(String(await sock.recvAsync(10))).toBe('early');
});

test('a socket of a path that was unlinked refuses', () => {
  const file = deserted(unixPath);
  expect(open(unixPath).connectEx(file)).toBe(ECONNREFUSED);
});

describe('O_NONBLOCK, which others may change', () => {
  test.each([inet, unixPath])('an accept that finds none does not block: $name', async (family) => {
    const server = listening(family);
    server.setblocking(false);
    expect(() => server.accept()).toThrow(BlockingIOError);
    const fd = server.fileno();
    setNonblocking(fd, false);
    expect(() => server.accept()).toThrow(BlockingIOError);
    // Others of the same program, by a duplicate.
    const copy = keep(server.dup());
    setNonblocking(copy.fileno(), false);
    expect(() => server.accept()).toThrow(BlockingIOError);
    const client = open(family);
    client.connect(name(server));
    server.accept()[0].close();
  });

  test.each([inet, unixPath])('a connect does not block, and leaves it: $name', async (family) => {
    const { server } = fullBacklog(family);
    const sock = open(family);
    sock.settimeout(0.02);
    setNonblocking(sock.fileno(), false);
    for (const mode of modes) await expect(both(mode, sock).connect(name(server))).rejects.toThrow(OSError);
    expect(getNonblocking(sock.fileno())).toBe(0);
  });

  test.each([null, 0, 0.5])('a listener that is closed after it found none: timeout %s', async (timeout) => {
    for (const mode of modes) {
      for (const end of ['close', 'detach'] as const) {
        const server = listening(inet);
        server.settimeout(0);
        expect(() => server.accept()).toThrow(BlockingIOError);
        server.settimeout(timeout);
        const fd = server[end]();
        if (fd !== undefined) close(fd);
        const error = await failure(() => both(mode, server).accept());
        expect(error).toMatchObject({ code: 'EBADF', syscall: 'accept' });
      }
    }
  });

  test('settimeout after an accept makes the socket blocking again', () => {
    const server = listening(inet);
    server.settimeout(0.01);
    expect(() => server.accept()).toThrow(TimeoutError);
    server.settimeout(null);
    expect(getNonblocking(server.fileno())).toBe(0);
    const client = open(inet);
    client.connect(name(server));
    server.accept()[0].close();
  });
});

test('a loop of connections does not starve the event loop', async () => {
  const server = listening(inet);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  for (let left = 100; left > 0 && !turned; left--) {
    const sock = open(inet);
    await sock.connectAsync(name(server));
    sock.close();
    server.accept()[0].close();
  }
  expect(turned).toBe(true);
});
