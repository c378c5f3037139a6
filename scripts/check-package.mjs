// Packs the package and looks at the result the way a user gets it, in an empty folder:
//
//   1. publint and attw find nothing wrong with the manifest and the types;
//   2. installed without install scripts, on a machine without a compiler, it loads its published binary and works;
//   3. without a published binary, the error names the one command that builds it, and that command does.
//
// The binaries must be there (npm run prebuilds). What does not need the network is in test/package/.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bsd-socket-package-')));
const installed = join(folder, 'node_modules', 'bsd-socket');

try {
  step('pack, which asks for binaries that are up to date');
  const [{ filename }] = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder));
  const tarball = join(folder, filename);

  step('publint');
  run(bin('publint'), ['run', tarball, '--strict']);
  step('are the types wrong?');
  run(bin('attw'), [tarball, '--profile', 'esm-only']);

  step('install into an empty folder, and use it with nothing but Node in the PATH');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  npm(folder, 'install', '--ignore-scripts', tarball);
  copyFileSync(join(root, 'test', 'package', 'smoke.mjs'), join(folder, 'smoke.mjs'));
  expectText(smoke(), join(installed, 'prebuilds', `linux-${process.arch}`, 'bsd-socket.glibc.node'));

  step('build from source where no binary fits');
  rmSync(join(installed, 'prebuilds'), { recursive: true });
  const command = join(installed, 'scripts', 'build-from-source.mjs');
  expectText(smoke({ fails: true }), `node ${command}`);
  run(process.execPath, [command]);
  expectText(smoke(), join(installed, 'build', 'Release', 'bsd_socket.node'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function step(name) {
  console.log(`\npackage: ${name}`);
}

/** The output of the smoke test in the folder, with a PATH in which Node stands alone. */
function smoke({ fails = false } = {}) {
  const path = join(folder, 'path');
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, 'node'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['smoke.mjs'], {
    cwd: folder,
    env: { PATH: path },
    encoding: 'utf8',
  });
  const output = `${stdout}${stderr}`;
  if ((status !== 0) !== fails) throw new Error(`the smoke test ended with ${status}:\n${output}`);
  if (!fails) console.log(output.trim());
  return output;
}

function expectText(output, text) {
  if (!output.includes(text)) throw new Error(`expected ${JSON.stringify(text)} in:\n${output}`);
}

function npm(cwd, ...args) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function run(program, args) {
  const { status } = spawnSync(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
}
