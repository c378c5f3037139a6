/** The programs in some pages of docs/ compile under the strict compiler, each by itself. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, so that the programs find it by its name.
const folder = `${root}build/docs-${process.pid}`;

/** How many programs each page has at least. */
const PAGES = {
  'asyncio.md': 7,
  'node.md': 7,
  'select.md': 2,
  'selectors.md': 1,
  'socketserver.md': 9,
  'threading.md': 2,
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('they compile', { timeout: 60_000 }, () => {
  mkdirSync(folder, { recursive: true });
  const compilerOptions = { rootDir: '.', noEmit: true, noUnusedLocals: false };
  const config = { extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  for (const [page, least] of Object.entries(PAGES)) {
    const text = readFileSync(`${root}docs/${page}`, 'utf8');
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
    expect(blocks.length).toBeGreaterThanOrEqual(least);
    for (const [index, code] of blocks.entries()) writeFileSync(`${folder}/${page}-${index}.ts`, code);
  }
  const { status, stdout } = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', folder], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
