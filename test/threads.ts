/** Worker threads of this process that run one function with the library. */
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { type Load, libraryUrl } from './peers.ts';
import type { Library } from './support.ts';

const SOURCE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const load = (entry) => import(new URL(entry + '.js', workerData.url));
  import(workerData.url).then(async (library) => {
    const result = {};
    try {
      result.value = await eval('(' + workerData.act + ')')(library, workerData.args, parentPort, load);
    } catch (error) {
      result.error = error;
    }
    parentPort.postMessage({ result });
  });
`;

export interface Thread<T> {
  worker: Worker;
  /** What `act` has returned. */
  done: Promise<T>;
  /** The worker has ended, and its clean-up is over. */
  ended: Promise<void>;
}

/**
 * Runs `act` in a new thread: it sees the library, its arguments, the thread's port and `load`, and nothing else. The thread is
 * ended when the test is over.
 */
export function thread<T, A>(
  act: (library: Library, args: A, port: import('node:worker_threads').MessagePort, load: Load) => T,
  args: A,
): Thread<Awaited<T>> {
  const workerData = { url: libraryUrl, act: String(act), args };
  const worker = new Worker(SOURCE, { eval: true, workerData });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const done = new Promise<Awaited<T>>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', ({ result }) => {
      if (result === undefined) return;
      if ('error' in result) reject(result.error);
      else resolve(result.value);
    });
    ended.then(() => reject(new Error('the thread has ended without a result')));
  });
  done.catch(() => {});
  return { worker, done, ended };
}
