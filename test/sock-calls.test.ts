/** Python's `loop.sock_*`: what CPython's test_sock_lowlevel.py and test_sendfile.py expect of them. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AsyncOptions, SOCK_DGRAM, type Socket } from 'bsd-socket';
import {
  SendfileNotAvailableError,
  sockAccept,
  sockConnect,
  sockRecv,
  sockRecvfrom,
  sockRecvfromInto,
  sockRecvInto,
  sockSendall,
  sockSendfile,
  sockSendto,
} from 'bsd-socket/asyncio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type AnySocket,
  bound,
  failure,
  families,
  fill,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  pattern,
  turns,
  unixAbstract,
  until,
  watch,
} from './support.ts';
import { empty } from './waiting.ts';

const LARGE = pattern(1_000_000);
const present = families.filter(({ missing }) => missing === undefined);

/** All that comes until the end. */
async function all(sock: AnySocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const data = await sockRecv(sock, 65536);
    if (data.length === 0) return Buffer.concat(chunks);
    chunks.push(data);
  }
}

test.each(present)('a server and a client, $name', async (family) => {
  const server = listening(family);
  const client = open(family);
  client.settimeout(0);
  const accepting = sockAccept(server);
  await sockConnect(client, name(server));
  const [connection, peer] = await accepting;
  keep(connection);
  expect(connection.gettimeout()).toBe(0);
  expect(peer).toEqual(client.getsockname());
  await sockSendall(client, 'ping');
  expect(String(await sockRecv(connection, 10))).toBe('ping');
  const memory = Buffer.alloc(10, '-');
  await sockSendall(connection, Buffer.from('pong'));
  expect(await sockRecvInto(client, memory)).toBe(4);
  expect(String(memory)).toBe('pong------');
  const received = all(client);
  await sockSendall(connection, LARGE);
  connection.close();
  expect((await received).equals(LARGE)).toBe(true);
});

test.each(present)('datagrams, $name', async (family) => {
  const [one, two] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
  const received = sockRecvfrom(two, 100);
  expect(await sockSendto(one, 'ping', name(two))).toBe(4);
  expect(await received).toEqual([Buffer.from('ping'), name(one)]);
  for (const [nbytes, text] of [
    [0, 'pong----'],
    [2, 'po------'],
  ] as const) {
    const memory = Buffer.alloc(8, '-');
    await sockSendto(one, 'pong', name(two));
    expect(await sockRecvfromInto(two, memory, nbytes)).toEqual([text.indexOf('-'), name(one)]);
    expect(String(memory)).toBe(text);
  }
  const small = await failure(() => sockRecvfromInto(two, Buffer.alloc(1), 2));
  expect(small).toBeInstanceOf(RangeError);
});

test('names are resolved', async () => {
  const server = listening(inet);
  const client = open(inet);
  await sockConnect(client, ['localhost', name(server)[1]]);
  expect(client.getpeername()).toEqual(name(server));
});

