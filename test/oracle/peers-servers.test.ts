/** nginx and redis as servers, on a Unix socket and on a TCP port that nobody had to guess. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AF_INET, AF_UNIX, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET, Socket } from 'bsd-socket';
import { beforeEach, describe, expect, test } from 'vitest';
import { both, failure, type Mode, modes, until } from '../support.ts';
import { type AnySocket, open } from './echo.ts';
import { missing, type Program, path, start } from './programs.ts';

const LARGE = Buffer.alloc(500_000, 'the quick brown fox ');

async function connected(mode: Mode, family: number, address: unknown): Promise<AnySocket> {
  const socket = open(family, SOCK_STREAM);
  await both(mode, socket).connect(address as never);
  return socket;
}

/** Resolves as soon as the server listens at an address. */
async function listensOn(family: number, address: unknown, { child }: Program): Promise<void> {
  await until(() => {
    if (child.exitCode !== null) throw new Error(`the server has ended with ${child.exitCode}`);
    const probe = new Socket(family, SOCK_STREAM);
    const found = probe.connectEx(address as never) === 0;
    probe.close();
    return found;
  });
}

const noNginx = missing('nginx');
describe.skipIf(noNginx)(`nginx ${noNginx || ''}`, () => {
  let where = '';
  let address: [string, number];
  const doors = [
    ['TCP', AF_INET, () => address],
    ['a Unix socket', AF_UNIX, () => where],
  ] as const;

  beforeEach(async () => {
    where = path();
    const root = path();
    mkdirSync(root);
    chmodSync(dirname(root), 0o755);
    writeFileSync(join(root, 'small.txt'), 'hello from nginx\n');
    writeFileSync(join(root, 'large.txt'), LARGE);
    // A socket that does not listen keeps the port for nginx, with which it shares it.
    const holder = open(AF_INET, SOCK_STREAM);
    holder.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    holder.bind(['127.0.0.1', 0] as never);
    address = holder.getsockname() as [string, number];
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    writeFileSync(
      join(root, 'nginx.conf'),
      `daemon off; master_process off; pid ${root}/pid; error_log stderr warn;
       events { worker_connections 64; }
       http {
         access_log off; default_type text/plain;
         ${temporary.map((name) => `${name}_temp_path ${root}/${name};`).join(' ')}
         server {
           listen unix:${where}; listen ${address.join(':')} reuseport; root ${root};
           location = /echo { client_max_body_size 1m; return 200 "$request_method $content_length"; }
         }
       }`,
    );
    const nginx = start('nginx', ['-e', 'stderr', '-p', root, '-c', join(root, 'nginx.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // It opens the one after the other.
    for (const [, family, at] of doors) await listensOn(family, at(), nginx);
  });

  /** Sends a request that closes the connection; returns the head and the body of the answer. */
  async function request(mode: Mode, socket: AnySocket, line: string): Promise<[head: string, body: Buffer]> {
    await both(mode, socket).sendall(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const chunks: Buffer[] = [];
    for (;;) {
      const data = await both(mode, socket).recv(65536);
      if (data.length === 0) break;
      chunks.push(data);
    }
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf('\r\n\r\n');
    return [answer.subarray(0, end).toString(), answer.subarray(end + 4)];
  }

  test.each(doors.flatMap((door) => modes.map((mode) => [...door, mode] as const)))(
    'answers over %s',
    async (_, family, at, mode) => {
      const [head, body] = await request(mode, await connected(mode, family, at()), 'GET /small.txt');
      expect(head).toMatch(/^HTTP\/1.1 200 OK\r\nServer: nginx/);
      expect(String(body)).toBe('hello from nginx\n');
      const [, large] = await request(mode, await connected(mode, family, at()), 'GET /large.txt');
      expect(large.equals(LARGE)).toBe(true);
      const [nothing] = await request(mode, await connected(mode, family, at()), 'HEAD /nothing');
      expect(nothing).toMatch(/^HTTP\/1.1 404 Not Found/);
      const [bad] = await request(mode, await connected(mode, family, at()), 'nonsense');
      expect(bad).toMatch(/^HTTP\/1.1 400 Bad Request/);
    },
  );

  test.each(modes)('keeps a connection, %s', async (mode) => {
    const socket = await connected(mode, AF_INET, address);
    for (let count = 0; count < 20; count++) {
      await both(mode, socket).sendall('GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n');
      let answer = '';
      while (!answer.endsWith('hello from nginx\n')) answer += await both(mode, socket).recv(4096);
      expect(answer).toContain('Content-Length: 17');
    }
  });
});

const noRedis = missing('redis-server');
describe.skipIf(noRedis)(`redis ${noRedis || ''}`, () => {
  let where = '';

  beforeEach(async () => {
    where = path();
    const folder = path();
    mkdirSync(folder);
    const options = [
      '--port',
      '0',
      '--unixsocket',
      where,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ];
    await listensOn(AF_UNIX, where, start('redis-server', options));
  });

  const command = (...words: (string | Buffer)[]) =>
    Buffer.concat([
      Buffer.from(`*${words.length}\r\n`),
      ...words.flatMap((word) => [
        Buffer.from(`$${Buffer.byteLength(word)}\r\n`),
        Buffer.from(word),
        Buffer.from('\r\n'),
      ]),
    ]);

  /** Receives until so many bytes are there. */
  async function exactly(mode: Mode, socket: AnySocket, size: number): Promise<Buffer> {
    const buffer = Buffer.alloc(size);
    for (let filled = 0; filled < size; ) {
      const count = await both(mode, socket).recvInto(buffer.subarray(filled));
      if (count === 0) throw new Error('the stream has ended');
      filled += count;
    }
    return buffer;
  }

  async function ask(mode: Mode, socket: AnySocket, question: Buffer, answer: string): Promise<void> {
    await both(mode, socket).sendall(question);
    expect(String(await exactly(mode, socket, answer.length))).toBe(answer);
  }

  test.each(modes)('answers, one command after the other, %s', async (mode) => {
    const socket = await connected(mode, AF_UNIX, where);
    await ask(mode, socket, command('PING'), '+PONG\r\n');
    await ask(mode, socket, command('SET', 'key', 'value'), '+OK\r\n');
    await ask(mode, socket, command('GET', 'key'), '$5\r\nvalue\r\n');
    await ask(mode, socket, command('GET', 'nothing'), '$-1\r\n');
    await ask(mode, socket, command('SET', 'large', LARGE), '+OK\r\n');
    await ask(mode, socket, command('GET', 'large'), `$${LARGE.length}\r\n${LARGE}\r\n`);
    await ask(mode, socket, command('NONSENSE'), '-ERR unknown command');
  });

  test.each(modes)('answers a pipeline of 1,000 commands, %s', async (mode) => {
    const socket = await connected(mode, AF_UNIX, where);
    const questions = Buffer.concat(Array.from({ length: 1000 }, () => command('INCR', 'count')));
    const answers = Array.from({ length: 1000 }, (_, index) => `:${index + 1}\r\n`).join('');
    await ask(mode, socket, questions, answers);
  });

  test.each(modes)('publishes to a subscriber, %s', async (mode) => {
    const subscriber = await connected(mode, AF_UNIX, where);
    const publisher = await connected(mode, AF_UNIX, where);
    await ask(
      mode,
      subscriber,
      command('SUBSCRIBE', 'news'),
      '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n',
    );
    await ask(mode, publisher, command('PUBLISH', 'news', 'hello'), ':1\r\n');
    const message = '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n';
    expect(String(await exactly(mode, subscriber, message.length))).toBe(message);
  });

  test.each(modes)('that does not answer in time is a TimeoutError, %s', async (mode) => {
    const socket = await connected(mode, AF_UNIX, where);
    socket.settimeout(0.02);
    await both(mode, socket).sendall(command('BLPOP', 'empty', '0'));
    expect(await failure(() => both(mode, socket).recv(1))).toMatchObject({ name: 'TimeoutError' });
  });
});
