/**
 * Finds the compiled addon and loads it, or says what was looked for and what to do.
 *
 * The search is node-gyp-build's, so that Node, Bun and Deno agree on it: `build/Release` and `build/Debug` of
 * the package (a developer's own build comes first), then `prebuilds/<platform>-<arch>/` of the package, then the
 * same folder beside the executable. Two environment variables of node-gyp-build change it:
 * `BSD_SOCKET_PREBUILD=<folder>` searches that folder in place of the package, and `PREBUILDS_ONLY=1` leaves out
 * the two build folders.
 */
import { dirname, join, resolve } from 'node:path';
import { builtins } from './builtins.ts';

/** This runs in `dist/core.js`, so the package is one folder up. */
const packageRoot = dirname(import.meta.dirname);

/**
 * Loads the addon of the package in `root` and returns its exports.
 *
 * @throws Error that lists every path tried when there is no addon for this machine.
 * @throws Error with the system's own error as its `cause` when there is one and it does not load.
 */
export function load(root: string = packageRoot): unknown {
  const file = find(root);
  try {
    // As require() does it in the end, which takes longer for the way there than this.
    const module = { exports: {} };
    process.dlopen(module, resolve(file));
    return module.exports;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `bsd-socket: the addon was found, but does not load on ${machine()}.\n  ${file}\n  ${reason}\n${advice(root)}`,
      { cause },
    );
  }
}

/** The path of the addon's file. */
function find(root: string): string {
  const usual = usualPlace(root);
  if (usual !== undefined) return usual;
  const require = builtins.module.createRequire(import.meta.url);
  const resolver = require('node-gyp-build') as { resolve(root: string): string };
  try {
    return resolver.resolve(root);
  } catch (cause) {
    const paths = searched(root).map((path) => `  ${path}`);
    throw new Error(
      `bsd-socket: there is no compiled addon for ${machine()}. Tried:\n${paths.join('\n')}\n${advice(root)}`,
      { cause },
    );
  }
}

/**
 * Where the addon is in an installed package, and in one that was built here. node-gyp-build would find it, too; to load
 * that takes longer than to load the addon.
 */
function usualPlace(root: string): string | undefined {
  if (process.env.BSD_SOCKET_PREBUILD || process.env.PREBUILDS_ONLY) return undefined;
  const { existsSync } = builtins.fs;
  const file = existsSync(join(root, 'build'))
    ? join(root, 'build', 'Release', 'bsd_socket.node')
    : join(root, 'prebuilds', `${platform()}-${arch()}`, `bsd-socket.${libc()}.node`);
  return existsSync(file) ? file : undefined;
}

/** Where node-gyp-build looks, in its order. It names no paths itself: this follows its version 4.8. */
function searched(root: string): string[] {
  const base = process.env.BSD_SOCKET_PREBUILD || root;
  const prebuilds = join('prebuilds', `${platform()}-${arch()}`, '*.node');
  const builds = ['Release', 'Debug'].map((type) => join(base, 'build', type, '*.node'));
  return [
    ...(process.env.PREBUILDS_ONLY ? [] : builds),
    join(base, prebuilds),
    join(dirname(process.execPath), prebuilds),
  ];
}

/** The machine as node-gyp-build sees it; npm sets the two npm_config variables when asked for another one. */
function machine(): string {
  return `${platform()}-${arch()}, ${libc()}, Node.js ${process.version}`;
}

function platform(): string {
  return process.env.npm_config_platform || process.platform;
}

function arch(): string {
  return process.env.npm_config_arch || process.arch;
}

function libc(): string {
  return process.env.LIBC || (builtins.fs.existsSync('/etc/alpine-release') ? 'musl' : 'glibc');
}

function advice(root: string): string {
  if (platform() !== 'linux') return 'bsd-socket runs on Linux only.';
  const script = join(root, 'scripts', 'build-from-source.mjs');
  return `To build it here (this takes CMake, make and a C++17 compiler):\n  node ${script}`;
}