test('a datagram to where nobody listens is told to whoever receives', async () => {
  const gone = bound(inet, SOCK_DGRAM);
  const address = name(gone);
  gone.close();
  const sock = open(inet, SOCK_DGRAM);
  await sockConnect(sock, address);
  await sockSendall(sock, 'x');
  expect(await failure(() => sockRecvfrom(sock, 10))).toMatchObject({ code: 'ECONNREFUSED' });
  await sockSendall(sock, 'x');
  expect(await failure(() => sockRecvfromInto(sock, Buffer.alloc(1)))).toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('a connect that fails', async () => {
  const server = listening(inet);
  const address = name(server);
  server.close();
  expect(await failure(() => sockConnect(open(inet), address))).toMatchObject({ code: 'ECONNREFUSED' });
});

test('a datagram waits for room at its receiver', async () => {
  const [sender, receiver] = [open(unixAbstract, SOCK_DGRAM), bound(unixAbstract, SOCK_DGRAM)];
  const filler = open(unixAbstract, SOCK_DGRAM);
  filler.connect(name(receiver));
  fill(filler, 1);
  const controller = new AbortController();
  const reason = new Error('enough');
  const given = failure(() => sockSendto(sender, 'x', name(receiver), { signal: controller.signal }));
  controller.abort(reason);
  expect(await given).toBe(reason);
  const sent = watch(sockSendto(sender, 'x', name(receiver)));
  await turns(5);
  expect(sent.state).toBe('pending');
  empty(receiver);
  await until(() => sent.state !== 'pending');
  expect(sent.value).toBe(1);
});

describe('a signal ends the wait', () => {
  const calls: [string, (sock: AnySocket, options: AsyncOptions) => Promise<unknown>][] = [
    ['sockRecv', (sock, options) => sockRecv(sock, 1, options)],
    ['sockRecvInto', (sock, options) => sockRecvInto(sock, Buffer.alloc(1), options)],
    ['sockRecvfrom', (sock, options) => sockRecvfrom(sock, 1, options)],
    ['sockRecvfromInto', (sock, options) => sockRecvfromInto(sock, Buffer.alloc(1), 0, options)],
    ['sockSendall', (sock, options) => sockSendall(sock, LARGE, options)],
    ['sockSendfile', (sock, options) => sockSendfile(sock, file, 0, null, options)],
  ];

  test.each(calls)('of %s', async (_, call) => {
    const [sock] = pair(unixAbstract);
    fill(sock);
    for (const before of [true, false]) {
      const controller = new AbortController();
      const reason = new Error('enough');
      if (before) controller.abort(reason);
      const error = failure(() => call(sock, { signal: controller.signal }));
      controller.abort(reason);
      expect(await error).toBe(reason);
    }
  });

  test('of sockAccept', async () => {
    const server = listening(inet);
    const controller = new AbortController();
    const reason = new Error('enough');
    const error = failure(() => sockAccept(server, { signal: controller.signal }));
    controller.abort(reason);
    expect(await error).toBe(reason);
    // The server is as good as before.
    const client = open(inet);
    client.connect(name(server));
    const [connection] = await sockAccept(server);
    connection.close();
  });
});

test('a blocking socket’s timeout counts', async () => {
  const [sock] = pair(inet);
  sock.settimeout(0.01);
  expect(await failure(() => sockRecv(sock, 1))).toMatchObject({ name: 'TimeoutError' });
});

test('what is no socket is refused', async () => {
  const none = {} as Socket;
  for (const [title, call] of Object.entries({
    sockAccept: () => sockAccept(none),
    sockConnect: () => sockConnect(none, ['127.0.0.1', 1] as never),
    sockRecv: () => sockRecv(none, 1),
    sockRecvInto: () => sockRecvInto(none, Buffer.alloc(1)),
    sockRecvfrom: () => sockRecvfrom(none, 1),
    sockRecvfromInto: () => sockRecvfromInto(none, Buffer.alloc(1)),
    sockSendall: () => sockSendall(none, 'x'),
    sockSendfile: () => sockSendfile(none, file),
    sockSendto: () => sockSendto(none, 'x', 'y'),
  })) {
    const error = await failure(call);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(`${title}(): sock must be a Socket`);
  }
});

let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bsd-socket-sendfile-'));
  file = join(folder, 'large');
  writeFileSync(file, LARGE);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('sockSendfile', () => {
  const received = async (send: (sock: AnySocket) => Promise<unknown>) => {
    const [sock, other] = pair(inet);
    sock.settimeout(0);
    const data = all(other);
    const result = await send(sock);
    sock.close();
    return [result, await data] as const;
  };

  test.each([undefined, true, false])('sends a file, fallback %s', async (fallback) => {
    const options = fallback === undefined ? {} : { fallback };
    const [count, data] = await received((sock) => sockSendfile(sock, file, 0, null, options));
    expect(count).toBe(LARGE.length);
    expect(data.equals(LARGE)).toBe(true);
  });

  test('sends a part, and positions the file behind it', async () => {
    const handle = await openFile(file);
    onTestFinished(() => handle.close());
    const [count, data] = await received(async (sock) => {
      await sockSendall(sock, 'before ');
      const sent = await sockSendfile(sock, handle, 1000, 2000);
      await sockSendall(sock, ' after');
      return sent;
    });
    expect(count).toBe(2000);
    const part = LARGE.subarray(1000, 3000);
    expect(data.equals(Buffer.concat([Buffer.from('before '), part, Buffer.from(' after')]))).toBe(true);
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, null);
    expect(buffer.equals(LARGE.subarray(3000, 3004))).toBe(true);
  });

  test('sends an empty file', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const [count, data] = await received((sock) => sockSendfile(sock, empty, 0, null, { fallback: false }));
    expect([count, data.length]).toEqual([0, 0]);
  });

  test('without a fallback, only what sendfile(2) can send', async () => {
    const fd = openSync('/dev/null', 'r');
    onTestFinished(() => closeSync(fd));
    for (const source of [fd, '/dev/null', 1_000_000, join(folder, 'nothing')]) {
      const [sock] = pair(inet);
      const error = await failure(() => sockSendfile(sock, source, 0, null, { fallback: false }));
      expect(error).toBeInstanceOf(SendfileNotAvailableError);
      expect(error.name).toBe('SendfileNotAvailableError');
      expect(error.message).toBe('not a regular file');
    }
    const [sock] = pair(inet);
    expect(await sockSendfile(sock, fd)).toBe(0);
  });

  test('refuses what is no stream, and wrong numbers', async () => {
    const dgram = bound(inet, SOCK_DGRAM);
    expect((await failure(() => sockSendfile(dgram, file))).message).toMatch(/only SOCK_STREAM/);
    const [sock] = pair(inet);
    for (const [offset, count] of [
      [-1, null],
      [0.5, null],
      [0, 0],
      [0, -1],
      [0, 0.5],
    ] as const)
      expect(await failure(() => sockSendfile(sock, file, offset, count))).toBeInstanceOf(RangeError);
    expect(await failure(() => sockSendfile(sock, file, '0' as never))).toBeInstanceOf(TypeError);
  });

  test('a peer that goes in the middle', async () => {
    const [sock, other] = pair(inet);
    sock.settimeout(0);
    const sending = watch(sockSendfile(sock, file));
    fill(sock);
    other.close();
    await until(() => sending.state !== 'pending');
    expect((sending.error as { code: string } | undefined)?.code ?? 'all').toMatch(
      /^(EPIPE|ECONNRESET|all)$/,
    );
  });
});
