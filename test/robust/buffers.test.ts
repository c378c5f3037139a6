/**
 * Memory that changes while an asynchronous call uses it: taken away, shrunk, grown. Whatever happens to it, the call
 * ends with a RangeError or a result, nothing outside is touched, the socket stays usable, and what had not been
 * received is not lost.
 */
import { randomFillSync } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { MSG_WAITALL, SOCK_DGRAM } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { detach, growable, resizable } from '../fixtures/memory.ts';
import {
  type AnySocket,
  bound,
  failure,
  fill,
  name,
  open,
  pair,
  turns,
  unixPath,
  watch,
} from '../support.ts';
import { empty } from '../waiting.ts';

type View = Uint8Array<ArrayBufferLike>;

/** What may happen to a view's memory, and whether the view has lost bytes by it. */
const changes: [string, (size: number) => { view: View; change(): void }, boolean][] = [
  [
    'detached',
    (size) => {
      const view = new Uint8Array(size);
      return { view, change: () => detach(view.buffer) };
    },
    true,
  ],
  [
    'detached, a part of a larger buffer',
    (size) => {
      const view = new Uint8Array(new ArrayBuffer(3 * size), size, size);
      return { view, change: () => detach(view.buffer) };
    },
    true,
  ],
  [
    'transferred to a thread',
    (size) => {
      const view = new Uint8Array(size);
      return {
        view,
        change() {
          const worker = new Worker('', { eval: true });
          worker.postMessage(view, [view.buffer]);
          worker.terminate();
        },
      };
    },
    true,
  ],
  [
    'shrunk to nothing',
    (size) => {
      const buffer = resizable(size);
      return { view: new Uint8Array(buffer), change: () => buffer.resize(0) };
    },
    true,
  ],
  [
    'shrunk below the view',
    (size) => {
      const buffer = resizable(3 * size);
      return { view: new Uint8Array(buffer, size, size), change: () => buffer.resize(size + 1) };
    },
    true,
  ],
  [
    'shrunk, with a view that follows',
    (size) => {
      const buffer = resizable(size);
      return { view: new Uint8Array(buffer), change: () => buffer.resize(size / 2) };
    },
    true,
  ],
  [
    'shrunk and grown again',
    (size) => {
      const buffer = resizable(size);
      return {
        view: new Uint8Array(buffer),
        change() {
          buffer.resize(0);
          buffer.resize(size);
        },
      };
    },
    false,
  ],
  [
    'grown',
    (size) => {
      const buffer = resizable(size, 4 * size);
      return { view: new Uint8Array(buffer), change: () => buffer.resize(4 * size) };
    },
    false,
  ],
  [
    'shared and grown',
    (size) => {
      const buffer = growable(size, 4 * size);
      return { view: new Uint8Array(buffer), change: () => buffer.grow(4 * size) };
    },
    false,
  ],
];

