import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { exports: Record<string, string> };

/**
 * The tests say `bsd-socket` and get what users get: the files named by "exports". Node itself loads these
 * (`external`), so a test file shares one instance of the library with nobody but the library.
 */
const alias = Object.entries(manifest.exports).map(([entry, file]) => ({
  find: new RegExp(`^bsd-socket${entry.slice(1)}$`),
  replacement: at(file),
}));

/** Each run of the suite leaves its counts in a file of its own; .ci/run adds them up. */
const report = `build/test-results/${basename(process.env.TEST_RUN ?? 'test')}.json`;

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/watchdog.ts', 'test/setup.ts'],
    sequence: { setupFiles: 'list' },
    server: { deps: { external: [new RegExp(`^${at('dist/')}`)] } },
    // One process a file: a test may block its thread, change the default timeout, or open every descriptor.
    pool: 'forks',
    // Most of a test's time is waiting. More than two at once and they wait for each other.
    maxWorkers: 2,
    execArgv: ['--expose-gc'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    retry: 0,
    reporters: ['default', 'json'],
    outputFile: { json: report },
    coverage: { provider: 'v8', include: ['dist/**'] },
  },
});
