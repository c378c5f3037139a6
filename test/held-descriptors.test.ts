/** Descriptors that arrive with the messages of a batch: handed out, or closed. */
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import {
  CMSG_SPACE,
  close,
  MessageBatch,
  MSG_PEEK,
  MSG_WAITALL,
  SCM_RIGHTS,
  SOCK_DGRAM,
  SOL_SOCKET,
} from 'bsd-socket';
import { getInheritable } from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import { libraryUrl } from './peers.ts';
import { type AnySocket, both, collected, modes, pair, unixPath } from './support.ts';

describe('descriptors in control data', () => {
  const rights = (fd: number): [number, number, Int32Array] => [SOL_SOCKET, SCM_RIGHTS, Int32Array.of(fd)];
  const openCount = () => readdirSync('/proc/self/fd').length;
  const ancbufsize = CMSG_SPACE(4);

  function passed(count: number): {
    a: AnySocket;
    b: AnySocket;
    batch: MessageBatch<number>;
    before: number;
  } {
    const [a, b] = pair(unixPath, SOCK_DGRAM);
    const before = openCount();
    const fd = a.fileno();
    a.sendmmsg(Array.from({ length: count }, () => ['x', null, [rights(fd)]] as const));
    const batch = new MessageBatch<number>(4, 10, { ancbufsize });
    return { a, b, batch, before };
  }

  test.each(modes)('are handed out close-on-exec, %s', async (mode) => {
    const { b, batch, before } = passed(2);
    expect(await both(mode, b).recvmmsg(batch)).toBe(2);
    expect(openCount()).toBe(before + 2);
    const fds = [0, 1].map((index) => {
      const [[level, type, data]] = batch.ancdata(index) as [[number, number, Buffer]];
      expect([level, type, data.length]).toEqual([SOL_SOCKET, SCM_RIGHTS, 4]);
      return data.readInt32LE();
    });
    onTestFinished(() => fds.forEach(close));
    expect(fds.map((fd) => getInheritable(fd))).toEqual([0, 0]);
    // They belong to the caller now, whatever becomes of the batch.
    batch.clear();
    expect(openCount()).toBe(before + 2);
  });

  test('that nobody has asked for are closed when the batch is used again', () => {
    const { a, b, batch, before } = passed(3);
    b.recvmmsg(batch);
    expect(openCount()).toBe(before + 3);
    a.send('y');
    b.recvmmsg(batch);
    expect(openCount()).toBe(before);
    expect(batch.ancdata(0)).toEqual([]);
  });

  test('are closed where a message is set over them, and by clear', () => {
    const { b, batch, before } = passed(3);
    b.recvmmsg(batch);
    batch.set(1, 'mine');
    expect(openCount()).toBe(before + 2);
    batch.clear();
    expect(openCount()).toBe(before);
  });

  test.each(modes)('that have been closed are not handed out by their numbers, %s', async (mode) => {
    const { a, b, batch, before } = passed(3);
    await both(mode, b).recvmmsg(batch);
    const [[, , data]] = batch.ancdata(1) as [[number, number, Buffer]];
    onTestFinished(() => close(data.readInt32LE()));
    batch.clear();
    batch.length = 3;
    expect([0, 1, 2].map((index) => batch.ancdata(index))).toEqual([[], [], []]);
    expect(openCount()).toBe(before + 1);
    // Those of the messages behind the ones that have come.
    a.sendmmsg([1, 2, 3].map(() => ['x', null, [rights(a.fileno())]] as const));
    await both(mode, b).recvmmsg(batch);
    a.send('y');
    await both(mode, b).recvmmsg(batch);
    batch.length = 3;
    expect([0, 1, 2].map((index) => batch.ancdata(index))).toEqual([[], [], []]);
    expect(openCount()).toBe(before + 1);
  });

  test('are not sent on with their message', () => {
    const { a, b, batch, before } = passed(1);
    b.recvmmsg(batch);
    b.sendmmsg(batch);
    batch.clear();
    a.recvmmsg(batch);
    expect(batch.ancdata(0)).toEqual([]);
    expect(openCount()).toBe(before);
  });

  test('peeked at again and again are not left open', () => {
    const { b, batch, before } = passed(2);
    b.settimeout(0.05);
    expect(b.recvmmsg(batch, MSG_PEEK | MSG_WAITALL)).toBeGreaterThan(0);
    b.recvmmsg(batch, MSG_PEEK);
    b.recvmmsg(batch);
    batch.clear();
    expect(openCount()).toBe(before);
  });

  test('are closed with a batch that nobody refers to any more', async () => {
    const before = (() => {
      const { b, batch, before: count } = passed(2);
      b.recvmmsg(batch);
      return count;
    })();
    expect(openCount()).toBe(before + 2);
    await collected(() => openCount() === before);
  });

  test('that do not fit are not left open', () => {
    const { a, b, before } = passed(0);
    a.sendmmsg([['x', null, [[SOL_SOCKET, SCM_RIGHTS, Int32Array.of(0, 1, 2, a.fileno())]]]]);
    const batch = new MessageBatch<number>(1, 1, { ancbufsize });
    b.recvmmsg(batch);
    batch.clear();
    expect(openCount()).toBe(before);
  });

  test('are closed with the worker that has received them', async () => {
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData).then(({ AF_UNIX, ancillary, CMSG_SPACE, MessageBatch, SOCK_DGRAM, socketpair }) => {
        const [a, b] = socketpair(AF_UNIX, SOCK_DGRAM);
        a.sendmmsg([['x', null, [ancillary.rights([0, 1, 2])]]]);
        globalThis.batch = new MessageBatch(1, 1, { ancbufsize: CMSG_SPACE(12) });
        b.recvmmsg(globalThis.batch);
        a.close();
        b.close();
        const list = () => require('node:fs').readdirSync('/proc/self/fd').map((fd) => {
          try { return require('node:fs').readlinkSync('/proc/self/fd/' + fd); } catch { return ''; }
        });
        parentPort.postMessage(list());
        setInterval(() => {}, 1000);
      });`;
    const stdio = [0, 1, 2].map((fd) => readlinkSync(`/proc/self/fd/${fd}`));
    const count = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return stdio.includes(readlinkSync(`/proc/self/fd/${fd}`));
        } catch {
          return false;
        }
      }).length;
    const before = count();
    const worker = new Worker(program, { eval: true, workerData: libraryUrl });
    const [targets] = (await once(worker, 'message')) as [string[]];
    expect(targets.filter((target) => stdio.includes(target))).toHaveLength(before + 3);
    await worker.terminate();
    expect(count()).toBe(before);
  });
});
