/** Programs with threads, as processes of their own: what they write, how they end, and that nothing is left behind. */
import { createConnection, type Socket } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fixture, start, startNode } from '../fixtures/start.ts';
import { opaque, pollingThreads } from '../fixtures/threads.mjs';
import { until } from '../support.ts';

const LIMIT = 60_000;
// A sanitizer makes everything slower.
const SOON = process.env.ASAN_OPTIONS === undefined ? 2000 : 10_000;
const program = (name: string) => startNode('thread-programs.mjs', name);

test('a thread that fails does not end the process, and says at once what has happened', async () => {
  const { status, stdout, stderr } = await program('failures').ended;
  expect({ status, stdout }).toEqual({ status: 0, stdout: '"alive"\n' });
  const heads = stderr.match(/^Exception in thread .*\n.*$/gm);
  expect(heads).toEqual([
    'Exception in thread one:\nTypeError: it failed',
    'Exception in thread two:\nRangeError: it was rejected',
    'Exception in thread three:\nError: it failed later',
    expect.stringMatching(/^Exception in thread five:\nError.*Cannot find module/),
  ]);
  expect(stderr).toContain("code: 'X'");
});

test('a thread writes while the main thread is blocked, more than fits a pipe', async () => {
  const { status, stdout, stderr } = await program('output').ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'to stderr\n' });
  const lines = Array.from({ length: 2000 }, (_, line) => `line ${line} ${'x'.repeat(200)}\n`);
  expect(stdout === lines.join('')).toBe(true);
});

test('a server that is blocked in accept for ever starts threads, and uses their workers again', async () => {
  const { says } = program('server');
  const port = Number((await says(/^(\d+)\n/))[1]);
  const connect = () => {
    const client: Socket<number> = createConnection(['127.0.0.1', port]);
    onTestFinished(() => client.close());
    return client;
  };
  const echo = async (client: Socket<number>) => {
    await client.sendallAsync('hello');
    expect(String(await client.recvAsync(10))).toBe('hello');
  };
  // Three at once, and then as many as one likes one after the other.
  const clients = [connect(), connect(), connect()];
  for (const client of clients) await echo(client);
  for (const client of clients) client.close();
  let threads = 0;
  for (let turn = 1; turn <= 20; turn++) {
    const client = connect();
    await echo(client);
    client.shutdown(1);
    expect((await client.recvAsync(1)).length).toBe(0);
    const [, ident, count] = await says(new RegExp(`(?:\\[\\d+,\\d+\\]\\n){${turn + 2}}\\[(\\d+),(\\d+)\\]`));
    // A worker closes its socket a moment before it is free.
    expect(Number(ident)).toBeLessThanOrEqual(4);
    threads = Number(count);
  }
  expect(threads).toBeGreaterThan(0);
});

describe('a process ends', () => {
  test.each([
    ['keeps', '"over"\n', 'not before its threads, though its main thread has nothing to do'],
    ['nested', '3\n"printed"\n', 'not before a thread that a blocked daemon has started'],
    ['daemons', '"ending"\n', 'though daemons are blocked in every way'],
  ])('%s', async (name, stdout) => {
    expect(await program(name).ended).toEqual({ status: 0, signal: null, stdout, stderr: '' });
  });

  test('by process.exit(), soon, though 10 threads are blocked', async () => {
    const { says, ended, exited } = program('exit');
    await says(/ending/);
    const announced = performance.now();
    const took = (await exited) - announced;
    expect(await ended).toMatchObject({ status: 7, stderr: '' });
    expect(took).toBeLessThan(SOON);
  });

  test.skipIf(opaque)('by a signal that it listens to, which ends the main thread’s wait', async () => {
    const { says, ended, child, pid } = program('signal');
    await says(/blocked/);
    // The main thread, and the other one.
    await until(() => pollingThreads(pid) === 2);
    child.kill('SIGTERM');
    expect(await ended).toEqual({
      status: 9,
      signal: null,
      stdout: '"blocked"\n"InterruptedError"\n',
      stderr: '',
    });
  });

  test('after the threads of a worker that is none of the library’s', async () => {
    const { status, stdout, stderr } = await program('elsewhere').ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'to stderr\n' });
    expect(stdout).toContain('["Thread-1 (prints)",2]\n');
  });
});

test('a thousand threads run in one worker, and those that cannot be used again leave nothing', {
  timeout: LIMIT,
}, async () => {
  const { status, stdout, stderr } = await program('churn').ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ idents: 1, after: [0, 0], alive: 1 });
});

// A plain worker without memory takes the process along in Node 24, and goes on for ever in Node 26.
const survives = Number.parseInt(process.versions.node, 10) < 24;

test.skipIf(!survives)(
  'a thread for which there is no memory is over, and the process is told',
  {
    timeout: LIMIT,
  },
  async () => {
    const args = ['--max-old-space-size=60', fixture('thread-programs.mjs'), 'memory'];
    const { status, stdout, stderr } = await start(process.execPath, args).ended;
    expect({ status, stdout }).toEqual({ status: 0, stdout: '[false,1]\n' });
    expect(stderr).toMatch(/Exception in thread greedy:\nError \[ERR_WORKER_OUT_OF_MEMORY\]/);
  },
);

test.each([
  ['commonjs', "const { Thread } = require('bsd-socket/threading');"],
  ['module', "import { Thread } from 'bsd-socket/threading';"],
])('a program on the command line starts threads: --input-type=%s', async (type, first) => {
  const target = new URL('../fixtures/thread-targets.mjs#prints', import.meta.url).href;
  const text = `${first} const t = new Thread({ target: '${target}', args: [0] }); t.start(); t.join();`;
  const cwd = fixture('../..');
  const { status, stderr } = await start(process.execPath, [`--input-type=${type}`, '--eval', text], { cwd })
    .ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'to stderr\n' });
});
