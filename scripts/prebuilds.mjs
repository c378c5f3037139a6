// Makes the binaries that are published: prebuilds/<platform>-<arch>/bsd-socket.<libc>.node.
//
//   node scripts/prebuilds.mjs [linux-x64] [linux-arm64]    builds the named ones, all when none is named
//   node scripts/prebuilds.mjs --check                      fails when one is missing or older than its sources
//
// Each is built in build/prebuild/<platform>-<arch>/, so that a developer's own build/Release stays as it is. The
// hash of the sources lies beside each binary; it is what --check compares (file times say nothing after a clone).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import prebuildify from 'prebuildify';

const root = fileURLToPath(new URL('..', import.meta.url));
const targets = {
  'linux-x64': { arch: 'x64', strip: 'x86_64-linux-gnu-strip' },
  'linux-arm64': { arch: 'arm64', strip: 'aarch64-linux-gnu-strip' },
};

const args = process.argv.slice(2);
if (args[0] === '--check') check();
else for (const name of args.length ? args : Object.keys(targets)) await build(name);

async function build(name) {
  const target = targets[name];
  if (!target) throw new Error(`unknown target ${name}: one of ${Object.keys(targets).join(', ')}`);
  const folder = join(root, 'build', 'prebuild', name);
  mkdirSync(folder, { recursive: true });
  await promisify(prebuildify)({
    name: 'bsd-socket',
    cwd: folder,
    out: root,
    platform: 'linux',
    arch: target.arch,
    libc: 'glibc',
    napi: true,
    tagLibc: true,
    strip: true,
    stripBin: target.arch === arch ? 'strip' : target.strip,
    nodeGyp: join(root, 'scripts', 'prebuildify-cmake-js.mjs'),
  });
  writeFileSync(hashFile(name), `${sourcesHash()}\n`);
  console.log(`${binary(name)} ${statSync(join(root, binary(name))).size} bytes`);
}

function check() {
  const current = sourcesHash();
  const faults = Object.keys(targets).flatMap((name) => {
    if (!existsSync(join(root, binary(name)))) return [`${binary(name)} is missing`];
    const stale = !existsSync(hashFile(name)) || readFileSync(hashFile(name), 'utf8').trim() !== current;
    return stale ? [`${binary(name)} was made from other sources`] : [];
  });
  if (faults.length === 0) return;
  console.error(`${faults.join('\n')}\nRun: npm run prebuilds`);
  process.exitCode = 1;
}

function binary(name) {
  return `prebuilds/${name}/bsd-socket.glibc.node`;
}

function hashFile(name) {
  return join(root, 'prebuilds', name, 'sources.sha256');
}

/** The hash of all that a binary is made of, but for the compiler. */
function sourcesHash() {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const hash = createHash('sha256').update(`node-addon-api ${devDependencies['node-addon-api']}\n`);
  const sources = readdirSync(join(root, 'binding'), { recursive: true }).map((file) =>
    join('binding', file),
  );
  const recipe = ['CMakeLists.txt', 'scripts/prebuild.cmake', 'scripts/prebuild-compat.cpp'];
  for (const file of [...recipe, ...sources.sort()]) {
    if (statSync(join(root, file)).isFile()) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}
