// Checks both languages: biome for TypeScript and JavaScript, clang-format and clang-tidy for C++.
//
//   node scripts/lint.mjs [biome] [clang-format] [clang-tidy]     the named ones, all when none is named
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const files = readdirSync(join(root, 'binding')).map((name) => `binding/${name}`);
const compat = 'scripts/prebuild-compat.cpp';
const sources = files.filter((name) => name.endsWith('.cpp'));
const headers = files.filter((name) => name.endsWith('.h'));
const peers = readdirSync(join(root, 'bench/peers'))
  .filter((name) => /\.[ch]$/.test(name))
  .map((name) => `bench/peers/${name}`);

const checks = { biome, 'clang-format': clangFormat, 'clang-tidy': clangTidy };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks);
for (const name of names) {
  const ok = (name === 'biome' || installed(name)) && (await checks[name]());
  if (!ok) process.exitCode = 1;
  console.log(`${name}: ${ok ? 'ok' : 'FAILED'}`);
}

function biome() {
  return run(process.execPath, [require.resolve('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']);
}

function clangFormat() {
  return run('clang-format', ['--dry-run', '--Werror', ...sources, ...headers, ...peers, compat]);
}

/** clang-tidy needs to know how each file is compiled, which CMake writes down when it configures the build. */
async function clangTidy() {
  const out = join(root, 'build', 'lint');
  mkdirSync(out, { recursive: true });
  const cmakeJs = require.resolve('cmake-js/bin/cmake-js');
  const configured =
    run(process.execPath, [join(root, 'scripts/generate-constants.mjs')], 'pipe') &&
    run(process.execPath, [cmakeJs, 'configure', '--log-level', 'error', '--out', out], 'pipe');
  if (!configured) return false;

  const queue = [...sources];
  const results = [];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) results.push(await tidy(out, file));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results.every(Boolean);
}

function tidy(out, file) {
  return new Promise((done) => {
    execFile('clang-tidy', ['-p', out, '--quiet', file], { cwd: root }, (error, stdout, stderr) => {
      if (error) process.stdout.write(`${stdout}${/error:/.test(stdout) ? '' : stderr}`);
      done(!error);
    });
  });
}

function installed(tool) {
  if (!spawnSync(tool, ['--version']).error) return true;
  console.error(`${tool} is not installed. On Debian and Ubuntu: apt-get install ${tool}`);
  return false;
}

/** Runs a program of which only a failure's output is of interest ('pipe'), or all of it ('inherit'). */
function run(program, args, output = 'inherit') {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', output, output],
  });
  if (status !== 0 && output === 'pipe') process.stderr.write(`${stdout}${stderr}`);
  return status === 0;
}
