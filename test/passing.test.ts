/** lib/messages/passing.ts: sendFds and recvFds. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  AF_UNIX,
  ancillary,
  close,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_PEEK,
  recvFds,
  recvFdsAsync,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  sendFds,
  sendFdsAsync,
  socketpair,
} from 'bsd-socket';
import { getInheritable } from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AnySocket, bound, keep, modes, name, open, turns, unixPath } from './support.ts';

function pair(type: number = SOCK_STREAM): [AnySocket, AnySocket] {
  const [a, b] = socketpair(AF_UNIX, type);
  return [keep(a) as AnySocket, keep(b) as AnySocket];
}

const descriptors = () => readdirSync('/proc/self/fd').length;
/** What tells two descriptors of one file from those of another. */
const inode = (fd: number) => /^ino:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1];

describe.each(modes)('%s', (mode) => {
  const send = async (...args: Parameters<typeof sendFds>) =>
    mode === 'sync' ? sendFds(...args) : sendFdsAsync(...args);
  const receive = async (...args: Parameters<typeof recvFds>) => {
    const result = mode === 'sync' ? recvFds(...args) : await recvFdsAsync(...args);
    for (const fd of result[1]) onTestFinished(() => close(fd));
    return result;
  };

  test('the descriptors that arrive are those that were sent, close-on-exec', async () => {
    const [a, b] = pair();
    const sent = [a.fileno(), b.fileno(), a.fileno()];
    expect(await send(a, ['by', 'tes'], sent)).toBe(5);
    const [data, fds, flags, address] = await receive(b, 100, 10);
    expect([String(data), flags, address]).toEqual(['bytes', 0, null]);
    expect(fds.map(inode)).toEqual(sent.map(inode));
    expect(fds.map(getInheritable)).toEqual([0, 0, 0]);
    expect(new Set([...fds, ...sent]).size).toBe(5);
  });

  test('any iterable of numbers will do', async () => {
    const [a, b] = pair();
    await send(a, ['x'], new Set([a.fileno()]));
    await send(a, ['x'], Int32Array.of(a.fileno()));
    expect((await receive(b, 1, 10))[1]).toHaveLength(1);
    expect((await receive(b, 1, 10))[1]).toHaveLength(1);
  });

  test('those beyond maxfds are closed, and MSG_CTRUNC says so', async () => {
    const [a, b] = pair();
    const before = descriptors();
    for (const maxfds of [0, 1, 2, 3, 4, 5]) {
      await send(a, ['x'], [0, 1, 2, 0]);
      const [, fds, flags] = await receive(b, 100, maxfds);
      expect([fds.length, flags]).toEqual([Math.min(maxfds, 4), maxfds < 4 ? MSG_CTRUNC : 0]);
    }
    expect(descriptors()).toBe(before + 0 + 1 + 2 + 3 + 4 + 4);
  });

  test('as many as the kernel passes', async () => {
    const [a, b] = pair();
    await send(a, ['x'], new Array(253).fill(0));
    expect((await receive(b, 1, 2 ** 31 - 1))[1]).toHaveLength(253);
  });

  test('flags count', async () => {
    const [a, b] = pair();
    await expect(receive(b, 1, 1, MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' });
    await send(a, ['x'], [0], MSG_DONTWAIT);
    expect((await receive(b, 1, 1, MSG_PEEK))[1]).toHaveLength(1);
    expect((await receive(b, 1, 1))[1]).toHaveLength(1);
  });

  test('so does the address', async () => {
    const receiver = bound(unixPath, SOCK_DGRAM);
    const sender = bound(unixPath, SOCK_DGRAM);
    await send(sender, ['x'], [0], 0, name(receiver));
    const [data, fds, , address] = await receive(receiver, 9, 1);
    expect([String(data), fds.length, address]).toEqual(['x', 1, name(sender)]);
    await expect(send(open(unixPath, SOCK_DGRAM), ['x'], [0])).rejects.toMatchObject({ code: 'ENOTCONN' });
  });

  test('what else comes with them leaves nothing open', async () => {
    const [a, b] = pair();
    b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
    try {
      b.setsockopt(SOL_SOCKET, SO_PASSPIDFD, 1);
    } catch {
      // Linux before 6.5 has none, and credentials alone will do.
    }
    const before = descriptors();
    for (const count of [0, 1, 3]) {
      await send(a, ['x'], new Array(count).fill(0));
      const [, fds, flags] = await receive(b, 100, 2);
      expect([fds.length, flags]).toEqual([Math.min(count, 2), count > 2 ? MSG_CTRUNC : 0]);
    }
    expect(descriptors()).toBe(before + 0 + 1 + 2);
  });

  test('wrong arguments', async () => {
    const [a, b] = pair();
    await expect(send(a, ['x'], ['0'] as never)).rejects.toThrow(TypeError);
    await expect(send(a, ['x'], 0 as never)).rejects.toThrow(/fds must be an iterable of descriptors, not 0/);
    await expect(send(a, ['x'], [-1])).rejects.toThrow(RangeError);
    await expect(receive(b, 1, -1)).rejects.toThrow(RangeError);
    await expect(receive(b, 1, 1.5)).rejects.toThrow(RangeError);
    await expect(receive(b, 1, '1' as never)).rejects.toThrow(TypeError);
    // They name the call that the program has made.
    await expect(send(a, 'x' as never, [0])).rejects.toThrow(/^sendFds\(\): buffers must be/);
    await expect(send(a, [5] as never, [0])).rejects.toThrow(/^sendFds\(\): an item of buffers must be/);
    await expect(send(a, ['x'], [0], '0' as never)).rejects.toThrow(/^sendFds\(\): flags must be/);
    await expect(receive(b, '1' as never, 1)).rejects.toThrow(/^recvFds\(\): bufsize must be/);
    await expect(receive(b, 1, 1, '0' as never)).rejects.toThrow(/^recvFds\(\): flags must be/);
  });

  test('the end of a stream brings none', async () => {
    const [a, b] = pair();
    a.close();
    expect(await receive(b, 1, 1)).toEqual([Buffer.alloc(0), [], 0, null]);
  });
});

test('an aborted receive leaves the descriptors to the next one', async () => {
  const [a, b] = pair();
  const before = descriptors();
  const abort = new AbortController();
  const receiving = recvFdsAsync(b, 1, 1, 0, { signal: abort.signal });
  await turns();
  abort.abort('reason');
  sendFds(a, ['x'], [0]);
  await expect(receiving).rejects.toBe('reason');
  const [, fds] = await recvFdsAsync(b, 1, 1);
  fds.forEach(close);
  expect(descriptors()).toBe(before);
});

test('descriptors that nobody receives are closed with the socket', () => {
  const [a, b] = pair();
  const [c, d] = pair();
  sendFds(a, ['x'], [c.fileno()]);
  c.close();
  b.close();
  // The last descriptor of its socket is gone: the other end sees the end of the stream.
  expect(d.recv(1)).toEqual(Buffer.alloc(0));
});

test('a received descriptor can be adopted', () => {
  const [a, b] = pair();
  const [c, d] = pair();
  a.sendmsg(['x'], [ancillary.rights([c.fileno()])]);
  c.close();
  const [, fds] = recvFds(b, 1, 1);
  using adopted = new Socket(null, null, null, fds[0]!);
  expect([adopted.family, adopted.type]).toEqual([AF_UNIX, SOCK_STREAM]);
  adopted.send('hello');
  expect(String(d.recv(9))).toBe('hello');
});
