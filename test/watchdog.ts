/**
 * Runs before each test file, in that file's process: ends the process when a test blocks its thread for good.
 *
 * The time limits of vitest are timers of the thread that they watch, so a synchronous call that never returns would
 * hold up the whole run, in silence. A second thread looks for a sign of life here, and names the test that hangs.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach } from 'vitest';

/** Seconds without a turn of the event loop: more than a test has (vitest.config.ts). */
const LIMIT = 30;

const beats = new Int32Array(new SharedArrayBuffer(4));
const name = new Uint8Array(new SharedArrayBuffer(1000));

const watcher = `
const { parentPort, workerData: { beats, name, limit } } = require('node:worker_threads');
parentPort.postMessage('watching');
for (let seen = 0, idle = 0; idle < limit; idle++) {
  Atomics.wait(beats, 0, seen, 1000);
  if (beats[0] !== seen) [seen, idle] = [beats[0], 0];
}
const test = Buffer.from(name).toString().replaceAll('\\0', '');
require('node:fs').writeSync(2, 'blocked for ' + limit + ' s, so its process is ended: ' + test + '\\n');
process.kill(process.pid, 'SIGKILL');
`;
const thread = new Worker(watcher, { eval: true, workerData: { beats, name, limit: LIMIT } });
await once(thread, 'message');
thread.unref();

const beat = () => {
  beats[0]! += 1;
};
setInterval(beat, 1000).unref();

beforeEach(({ task }) => {
  name.fill(0);
  new TextEncoder().encodeInto(task.fullName, name);
  beat();
});
afterEach(beat);
