/** binding/parking.cpp and threads.cpp. Each program is a process of its own, as it has its own workers. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const fixture = fileURLToPath(new URL('../fixtures/native-parking.mjs', import.meta.url));

test.each([
  ['arguments', 'wrong arguments are TypeError or RangeError, and never a crash'],
  ['parking', 'a thread waits for a cell until it is woken, or its time is over'],
  ['sleeping', 'waits on the event loop are woken in the order in which they began'],
  ['worker', 'the end of a worker is seen, and interrupts reach its waits'],
  ['passing', 'a worker that ends passes on what it was woken for'],
  ['beside', 'a wait on the event loop takes no wake-up from a thread that blocks'],
  ['both', 'an interruption is not lost where somebody wakes the wait'],
])('%s: %s', (program) => {
  const { status, signal, stderr } = spawnSync(process.execPath, [fixture, program], {
    encoding: 'utf8',
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});
