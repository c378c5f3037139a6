/** The packages from npm that we compare with: installed on demand, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('npm/', import.meta.url));

/** `require` of a program in that folder. */
export const requirePeer = createRequire(new URL('npm/', import.meta.url));

/** Runs npm there. Returns why it failed. */
function npm(...args) {
  const { error, status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return undefined;
  const lines = (stderr ?? '').split('\n').filter((line) => /\bERR|error/i.test(line));
  return `npm ${args.join(' ')} failed: ${error?.message ?? lines[0] ?? `status ${status}`}`;
}

/** Whether the package has been compiled, for this version of Node. */
function loads(name) {
  const script = `require(${JSON.stringify(`${folder}node_modules/${name}`)})`;
  return spawnSync(process.execPath, ['-e', script]).status === 0;
}

const reasons = new Map();

/** Installs and compiles a package where it is not. Returns why it is missing; undefined where it is there. */
export function whyMissing(name) {
  if (!reasons.has(name)) reasons.set(name, install(name));
  return reasons.get(name);
}

function install(name) {
  if (loads(name)) return undefined;
  // Their install scripts compile them. One that does not compile would take the other along: so each by itself.
  const unpacked = existsSync(`${folder}node_modules/${name}`);
  const why =
    (unpacked ? undefined : npm('ci', '--ignore-scripts')) ?? npm('rebuild', '--ignore-scripts=false', name);
  return why ?? (loads(name) ? undefined : `${name} is built, but does not load`);
}

/** Its version, as far as it is installed. */
export function versionOf(name) {
  const manifest = `${folder}node_modules/${name}/package.json`;
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}
