#!/usr/bin/env node

// Compiles the addon of an installed bsd-socket, for machines that no published binary fits:
//
//   node node_modules/bsd-socket/scripts/build-from-source.mjs
//
// It takes CMake, make (or ninja) and a C++17 compiler. The build tools that come from npm are installed into the
// package's own build/tools folder, in the versions the package is tested with, and touch no other package.json.
// The result, build/Release/bsd_socket.node, is found before any published binary.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, 'build', 'tools');
const modules = join(tools, 'node_modules');

if (!existsSync(join(root, 'binding', 'constants.inc'))) {
  fail('This is a checkout, not an installed package. Run: npm ci && npm run build');
}

const missing = [
  ['CMake', 'cmake', ['cmake']],
  ['make or ninja', 'make', ['make', 'ninja']],
  ['a C++ compiler', 'g++', ['c++', 'g++', 'clang++']],
].filter(([, , programs]) => !programs.some(runs));
if (missing.length > 0) {
  const packages = missing.map(([, name]) => name).join(' ');
  fail(
    `Not found: ${missing.map(([what]) => what).join(', ')}. On Debian and Ubuntu: apt-get install ${packages}`,
  );
}

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const wanted = ['cmake-js', 'node-addon-api'].map((name) => `${name}@${devDependencies[name]}`);
mkdirSync(tools, { recursive: true });
writeFileSync(join(tools, 'package.json'), '{ "private": true }\n');
run(
  'npm',
  ['install', '--prefix', tools, '--no-save', '--no-package-lock', '--ignore-scripts', ...wanted],
  tools,
);

// Not in build/ itself, which `cmake-js compile` removes, tools and all, when it has to start afresh.
run(
  process.execPath,
  [
    join(modules, 'cmake-js', 'bin', 'cmake-js'),
    'compile',
    ...['--log-level', 'error'],
    ...['--directory', root],
    ...['--out', join(root, 'build', 'addon')],
    `--CDCMAKE_LIBRARY_OUTPUT_DIRECTORY=${join(root, 'build', 'Release')}`,
    `--CDNODE_ADDON_API_DIR=${join(modules, 'node-addon-api')}`,
  ],
  root,
);
console.log(`Built ${join(root, 'build', 'Release', 'bsd_socket.node')}`);

function runs(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (status !== 0)
    fail(`${program} ${args[0]} ${error ? `did not start: ${error.message}` : `ended with ${status}`}`);
}

function fail(message) {
  console.error(`bsd-socket: ${message}`);
  process.exit(1);
}
