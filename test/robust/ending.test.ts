/**
 * Programs that must end by themselves, with code 0 and nothing on stderr: each file of test/fixtures/ending is one,
 * and says in its first line what it does. A handle that keeps the event loop alive would hold it until it is killed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture, startNode } from '../fixtures/start.ts';

const folder = fixture('ending');
const programs = readdirSync(folder).map((file) => {
  const [first = ''] = readFileSync(`${folder}/${file}`, 'utf8').split('\n');
  return [file, first.replace('// ', '')] as const;
});

test.each(programs)('%s: %s', async (file) => {
  const { ended } = startNode(`ending/${file}`);
  expect(await ended).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
});
