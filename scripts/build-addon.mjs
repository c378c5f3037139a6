// Compiles the addon with cmake-js, in silence unless the compiler has something to say.
//
//   node scripts/build-addon.mjs [--out FOLDER] [NAME=VALUE ...]
//
// The result is FOLDER/Release/bsd_socket.node, FOLDER being `build` unless told. Each NAME=VALUE becomes a CMake
// cache entry (-DNAME=VALUE).
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');

/** Builds into `out` and returns the path of the addon; ends the process with the compiler's output on failure. */
export function buildAddon({ out = join(root, 'build'), options = {} } = {}) {
  const all = { ...options };
  // A warning that nobody sees is worth nothing: under CI it is an error.
  if (process.env.CI) all.CMAKE_COMPILE_WARNING_AS_ERROR = 'ON';
  const defines = Object.entries(all).map(([name, value]) => `--CD${name}=${value}`);

  // Configured every time, which takes a moment: `cmake-js build` alone would keep the options of the first build.
  if (!run('configure', out, defines).ok) {
    // The cache is of another folder, generator or compiler. `cmake-js compile` would start afresh by removing all
    // of build/, the test results and the other builds with it; the cache is enough.
    rmSync(join(out, 'CMakeCache.txt'), { force: true });
    rmSync(join(out, 'CMakeFiles'), { recursive: true, force: true });
    exitUnless(run('configure', out, defines));
  }
  const built = run('build', out, ['--parallel', String(availableParallelism())]);
  exitUnless(built);
  if (/\bwarning:/.test(built.output)) process.stderr.write(built.output);
  return join(out, 'Release', 'bsd_socket.node');
}

function run(command, out, args) {
  const all = [cmakeJs, command, '--directory', root, '--out', resolve(root, out), ...args];
  const { status, error, stdout, stderr } = spawnSync(process.execPath, all, { cwd: root, encoding: 'utf8' });
  return { ok: status === 0, output: `${error ?? ''}${stdout}${stderr}` };
}

function exitUnless({ ok, output }) {
  if (ok) return;
  process.stderr.write(output);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const out = args[0] === '--out' ? args.splice(0, 2)[1] : undefined;
  buildAddon({ out, options: Object.fromEntries(args.map((arg) => arg.split(/=(.*)/s, 2))) });
}
