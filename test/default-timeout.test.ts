/** The timeout that new sockets start with. It belongs to the process: this file has one of its own. */
import { Worker } from 'node:worker_threads';
import {
  createConnection,
  createServer,
  fromfd,
  getdefaulttimeout,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  Socket,
  setdefaulttimeout,
  socketpair,
} from 'bsd-socket';
import { getNonblocking } from 'bsd-socket/binding';
import { afterEach, describe, expect, test } from 'vitest';
import { libraryUrl } from './peers.ts';
import { both, failure, inet, keep, listening, modes, name, open } from './support.ts';

afterEach(() => setdefaulttimeout(null));

test('there is none at first', () => {
  expect(getdefaulttimeout()).toBe(null);
  expect(open(inet).gettimeout()).toBe(null);
});

describe.each([5, 0.25, 0])('of %s seconds', (timeout) => {
  const expected = [timeout, timeout !== 0, 1];
  const shown = (sock: Socket<number>) => [
    sock.gettimeout(),
    sock.getblocking(),
    getNonblocking(sock.fileno()),
  ];

  test('is what new sockets have', () => {
    expect(setdefaulttimeout(timeout)).toBe(undefined);
    expect(getdefaulttimeout()).toBe(timeout);
    const sock = open(inet);
    const [a, b] = socketpair();
    const made = [
      sock,
      keep(a),
      keep(b),
      keep(fromfd(sock.fileno(), inet.family, SOCK_STREAM)),
      keep(createServer(['127.0.0.1', 0])),
      keep(new Socket(null, null, null, new Socket().detach())),
    ];
    for (const each of made) expect(shown(each)).toEqual(expected);
  });

  test.each(modes)('is what an accepted socket has, whatever the listening one: %s', async (mode) => {
    const server = listening(inet);
    server.settimeout(30);
    setdefaulttimeout(timeout);
    const client = open(inet);
    client.settimeout(30);
    client.connect(name(server));
    const [connection] = await both(mode, server).accept();
    expect(shown(keep(connection))).toEqual(expected);
  });

  test('is what createConnection uses where it is told nothing', () => {
    const server = listening(inet);
    setdefaulttimeout(timeout);
    // A socket that is non-blocking from the start cannot wait for its connection.
    if (timeout === 0) {
      expect(() => createConnection(name(server))).toThrow(expect.objectContaining({ code: 'EINPROGRESS' }));
    } else {
      expect(shown(keep(createConnection(name(server))))).toEqual(expected);
    }
    expect(keep(createConnection(name(server), null)).gettimeout()).toBe(null);
    expect(keep(createConnection(name(server), 7)).gettimeout()).toBe(7);
  });

  test('does not touch sockets that exist, nor their duplicates', () => {
    const before = open(inet);
    setdefaulttimeout(timeout);
    expect(before.gettimeout()).toBe(null);
    expect(keep(before.dup()).gettimeout()).toBe(null);
    expect(getNonblocking(before.fileno())).toBe(0);
  });

  test('does not count where SOCK_NONBLOCK is asked for', () => {
    setdefaulttimeout(timeout);
    expect(open(inet, SOCK_STREAM | SOCK_NONBLOCK).gettimeout()).toBe(0);
  });
});

test('null takes it back', () => {
  setdefaulttimeout(5);
  setdefaulttimeout(null);
  expect([getdefaulttimeout(), open(inet).gettimeout()]).toEqual([null, null]);
});

test.each([
  [-1, RangeError],
  [-0.001, RangeError],
  [Number.NaN, RangeError],
  [Number.POSITIVE_INFINITY, RangeError],
  [1e300, RangeError],
  ['5', TypeError],
  [undefined, TypeError],
  [{}, TypeError],
])('%s is wrong and changes nothing', async (timeout, type) => {
  setdefaulttimeout(3);
  const error = await failure(() => setdefaulttimeout(timeout as number));
  expect(error).toBeInstanceOf(type);
  expect(error.message).toContain('setdefaulttimeout(): timeout must be ');
  expect(getdefaulttimeout()).toBe(3);
});

test('every thread sees the same', async () => {
  setdefaulttimeout(7.5);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData).then(({ getdefaulttimeout, setdefaulttimeout, Socket }) => {
      const sock = new Socket();
      const seen = [getdefaulttimeout(), sock.gettimeout()];
      sock.close();
      setdefaulttimeout(2);
      parentPort.postMessage(seen);
    });`;
  const worker = new Worker(source, { eval: true, workerData: libraryUrl });
  const seen = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
  await worker.terminate();
  expect(seen).toEqual([7.5, 7.5]);
  expect([getdefaulttimeout(), open(inet).gettimeout()]).toEqual([2, 2]);
});
