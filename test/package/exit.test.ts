/**
 * Programs that must end by themselves. Vitest ends its own processes by force, so a handle that keeps the event
 * loop alive, or a thread that never returns, would pass unseen there.
 *
 * Each program is a file in exit/: what it does is its first line, and it passes when the process ends with code 0
 * and an empty stderr within the time limit. A `process.exit()` in it would defeat the purpose.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const LIMIT = 10_000;
const folder = fileURLToPath(new URL('exit/', import.meta.url));
const programs = readdirSync(folder).filter((name) => name.endsWith('.mjs'));

const cases = programs.map((name) => {
  const [first = ''] = readFileSync(folder + name, 'utf8').split('\n');
  return { name, says: first.replace(/^\/\/ */, '') };
});

test.each(cases)('$name ends: $says', async ({ name }) => {
  const child = spawn(process.execPath, [folder + name], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
  const stderr = text(child.stderr);
  const [code, signal] = await once(child, 'exit');
  expect({ code, signal, stderr: await stderr }).toEqual({ code: 0, signal: null, stderr: '' });
});
