// Runs the tests with other versions of Node, and a smoke test on another processor, all on the published binaries
// in prebuilds/ (npm run prebuilds), which node-gyp-build picks when PREBUILDS_ONLY is set.
//
//   node scripts/node-versions.mjs [oldest] [22] [24] [26] [arm64]      the named ones, all when none is named
//
// Node itself comes from npm (100 MB each) and is kept in build/node-versions/ for the next time.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const smoke = join(root, 'test', 'package', 'smoke.mjs');
// Left out: the package, which has a step of its own; what looks at programs and numbers that no version changes; and the
// comparisons with Python, whose other side is the system.
const others = ['package/package.test.ts', 'examples**', 'oracle/**', '{bench,constants}.test.ts'];
const suite = [vitest, 'run', ...others.flatMap((files) => ['--exclude', `test/${files}`])];

// Half of the files each: what neither Node 20 nor the newest one does wrong is not likely to fail in between.
const half = (number) => [...suite, `--shard=${number}/2`];

// The oldest is the one that "engines" in package.json promises; the machine's own Node 20 runs the tests.
const targets = {
  oldest: { version: '20.19.0', args: [smoke] },
  22: { version: '22.23.3', args: half(1) },
  24: { version: '24.21.0', args: half(2) },
  26: { version: '26.10.0', args: suite },
  arm64: { version: '24.21.0', arch: 'arm64', args: [smoke] },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(targets);
for (const name of names) {
  const { version, arch = process.arch, args } = targets[name];
  const emulator = arch === process.arch ? [] : emulate(arch);
  const node = emulator && install(version, arch);
  const ok = node && run(name, [...emulator, node, ...args]);
  console.log(`Node.js ${version} on ${arch}: ${ok ? 'ok' : 'FAILED'}`);
  if (!ok) process.exitCode = 1;
}

/** The command that runs programs of another processor; undefined, with a word about it, when there is none. */
function emulate(arch) {
  const name = { arm64: 'aarch64' }[arch];
  const qemu = `qemu-${name}-static`;
  const libraries = `/usr/${name}-linux-gnu`;
  if (!spawnSync(qemu, ['--version']).error && existsSync(libraries)) return [qemu, '-L', libraries];
  console.error(`For ${arch}, on Debian and Ubuntu: apt-get install qemu-user-static g++-${name}-linux-gnu`);
  return undefined;
}

/** Installs one version of Node and returns the path of its binary. */
function install(version, arch) {
  const name = `node-linux-${arch}`;
  const folder = join(root, 'build', 'node-versions', `${version}-${arch}`);
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // --force: also for a processor that is not this machine's.
  const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--force'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...options, `${name}@${version}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 ? binary : undefined;
}

function run(name, [program, ...args]) {
  const path = [dirname(program), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, PREBUILDS_ONLY: '1', TEST_RUN: `node-${name}` };
  return spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
}
