/** Those at the other end: a thread that acts while the test's own is blocked, another process, Python. */
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, onTestFinished } from 'vitest';
import { type AnySocket, type Library, until } from './support.ts';

/** Where programs that are no test files (workers, children) find the package. */
export const libraryUrl = new URL('../dist/index.js', import.meta.url).href;

const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { readFileSync } = require('node:fs');
  const { url, gate, stat } = workerData;
  const asleep = () => /\\) S [^)]*$/.test(readFileSync(stat, 'utf8'));
  // To act too early is no mistake, the test just sees less; to wait for a sleep that never comes would be one.
  const blocked = () => {
    for (const end = performance.now() + 2000; !asleep() && performance.now() < end; );
  };
  import(url).then((library) => {
    parentPort.on('message', async ({ act, fd, args }) => {
      let sock;
      const result = {};
      try {
        sock = new library.Socket(null, null, null, fd);
        parentPort.postMessage({ ready: true });
        Atomics.wait(gate, 0, 0);
        blocked();
        result.value = await eval('(' + act + ')')(sock, { library, blocked, args });
      } catch (error) {
        result.error = error;
      }
      // Nobody is told before the descriptor is closed: whoever is may end this thread.
      sock?.close();
      parentPort.postMessage(result);
    });
  });
`;

export interface Scene {
  library: Library;
  /** Returns as soon as the test's thread sleeps, be it in a system call or in its event loop. */
  blocked(): void;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the test hands over.
  args: any;
}

// How long a test that is over waits for its peer, in milliseconds.
const PATIENCE = 3000;

const gate = new Int32Array(new SharedArrayBuffer(4));
let idle: Worker | undefined;

afterAll(() => idle?.terminate());

function hire(): Worker {
  const worker = idle;
  idle = undefined;
  const stat = `/proc/self/task/${process.pid}/stat`;
  return worker ?? new Worker(WORKER, { eval: true, workerData: { url: libraryUrl, gate, stat } });
}

/**
 * A thread that takes `sock` over (this one's is detached) and runs `act` with it, as soon as this thread waits for
 * something. `act` runs elsewhere: it sees its arguments and nothing else. The socket is closed when `act` is done.
 * `done` is for what it returns. One at a time.
 */
export async function peer<T>(
  sock: AnySocket,
  act: (sock: AnySocket, scene: Scene) => T,
  args?: unknown,
): Promise<{ done: Promise<Awaited<T>> }> {
  const worker = hire();
  let ended = false;
  onTestFinished(async () => {
    await Promise.race([Promise.allSettled([done]), sleep(PATIENCE, undefined, { ref: false })]);
    // One that is not done is stuck in its act: nothing can be asked of it any more.
    if (ended && idle === undefined) idle = worker;
    else await worker.terminate();
    worker.removeAllListeners('message').removeAllListeners('error');
  });
  gate[0] = 0;
  let begin: () => void;
  const ready = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const done = new Promise<Awaited<T>>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message) => {
      if (message.ready) return begin();
      ended = true;
      if ('error' in message) reject(message.error);
      else resolve(message.value);
    });
  });
  // Who is not interested in the end meets a failure in what the test itself waits for.
  done.catch(() => {});
  worker.postMessage({ act: String(act), fd: sock.detach(), args });
  await Promise.race([ready, done]);
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  return { done };
}

// Other processes

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const LONGEST = 15_000;

/** The other entry points, for programs that are no test files. */
export interface Entries {
  select: typeof import('bsd-socket/select');
  selectors: typeof import('bsd-socket/selectors');
  socketserver: typeof import('bsd-socket/socketserver');
}
export type Load = <E extends keyof Entries>(entry: E) => Promise<Entries[E]>;

/**
 * Runs `main` as the program of a Node process of its own. It sees the library, `args` and `load`, and nothing else. The
 * process is killed when the test is over, and in any case after some seconds.
 */
export function child(
  // biome-ignore lint/suspicious/noExplicitAny: whatever the test hands over.
  main: (library: Library, args: any, load: Load) => unknown,
  args: unknown = null,
  nodeArgs: string[] = [],
) {
  const load = `(entry) => import(new URL(entry + '.js', '${libraryUrl}'))`;
  const source = `await (${main})(await import('${libraryUrl}'), ${JSON.stringify(args)}, ${load});`;
  const program = spawn(process.execPath, [...nodeArgs, '--input-type=module', '-e', source], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LONGEST,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  program.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  program.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  // It may have ended before it reads what is written to it.
  program.stdin.on('error', () => {});
  onTestFinished(() => {
    program.kill('SIGKILL');
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    program.on('error', reject);
    program.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  /** Resolves when the program has written this. */
  const says = (text: string) => until(() => stdout.includes(text) || program.exitCode !== null);
  return { program, ended, says };
}

function findPython(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']);
  return status === 0 ? 'python3' : undefined;
}

/** A Python that is new enough to be asked; undefined where there is none. */
export const python = findPython();
export const noPython = python === undefined ? ' (skipped: no python3 >= 3.10 on this machine)' : '';

/** What a Python program prints as JSON. */
export function askPython(program: string): unknown {
  const { status, stdout, stderr } = spawnSync(python!, ['-c', program], {
    encoding: 'utf8',
    timeout: LONGEST,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
