/** Threading and Forking servers under load, when they are killed meanwhile, and when they lack what they need. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { promisify } from 'node:util';
import { createConnectionAsync, SO_LINGER, SOL_SOCKET } from 'bsd-socket';
import { expect, test } from 'vitest';
import { start } from '../fixtures/start.ts';
import { clientOf, mixins, order, type Servers, servers } from '../mixins.ts';
import { noPython, python } from '../peers.ts';
import { type AnySocket, keep, modes } from '../support.ts';

const run = promisify(execFile);
const missing = (program: string) =>
  spawnSync(program, ['-v']).error === undefined ? '' : ` (skipped: no ${program} on this machine)`;
const noAb = missing('ab');
const noWrk = missing('wrk');
const GIGABYTE = 2 ** 30;
/** 100 threads may be needed at a time, and all clients have to fit into the queue. */
const noThousand =
  freemem() < 3 * GIGABYTE
    ? ' (skipped: less than 3 GB of memory are free)'
    : Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) < 1024
      ? ' (skipped: net.core.somaxconn is below 1024)'
      : '';
const NOTHING = { fds: [], tasks: 0, children: [] };
const url = (address: [string, number]) => `http://127.0.0.1:${address[1]}/`;

const matrix = mixins.flatMap((mixin) => modes.map((mode) => ({ mixin, mode, title: `${mixin}, ${mode}` })));

/** How it is when the server has been told to end: it ends by itself, and nothing is left. */
async function ends(program: Servers, stderr: unknown = ''): Promise<void> {
  await program.next('over');
  await program.next('closed');
  expect(await program.next('left')).toEqual(NOTHING);
  expect(await program.ended).toMatchObject({ status: 0, stderr });
}

/** Asks again and again, and ends the server after so many answers. Each client is served, or refused in the end. */
async function endUnderLoad(program: Servers, address: [string, number], after: number): Promise<void> {
  let over = false;
  let answered = 0;
  const client = async () => {
    while (!over) {
      try {
        using connection = await createConnectionAsync(address);
        await connection.sendallAsync('GET / HTTP/1.0\r\n\r\n');
        let answer = '';
        for await (const chunk of connection.chunks()) answer += chunk;
        expect(answer).toMatch(/hello\n$/);
        if (++answered === after) program.end();
      } catch (error) {
        expect(['ECONNRESET', 'ECONNREFUSED', 'EPIPE']).toContain((error as { code?: string }).code);
      }
    }
  };
  const clients = Array.from({ length: 10 }, client);
  // A client that is torn away, as those of wrk are in the end, is an error of its handler.
  await ends(program, expect.any(String));
  over = true;
  await Promise.all(clients);
}

test.skipIf(noAb !== '').each(matrix)(
  `$title: ab, wrk, and SIGTERM under load${noAb}`,
  async ({ mixin, mode }) => {
    const threading = mixin === 'Threading';
    const [concurrency, requests] = threading ? ['50', '1000'] : ['4', '8'];
    const program = servers({ classes: [`${mixin}TCPServer`], mode, handler: 'Web' });
    const address = await program.serving();
    const { stdout } = await run('ab', ['-q', '-c', concurrency, '-n', requests, url(address)]);
    expect(stdout).toMatch(new RegExp(`^Complete requests: +${requests}$`, 'm'));
    expect(stdout).toMatch(/^Failed requests: +0$/m);
    expect(stdout).not.toMatch(/Non-2xx/);
    if (threading && !noWrk) {
      const wrk = await run('wrk', ['-t', '1', '-c', '20', '-d', '1s', url(address)]);
      expect(wrk.stdout).not.toMatch(/ 0 requests in|Non-2xx|connect [1-9]|timeout [1-9]/);
    }
    await endUnderLoad(program, address, threading ? 50 : 2);
  },
);

test.skipIf(noThousand !== '')(
  `Threading: 1,000 slow clients at once${noThousand}`,
  { timeout: 60_000 },
  async () => {
    const COUNT = 1000;
    const program = servers({ classes: ['ThreadingTCPServer'], mode: 'sync' });
    const address = await program.serving();
    const clients: AnySocket[] = [];
    // Half a line each, and the rest only when all of them are there.
    for (let count = 0; count < COUNT; count++) {
      clients.push(keep(await createConnectionAsync(address, 50)));
      await clients[count]!.sendallAsync(`client ${count}`);
    }
    for (const client of clients.toReversed()) await client.sendallAsync('!\n');
    const answers = await Promise.all(clients.map((client) => client.recvAsync(100)));
    expect(answers.map(String)).toEqual(clients.map((_, index) => `client ${index}!\n`));
    for (const client of clients) client.close();
    program.end();
    await ends(program);
  },
);

