/** docs/python-differences.md has each difference that the tests know, word by word. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { differences } from './differences.ts';

const page = readFileSync(new URL('../../docs/python-differences.md', import.meta.url), 'utf8');

test.each(Object.entries(differences))('%s', (_, { python, ours, why }) => {
  expect(page).toContain(`| ${python} | ${ours} | ${why} |`);
});