describe.each(changes)('memory %s', (_, make, lost) => {
  const receivers: [string, (socket: AnySocket, view: View) => Promise<unknown>][] = [
    ['recvIntoAsync', (socket, view) => socket.recvIntoAsync(view)],
    ['recvIntoAsync of all', (socket, view) => socket.recvIntoAsync(view, 0, MSG_WAITALL)],
    ['recvIntoAsync of its ArrayBuffer', (socket, view) => socket.recvIntoAsync(view.buffer)],
    ['recvfromIntoAsync', (socket, view) => socket.recvfromIntoAsync(view)],
  ];

  test.each(receivers)('while %s waits', async (_name, receive) => {
    const [client, server] = pair(unixPath);
    const { view, change } = make(64);
    const receiving = watch(receive(server, view));
    await turns();
    change();
    client.sendall(Buffer.alloc(256, 'x'));
    await turns();
    while (receiving.state === 'pending') await turns();
    if (lost) {
      expect(receiving.error).toBeInstanceOf(RangeError);
      // Nothing has been taken from the stream for it.
      expect(server.recv(1000)).toHaveLength(256);
    } else {
      expect(receiving).toMatchObject({ state: 'fulfilled' });
      expect(String(Buffer.from(view.slice(0, 4)))).toBe('xxxx');
    }
    // Whoever comes next is served.
    const next = server.recvAsync(4);
    client.sendall('next');
    expect(String(await next)).toMatch(/^(next|xxxx)$/);
  });

  test('in the middle of recvIntoAsync of all', async () => {
    const [client, server] = pair(unixPath);
    const { view, change } = make(64);
    const receiving = watch(server.recvIntoAsync(view, 0, MSG_WAITALL));
    client.sendall('half');
    await turns();
    expect(receiving.state).toBe('pending');
    change();
    client.sendall(Buffer.alloc(100, 'x'));
    while (receiving.state === 'pending') await turns();
    if (lost) expect(receiving.error).toBeInstanceOf(RangeError);
    else expect(receiving.state).toBe('fulfilled');
  });

  const senders: [string, (socket: AnySocket, view: View) => Promise<unknown>][] = [
    ['sendAsync', (socket, view) => socket.sendAsync(view)],
    ['sendallAsync', (socket, view) => socket.sendallAsync(view)],
    ['sendallAsync of its ArrayBuffer', (socket, view) => socket.sendallAsync(view.buffer)],
  ];

  test.each(senders)('while %s waits', async (_name, send) => {
    const [client, server] = pair(unixPath);
    fill(client);
    const { view, change } = make(64);
    const sending = watch(send(client, view));
    await turns();
    change();
    empty(server);
    while (sending.state === 'pending') await turns();
    if (lost) expect(sending.error).toBeInstanceOf(RangeError);
    else expect(sending.state).toBe('fulfilled');
    await client.sendallAsync('next');
    await turns();
    expect(String(server.recv(10_000)).endsWith('next')).toBe(true);
  });

  test.each(senders)('in the middle of %s', async (_name, send) => {
    const [client, server] = pair(unixPath);
    const { view, change } = make(4_000_000);
    const sending = watch(send(client, view));
    await turns();
    expect(sending.state).toBe('pending');
    change();
    for (; sending.state === 'pending'; await turns()) empty(server);
    // How much has been sent by then nobody can say, except a blocking send.
    if (!lost) expect(sending.state).toBe('fulfilled');
    else if (sending.state === 'rejected') expect(sending.error).toBeInstanceOf(RangeError);
    else expect(sending.value).toBeLessThan(4_000_000);
    empty(server);
    await client.sendallAsync('next');
    expect(String(await server.recvAsync(10))).toBe('next');
  });

  const datagramSenders: [string, (socket: AnySocket, view: View, to: string) => Promise<unknown>][] = [
    ['sendtoAsync', (socket, view, to) => socket.sendtoAsync(view, to as never)],
    [
      'sendAsync of a datagram',
      (socket, view, to) => {
        socket.connect(to as never);
        return socket.sendAsync(view);
      },
    ],
  ];

  test.each(datagramSenders)('while %s waits', async (_name, send) => {
    const [socket, receiver] = [open(unixPath, SOCK_DGRAM), bound(unixPath, SOCK_DGRAM)];
    const filler = open(unixPath, SOCK_DGRAM);
    filler.connect(name(receiver));
    fill(filler, 1);
    const { view, change } = make(64);
    const sending = watch(send(socket, view, name(receiver)));
    await turns();
    change();
    receiver.recv(1);
    while (sending.state === 'pending') await turns();
    if (lost) expect(sending.error).toBeInstanceOf(RangeError);
    else expect(sending).toMatchObject({ state: 'fulfilled', value: 64 });
    // Either the datagram that was meant has been sent, or none.
    const sizes: number[] = [];
    receiver.settimeout(0);
    const recv = () => receiver.recv(1000).length;
    expect(() => {
      for (;;) sizes.push(recv());
    }).toThrow('Resource temporarily unavailable');
    expect(sizes.filter((size) => size !== 1)).toEqual(lost ? [] : [64]);
  });
});

test('memory that is gone before the call is empty, or refused', async () => {
  const [client, server] = pair(unixPath);
  const gone = new Uint8Array(8);
  detach(gone.buffer);
  expect(await server.recvIntoAsync(gone)).toBe(0);
  expect(server.recvInto(gone)).toBe(0);
  expect(await failure(() => server.recvIntoAsync(gone, 1))).toBeInstanceOf(RangeError);
  expect(client.send(gone)).toBe(0);
  expect(await client.sendAsync(gone)).toBe(0);
  await client.sendallAsync(gone);
});

test('what is received lies where it was asked for, and nothing else is touched', async () => {
  const [client, server] = pair(unixPath);
  const memory = new Uint8Array(3000).fill(7);
  const sent = randomFillSync(new Uint8Array(1000));
  const receiving = server.recvIntoAsync(memory.subarray(1000, 2000));
  client.sendall(sent);
  expect(await receiving).toBe(1000);
  expect(Buffer.from(memory.subarray(1000, 2000)).equals(sent)).toBe(true);
  expect([...memory.subarray(0, 1000), ...memory.subarray(2000)].every((byte) => byte === 7)).toBe(true);
});
