/**
 * Signals and a main thread that is blocked in a synchronous call. The signals come from the test's process, when
 * /proc has shown that the other one waits.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { EINTR } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Program, startNode } from '../fixtures/start.ts';
import { opaque, pollingThreads } from '../fixtures/threads.mjs';
import { everyWaitingCall } from '../fixtures/waiting-calls.mjs';
import { askPython, child, noPython, python } from '../peers.ts';
import { until } from '../support.ts';

interface Outcome {
  error?: string;
  errno?: number;
  syscall?: string;
  value?: unknown;
  took: number;
  during: string[];
  heard: string[];
}

/** Starts a process and waits until it is blocked in the call. */
async function blocked(call: string, timeout: number | 'none', ...listened: string[]): Promise<Program> {
  const program = startNode('blocked.mjs', call, String(timeout), ...listened);
  await program.says(/blocking/);
  await until(() => pollingThreads(program.pid) > 0);
  return program;
}

async function outcomeOf({ child, ended, says }: Program): Promise<Outcome> {
  const [json] = await says(/\{.*\}\n/);
  // It lives until then, so that no signal can meet it while it ends and listens no more.
  child.stdin!.end();
  const { status, signal, stderr } = await ended;
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(json);
}

/** Sends signals in turn, one every ten milliseconds, until the process says how its call has ended. */
function bother({ child, says }: Program, signals: NodeJS.Signals[]): () => number {
  let count = 0;
  const timer = setInterval(() => child.kill(signals[count++ % signals.length]), 10);
  const stop = () => clearInterval(timer);
  onTestFinished(stop);
  says(/\{.*\}\n/).then(stop, stop);
  return () => count;
}

const ofCall: Record<string, string> = {
  'connect to a full backlog': 'connect',
  'connect without an answer': 'connect',
  'recv of all': 'recv',
  recvInto: 'recv',
  recvfromInto: 'recvfrom',
  sendall: 'send',
  'readline of a file': 'recv',
  'select with a hang-up that does not count': 'select',
  'poll of a poll object': 'poll',
  'poll of an epoll object': 'epoll_wait',
  'select of a selector': 'epoll_wait',
};

