/** nc, socat and curl at the other end. */
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AF_INET, AF_UNIX, SHUT_WR, SOCK_DGRAM, SOCK_STREAM } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { both, type Mode, modes } from '../support.ts';
import { type AnySocket, open, serverOf, transports } from './echo.ts';
import { missing, noUnixNc, path, start } from './programs.ts';

const tcp = transports.find(({ name }) => name === 'TCP')!;
const unix = transports.find(({ name }) => name === 'a Unix stream')!;
const portOf = (server: AnySocket) => String((server.getsockname() as [string, number])[1]);
const LARGE = Buffer.alloc(300_000, 'all work and no play makes a dull socket ');

/** LARGE as a file to read from, for programs that must be fed while this thread is blocked. */
function largeFile(): number {
  const file = path();
  writeFileSync(file, LARGE);
  const fd = openSync(file, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** All that comes until the end of the stream. */
async function rest(mode: Mode, socket: AnySocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const data = await both(mode, socket).recv(65536);
    if (data.length === 0) return Buffer.concat(chunks);
    chunks.push(data);
  }
}

/** Sends and receives all at once: a synchronous peer would stand still when both directions are full. */
async function swap(mode: Mode, socket: AnySocket, data: Buffer): Promise<Buffer> {
  const received = mode === 'async' ? rest(mode, socket) : undefined;
  await both(mode, socket).sendall(data);
  socket.shutdown(SHUT_WR);
  return received ?? rest(mode, socket);
}

/** Accepts one connection, takes all that it sends, and answers with `answer`. */
async function takeAndAnswer(mode: Mode, server: AnySocket, answer: Buffer): Promise<Buffer> {
  const [connection] = await both(mode, server).accept();
  try {
    const received = await rest(mode, connection);
    await both(mode, connection).sendall(answer);
    return received;
  } finally {
    connection.close();
  }
}

describe.each(modes)('%s', (mode) => {
  const noNc = missing('nc');
  test.skipIf(noNc)(`nc connects over TCP ${noNc || ''}`, async () => {
    const server = serverOf(tcp);
    const nc = start('nc', ['-N', '127.0.0.1', portOf(server)], { stdio: [largeFile(), 'pipe', 'pipe'] });
    expect((await takeAndAnswer(mode, server, Buffer.from('answer'))).equals(LARGE)).toBe(true);
    expect((await nc.ended).stdout).toBe('answer');
  });

  const noUnix = noUnixNc();
  test.skipIf(noUnix)(`nc -U connects ${noUnix || ''}`, async () => {
    const server = serverOf(unix);
    const where = server.getsockname() as string;
    const nc = start('nc', ['-N', '-U', where], { stdio: [largeFile(), 'pipe', 'pipe'] });
    expect((await takeAndAnswer(mode, server, Buffer.from('answer'))).equals(LARGE)).toBe(true);
    expect((await nc.ended).stdout).toBe('answer');
  });

  test.skipIf(noUnix)(`nc -U -u sends datagrams ${noUnix || ''}`, async () => {
    const server = open(AF_UNIX, SOCK_DGRAM);
    server.bind(path());
    const nc = start('nc', ['-u', '-U', '-s', path(), server.getsockname() as string]);
    nc.child.stdin!.write('from nc');
    const [data, sender] = await both(mode, server).recvfrom(100);
    expect(String(data)).toBe('from nc');
    await both(mode, server).sendto('to nc', 0, sender as string);
    await nc.says(/to nc/);
  });

  const noSocat = missing('socat');
  /** Where a socat that listens says it does. */
  const listens = / listening on AF=(?:2|1) ("[^"]*"|\S+)/;

  test.skipIf(noSocat)(`socat serves TCP ${noSocat || ''}`, async () => {
    const socat = start('socat', ['-d', '-d', 'TCP-LISTEN:0,bind=127.0.0.1', 'EXEC:cat']);
    const [, where = ''] = await socat.says(listens);
    const client = open(AF_INET, SOCK_STREAM);
    const [host = '', port] = where.split(':');
    await both(mode, client).connect([host, Number(port)] as never);
    expect((await swap(mode, client, LARGE.subarray(0, 50_000))).equals(LARGE.subarray(0, 50_000))).toBe(
      true,
    );
  });

  test.skipIf(noSocat)(`socat serves a path ${noSocat || ''}`, async () => {
    const where = path();
    const socat = start('socat', ['-d', '-d', `UNIX-LISTEN:${where}`, 'EXEC:cat']);
    await socat.says(listens);
    const client = open(AF_UNIX, SOCK_STREAM);
    await both(mode, client).connect(where as never);
    expect((await swap(mode, client, LARGE.subarray(0, 50_000))).equals(LARGE.subarray(0, 50_000))).toBe(
      true,
    );
  });

  test.skipIf(noSocat)(`socat serves an abstract name ${noSocat || ''}`, async () => {
    const name = `bsd-socket-${process.pid}-${mode}`;
    const socat = start('socat', ['-d', '-d', `ABSTRACT-LISTEN:${name}`, 'EXEC:cat']);
    await socat.says(listens);
    const client = open(AF_UNIX, SOCK_STREAM);
    await both(mode, client).connect(Buffer.from(`\0${name}`) as never);
    expect(String(await swap(mode, client, Buffer.from('hello')))).toBe('hello');
  });

  test.skipIf(noSocat)(`socat connects to a seqpacket server ${noSocat || ''}`, async () => {
    const server = serverOf(transports.find(({ name }) => name === 'Unix seqpackets')!);
    const socat = start('socat', ['-', `UNIX-CONNECT:${server.getsockname()},type=5`]);
    const [connection] = await both(mode, server).accept();
    onTestFinished(() => connection.close());
    socat.child.stdin!.write('one record');
    expect(String(await both(mode, connection).recv(100))).toBe('one record');
    await both(mode, connection).sendall('another');
    await socat.says(/another/);
  });

  test.skipIf(noSocat)(`socat sends UDP and is answered ${noSocat || ''}`, async () => {
    const server = serverOf(transports.find(({ name }) => name === 'UDP')!);
    const socat = start('socat', ['-', `UDP:127.0.0.1:${portOf(server)}`]);
    socat.child.stdin!.write('question');
    const [data, sender] = await both(mode, server).recvfrom(100);
    expect(String(data)).toBe('question');
    await both(mode, server).sendto('answer', 0, sender as never);
    await socat.says(/answer/);
  });
});

/** The server of test/fixtures/http-server.mjs in our two forms; resolves when all connections are served. */
async function serveHttp(mode: Mode, server: AnySocket, connections: number): Promise<void> {
  if (mode === 'sync') {
    const worker = new Worker(new URL('../fixtures/http-server.mjs', import.meta.url), {
      workerData: { fd: server.detach(), connections },
    });
    onTestFinished(async () => {
      await worker.terminate();
    });
    await once(worker, 'message');
    return;
  }
  let served = 0;
  const serving: Promise<void>[] = [];
  for await (const [connection] of server.connections()) {
    serving.push(answer(connection).finally(() => connection.close()));
    if (++served === connections) break;
  }
  await Promise.all(serving);
}

const END = '\r\n\r\n';

async function answer(connection: AnySocket): Promise<void> {
  let pending: Buffer = Buffer.alloc(0);
  for (;;) {
    while (!pending.includes(END)) {
      const data = await connection.recvAsync(65536);
      if (data.length === 0) return;
      pending = Buffer.concat([pending, data]);
    }
    const end = pending.indexOf(END);
    const head = pending.subarray(0, end).toString('latin1');
    const size = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (/^expect: 100-continue/im.test(head)) await connection.sendallAsync(`HTTP/1.1 100 Continue${END}`);
    const chunks = [pending.subarray(end + END.length)];
    for (let length = chunks[0]!.length; length < size; length += chunks.at(-1)!.length) {
      chunks.push(await connection.recvAsync(65536));
    }
    const body = Buffer.concat([Buffer.from(`${head.split('\r\n')[0]}\n`), ...chunks]);
    pending = Buffer.alloc(0);
    await connection.sendallAsync(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}${END}`);
    await connection.sendallAsync(body);
  }
}

const noCurl = missing('curl');
describe.skipIf(noCurl)(`curl ${noCurl || ''}`, () => {
  test.each(modes)('gets pages over TCP, %s', async (mode) => {
    const server = serverOf(tcp);
    const url = `http://127.0.0.1:${portOf(server)}`;
    const served = serveHttp(mode, server, 1);
    // Three requests over one connection.
    const curl = start('curl', ['-sS', `${url}/a`, `${url}/b`, `${url}/c`]);
    const { status, stdout, stderr } = await curl.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('GET /a HTTP/1.1\nGET /b HTTP/1.1\nGET /c HTTP/1.1\n');
    await served;
  });

  test.each(modes)('posts a large body over a Unix socket, %s', async (mode) => {
    const server = serverOf(unix);
    const where = server.getsockname() as string;
    const served = serveHttp(mode, server, 1);
    const curl = start('curl', [
      '-sS',
      '--unix-socket',
      where,
      '--data-binary',
      '@-',
      'http://localhost/post',
    ]);
    curl.child.stdin!.end(LARGE);
    const { status, stdout, stderr } = await curl.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`POST /post HTTP/1.1\n${LARGE}`);
    await served;
  });

  test.each(modes)('comes eight times at once, %s', async (mode) => {
    const server = serverOf(tcp);
    const url = `http://127.0.0.1:${portOf(server)}`;
    const served = serveHttp(mode, server, 8);
    const curls = Array.from({ length: 8 }, (_, index) => start('curl', ['-sS', `${url}/${index}`]));
    const ended = await Promise.all(curls.map((curl) => curl.ended));
    expect(ended.map(({ stdout }) => stdout)).toEqual(curls.map((_, index) => `GET /${index} HTTP/1.1\n`));
    await served;
  });
});
