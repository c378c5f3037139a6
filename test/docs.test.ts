/** The programs in docs/node.md and docs/threading.md compile under the strict compiler, each by itself. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, so that the programs find it by its name.
const folder = `${root}build/docs-${process.pid}`;
const blocksOf = (page: string) =>
  [...readFileSync(`${root}docs/${page}`, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['node.md', 7],
  ['threading.md', 2],
])('docs/%s', { timeout: 60_000 }, (page, least) => {
  const blocks = blocksOf(page);
  expect(blocks.length).toBeGreaterThanOrEqual(least);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const compilerOptions = { rootDir: '.', noEmit: true, noUnusedLocals: false };
  const config = { extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  for (const [index, code] of blocks.entries()) writeFileSync(`${folder}/program${index}.ts`, code);
  const { status, stdout } = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', folder], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