describe.skipIf(opaque)(opaque ? `signals: ${opaque}` : 'signals', () => {
  test.each(Object.keys(everyWaitingCall))(
    'a listener gets to run: %s throws InterruptedError',
    async (call) => {
      const program = await blocked(call, 'none', 'SIGINT');
      program.child.kill('SIGINT');
      expect(await outcomeOf(program)).toMatchObject({
        error: 'InterruptedError',
        errno: EINTR,
        syscall: ofCall[call] ?? call,
        during: [],
        heard: ['SIGINT'],
      });
    },
  );

  test.each(['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGALRM'] as const)('so does one of %s', async (signal) => {
    const program = await blocked('recv', 'none', signal);
    program.child.kill(signal);
    expect(await outcomeOf(program)).toMatchObject({ error: 'InterruptedError', heard: [signal] });
  });

  test('the raw poll returns -EINTR, whoever listens', async () => {
    const program = await blocked('raw poll', 'none', 'SIGUSR2');
    program.child.kill('SIGUSR2');
    expect(await outcomeOf(program)).toMatchObject({ value: -EINTR, heard: ['SIGUSR2'] });
  });

  // The kernel may choose any thread that does not block it, and does so above all where two signals come at once.
  test.skipIf(!python)(`a signal that another thread has taken ends the wait, too${noPython}`, async () => {
    const program = await blocked('recv', 'none', 'SIGUSR2');
    const { pid } = program;
    const signum = constants.signals.SIGUSR2;
    const takes = (thread: string) => {
      const [, mask] = /^SigBlk:\t(\w+)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))!;
      return (BigInt(`0x${mask}`) & (1n << BigInt(signum - 1))) === 0n;
    };
    const thread = readdirSync(`/proc/${pid}/task`).find((id) => Number(id) !== pid && takes(id));
    expect(askPython(`import ctypes; print(ctypes.CDLL(None).tgkill(${pid}, ${thread}, ${signum}))`)).toBe(0);
    expect(await outcomeOf(program)).toMatchObject({ error: 'InterruptedError', heard: ['SIGUSR2'] });
  });

  test('one that arrives before the wait ends one wait, unless a turn of the event loop comes first', async () => {
    const { ended } = child(async ({ socketpair, InterruptedError }) => {
      const heard: string[] = [];
      process.on('SIGUSR2', (name) => heard.push(name));
      const [a, b] = socketpair();
      a.settimeout(0.02);
      const outcome = () => {
        try {
          return String(a.recv(10));
        } catch (error) {
          return error instanceof InterruptedError ? 'interrupted' : (error as Error).name;
        }
      };
      const outcomes: string[] = [];
      process.kill(process.pid, 'SIGUSR2');
      outcomes.push(outcome(), outcome());
      process.kill(process.pid, 'SIGUSR2');
      // What is there already counts for more.
      b.sendall('data');
      outcomes.push(outcome(), outcome(), outcome());
      process.kill(process.pid, 'SIGUSR2');
      while (heard.length < 3) await new Promise((resolve) => setImmediate(resolve));
      outcomes.push(outcome());
      process.removeAllListeners('SIGUSR2');
      process.once('SIGUSR2', (name) => heard.push(name));
      process.kill(process.pid, 'SIGUSR2');
      outcomes.push(outcome());
      while (heard.length < 4) await new Promise((resolve) => setImmediate(resolve));
      outcomes.push(outcome());
      console.log(outcomes.join());
    });
    expect(await ended).toMatchObject({
      stderr: '',
      stdout:
        'interrupted,TimeoutError,data,interrupted,TimeoutError,TimeoutError,interrupted,TimeoutError\n',
      status: 0,
    });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('without a listener %s kills', async (signal) => {
    const program = await blocked('recv', 'none');
    program.child.kill(signal);
    expect(await program.ended).toMatchObject({ status: null, signal });
  });

  test('a listener for another signal does not change that', async () => {
    const program = await blocked('accept', 'none', 'SIGUSR2');
    program.child.kill('SIGINT');
    expect(await program.ended).toMatchObject({ status: null, signal: 'SIGINT' });
  });

  const TIMEOUT = 0.4;
  /** What a timeout may take longer on a busy machine; one that began anew with every signal would never pass. */
  const LATE = 2000;
  const ignored: NodeJS.Signals[] = ['SIGCHLD', 'SIGWINCH', 'SIGCONT', 'SIGURG'];
  // Those that Node handles for itself, as when a child process ends; a listener waits until the call is over.
  const quiet: NodeJS.Signals[] = ['SIGCHLD', 'SIGWINCH', 'SIGPROF'];

  test.each([
    ['nobody listens to', ignored, []],
    ['Node handles for itself', quiet, quiet],
    ['Node handles for itself, by a program that listens to others, too', quiet, [...quiet, 'SIGUSR2']],
    ['nobody listens to, among others SIGSTOP', ['SIGSTOP', 'SIGCONT'] as NodeJS.Signals[], []],
    ['nobody listens to, but to others', ignored, ['SIGUSR2']],
  ])('those that %s interrupt nothing, and the timeout holds', async (_, signals, listened) => {
    const program = await blocked('recv', TIMEOUT, ...listened);
    const count = bother(program, signals);
    const { error, took, during } = await outcomeOf(program);
    expect(error).toBe('TimeoutError');
    expect(during).toEqual([]);
    expect(took).toBeGreaterThanOrEqual(TIMEOUT * 1000);
    expect(took).toBeLessThan(TIMEOUT * 1000 + LATE);
    expect(count()).toBeGreaterThan(3);
  });

  test('a paced wait keeps its timeout, too', async () => {
    const program = await blocked('connect to a full backlog', TIMEOUT);
    bother(program, ignored);
    const { error, took } = await outcomeOf(program);
    expect(error).toBe('TimeoutError');
    expect(took).toBeGreaterThanOrEqual(TIMEOUT * 1000);
    expect(took).toBeLessThan(TIMEOUT * 1000 + LATE);
  });
});
