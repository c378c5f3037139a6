/**
 * Runs before each test file, in that file's process: a file that leaves a descriptor open fails.
 *
 * Compared is /proc/self/fd before the first and after the last test. What nobody refers to any more is not held
 * against the file: the garbage collector is run first, and the event loop gets a few turns to close what is
 * being closed.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketpair } from 'bsd-socket';
import { selectAsync } from 'bsd-socket/select';
import { Event } from 'bsd-socket/threading';
import { afterAll } from 'vitest';

// Node 26 reads the file that this names in the background of every process, with a descriptor open meanwhile: a child that
// counts its own would sometimes see it. No test needs more certificates than it makes.
delete process.env.NODE_EXTRA_CA_CERTS;

/** What a test runner opens while the tests run: the source files it reads, and its own module cache. */
const NOT_OURS = /^\/(?!dev\/|proc\/self|memfd)/;

function descriptors(): Map<string, string> {
  const open = new Map<string, string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (!NOT_OURS.test(target)) open.set(fd, target);
    } catch {
      // The descriptor of the directory that was being read.
    }
  }
  return open;
}

// The library opens its sets of descriptors at the first call that waits on the event loop, and keeps them: one for the
// calls of sockets, and a second one for those of select.
const [first, second] = socketpair();
const waiting = selectAsync([first], [], []);
second.send('x');
await waiting;
first.close();
second.close();
// Likewise what wakes its waits for shared memory.
new Event().wait(0.001);
await new Event().waitAsync(0.001);

const before = descriptors();

function leaked(): string[] {
  const after = [...descriptors()];
  return after
    .filter(([fd, target]) => before.get(fd) !== target)
    .map(([fd, target]) => `${fd} -> ${target}`);
}

afterAll(async () => {
  for (let turn = 0; turn < 20 && leaked().length > 0; turn++) {
    globalThis.gc?.();
    await sleep(turn * 5);
  }
  const rest = leaked();
  if (rest.length > 0) throw new Error(`descriptors left open by this file:\n  ${rest.join('\n  ')}`);
});
