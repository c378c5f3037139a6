// Runs the tests on an addon built with AddressSanitizer, then programs that end by themselves under LeakSanitizer.
//
//   node scripts/asan.mjs [test files or filters ...]      with arguments only those tests, and no leak check
//
// The addon is built into build/asan/, so the ordinary build stays as it is. A report fails the run wherever it
// comes from, also from a child process whose exit code the test does not look at: reports go to files.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './build-addon.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build', 'asan');
const reports = join(folder, 'reports');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

buildAddon({ out: join(folder, 'build'), options: { SANITIZE: 'address,undefined' } });
execFileSync('npm', ['run', '--silent', 'build:lib'], { cwd: root, stdio: 'inherit' });
execFileSync('npm', ['run', '--silent', 'build:examples'], { cwd: root, stdio: 'inherit' });

const filters = process.argv.slice(2);
const faults = [];

// Left out: the tests of the package, the examples and the benchmarks, which only start programs; those beside other
// people's programs, of which curl does not run with the sanitizer preloaded, and which call nothing that the rest does not;
// those that look at what a process costs and which signals it gets; servers under load; and what is all TypeScript over the
// rest: asyncio, and servers that start threads and processes.
const others = [
  'package/**',
  'examples**',
  'oracle/**',
  '{bench,connect-addresses,datagram-endpoint,mixins-api,socketserver-mixins,start-tls,stream-*,streams,tls-*}.test.ts',
  'robust/{idle,mixins,signals,socketserver,streams,tls-load}.test.ts',
];
const rest = others.flatMap((files) => ['--exclude', `test/${files}`]);
const tests = filters.length > 0 ? filters : rest;
if (run([vitest, 'run', ...tests], { leaks: false }) !== 0) faults.push('the tests');

if (filters.length === 0) {
  for (const program of endingPrograms()) {
    if (run(['--expose-gc', program], { leaks: true }) !== 0) faults.push(program);
  }
}
for (const fault of faults) console.error(`AddressSanitizer run: ${fault} failed`);
if (faults.length > 0) process.exitCode = 1;

/** LeakSanitizer is exact on a program that ends by itself; process.exit() leaves too much of Node's own behind. */
function endingPrograms() {
  return ['test/package/exit', 'test/native'].flatMap((dir) =>
    readdirSync(join(root, dir))
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => join(dir, name)),
  );
}

/** Runs Node with the sanitizer; returns its exit code, or 1 when any process wrote a report. */
function run(args, { leaks }) {
  rmSync(reports, { recursive: true, force: true });
  const started = Date.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      TEST_RUN: 'asan',
      BSD_SOCKET_PREBUILD: folder,
      LD_PRELOAD: execFileSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim(),
      ASAN_OPTIONS: `detect_leaks=${Number(leaks)}:log_path=${join(reports, 'report')}`,
      UBSAN_OPTIONS: `halt_on_error=1:print_stacktrace=1:log_path=${join(reports, 'report')}`,
    },
  });
  const written = list(reports);
  for (const name of written) process.stderr.write(readFileSync(join(reports, name), 'utf8'));
  if (leaks) console.log(`LeakSanitizer: ${args.at(-1)}, exit code ${status}, ${Date.now() - started} ms`);
  return status === 0 && written.length > 0 ? 1 : status;
}

function list(dir) {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