test('Threading: without a limit, more clients that hang than processors are served at the same time', async () => {
  const attributes = { maxThreads: null };
  const program = servers({ classes: ['ThreadingTCPServer'], mode: 'sync', handler: 'Obedient', attributes });
  const address = await program.serving();
  const clients = Array.from({ length: 2 * availableParallelism() + 2 }, () => clientOf('TCP', address));
  for (const [index, client] of clients.entries())
    expect(await order(client, `echo ${index}`)).toBe(`${index}`);
  for (const client of clients) client.close();
  program.end();
  await ends(program);
});

test('Threading: clients that reset, whenever they do, stop nobody', async () => {
  const program = servers({ classes: ['ThreadingTCPServer'], mode: 'sync', handler: 'Obedient' });
  const address = await program.serving();
  for (let count = 0; count < 30; count++) {
    const client = clientOf('TCP', address);
    if (count % 3 > 0) client.send('echo 1\nhalf a line');
    if (count % 3 > 1) await client.recvAsync(6);
    client.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    client.close();
  }
  const client = clientOf('TCP', address);
  expect(await order(client, 'echo 2')).toBe('2');
  client.close();
  program.end();
  await program.next('over');
  await program.next('closed');
  expect(await program.next('left')).toEqual(NOTHING);
  const { stderr } = await program.ended;
  const errors = new Set([...stderr.matchAll(/^(\w+): /gm)].map(([, name]) => name));
  for (const name of ['ConnectionResetError', 'BrokenPipeError', 'OSError', 'SyntaxError', 'TypeError'])
    errors.delete(name);
  expect([...errors]).toEqual([]);
});

test('Forking: children finish what they are at when the server is killed', async () => {
  const program = servers({ classes: ['ForkingTCPServer'], mode: 'sync', handler: 'Obedient' });
  const address = await program.serving();
  const client = clientOf('TCP', address);
  const { pid } = (await order(client, 'where')) as { pid: number };
  expect(pid).not.toBe(program.pid);
  program.child.kill('SIGKILL');
  await program.exited;
  expect(await order(client, 'echo 1')).toBe('1');
  client.close();
});

// The descriptor does not reach the thread that starts children; or it does, and there are none for the child's pipe.
test.each([
  [0, 'sync'],
  [2, 'async'],
] as const)(
  'Forking: out of descriptors but %i, %s, a request is refused, and the next one is not',
  async (spare, mode) => {
    const program = servers(
      { classes: ['ForkingTCPServer'], mode, handler: 'Stream', spare },
      'sh',
      '-c',
      'ulimit -n 200; exec "$0" "$@"',
      process.execPath,
    );
    const address = await program.serving();
    const answers: string[] = [];
    for (let count = 0; count < 3; count++) {
      const client = clientOf('TCP', address);
      await client.sendallAsync('line\n');
      answers.push(await client.recvAsync(100).then(String, (error: { code: string }) => error.code));
    }
    expect(answers).toEqual(['line\n', expect.stringMatching(/^(ECONNRESET)?$/), 'line\n']);
    program.end();
    await program.next('over');
    await program.next('closed');
    expect(await program.next('left')).toEqual(NOTHING);
    const { status, stderr } = await program.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/OSError: .*\n(.*\n)*?.*code: 'EMFILE'/);
  },
);

// The thread of the second request goes on while the server waits until it may have another one.
test.each(modes)(
  'Threading: out of descriptors while it is held back, %s, a server goes on',
  async (mode) => {
    const attributes = { maxThreads: 1 };
    const program = servers(
      { classes: ['ThreadingTCPServer'], mode, handler: 'Obedient', attributes, spare: 0, afterwards: true },
      'sh',
      '-c',
      'ulimit -n 200; exec "$0" "$@"',
      process.execPath,
    );
    const address = await program.serving();
    for (let count = 0; count < 4; count++) {
      const client = clientOf('TCP', address);
      expect(await order(client, `echo ${count}`)).toBe(String(count));
      client.close();
    }
    program.end();
    await program.next('over');
    await program.next('closed');
    expect(await program.next('left')).toEqual(NOTHING);
    expect(await program.ended).toMatchObject({ status: 0, stderr: '' });
  },
);

const PYTHON_CLIENTS = `
import socket, sys, threading
def client(i):
    with socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as s, s.makefile('rw', newline='\\n') as f:
        print(f'client {i}', file=f, flush=True)
        answers.append(f.readline())
        assert f.read() == ''
answers = []
threads = [threading.Thread(target=client, args=(i,)) for i in range(int(sys.argv[2]))]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(answers) == sorted(f'client {i}\\n' for i in range(int(sys.argv[2]))))
`;

test.skipIf(python === undefined)(`Threading: clients in Python${noPython}`, async () => {
  const program = servers({ classes: ['ThreadingTCPServer'], mode: 'sync' });
  const address = await program.serving();
  const clients = start(python!, ['-c', PYTHON_CLIENTS, String(address[1]), '100']);
  expect(await clients.ended).toMatchObject({ status: 0, stdout: 'True\n', stderr: '' });
  program.end();
  await ends(program);
});
