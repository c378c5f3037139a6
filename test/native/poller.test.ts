/**
 * binding/poller.cpp, owned.cpp, shared.cpp, signals.cpp and defaults.cpp: what the addon has and `bsd-socket/binding` does not hand out. Each
 * program is a process of its own, for what it does to its board.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const fixture = fileURLToPath(new URL('../fixtures/native-poller.mjs', import.meta.url));

test.each([
  ['arguments', 'wrong arguments are TypeError or RangeError, and never a crash'],
  ['deliveries', 'readiness comes with its token while it is wanted'],
  ['errors', 'what a delivery throws is an uncaught exception'],
  ['signals', 'signals with a listener send a byte beside, while they are watched'],
  ['shrunk', 'a board without memory gets no events'],
  ['owned', 'what is made for sockets is closed with the environment, what is made for the program is not'],
])('%s: %s', (program) => {
  const { status, signal, stderr } = spawnSync(process.execPath, [fixture, program], {
    encoding: 'utf8',
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});
