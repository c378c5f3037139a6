/** The messages of lib/load.ts, each from a copy of the package in which something is missing or broken. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));
const machine = `${process.platform}-${process.arch}`;
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bsd-socket-load-'));
  cpSync(join(project, 'dist'), join(root, 'dist'), { recursive: true });
  cpSync(join(project, 'package.json'), join(root, 'package.json'));
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What the copy says when it is loaded, in a process with none of the variables that change the search but `env`. */
function load(env: Record<string, string> = {}): { message: string; cause?: string } {
  const script = `
    try { await import(${JSON.stringify(join(root, 'dist', 'index.js'))}); console.log('{"message": "loaded"}'); }
    catch (error) { console.log(JSON.stringify({ message: error.message, cause: error.cause?.message })); }`;
  const { PREBUILDS_ONLY, BSD_SOCKET_PREBUILD, ...inherited } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...inherited, ...env },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

function place(file: string, content: string): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('without an addon', () => {
  test('the error names the machine, every path, and the command that builds one', () => {
    const { message, cause } = load();
    expect(message.split('\n')).toEqual([
      `bsd-socket: there is no compiled addon for ${machine}, glibc, Node.js ${process.version}. Tried:`,
      `  ${root}/build/Release/*.node`,
      `  ${root}/build/Debug/*.node`,
      `  ${root}/prebuilds/${machine}/*.node`,
      `  ${dirname(process.execPath)}/prebuilds/${machine}/*.node`,
      'To build it here (this takes CMake, make and a C++17 compiler):',
      `  node ${root}/scripts/build-from-source.mjs`,
    ]);
    expect(cause).toContain('No native build was found');
  });

  test('the error is what an import of the package shows', () => {
    const script = `await import(${JSON.stringify(join(root, 'dist', 'index.js'))})`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, BSD_SOCKET_PREBUILD: root },
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Error: bsd-socket: there is no compiled addon for');
  });

  test('PREBUILDS_ONLY leaves out the build folders', () => {
    const { message } = load({ PREBUILDS_ONLY: '1' });
    expect(message).not.toContain(join(root, 'build'));
    expect(message).toContain(join(root, 'prebuilds'));
  });

  test('BSD_SOCKET_PREBUILD names the folder in place of the package', () => {
    const { message } = load({ BSD_SOCKET_PREBUILD: '/nowhere' });
    expect(message).toContain('  /nowhere/build/Release/*.node');
    expect(message).not.toContain(`${root}/build/Release`);
    expect(message).toContain(`node ${root}/scripts/build-from-source.mjs`);
  });

  test('a binary of another C library or processor does not count', () => {
    place(`prebuilds/${machine}/bsd-socket.musl.node`, '');
    place('prebuilds/linux-mips/bsd-socket.glibc.node', '');
    expect(load().message).toContain('there is no compiled addon');
  });
});

describe('with an addon that does not load', () => {
  test.each([
    ['build/Release/bsd_socket.node'],
    ['build/Debug/bsd_socket.node'],
    [`prebuilds/${machine}/bsd-socket.glibc.node`],
  ])('%s: the error has its path, and the loader’s own words as the cause', (file) => {
    const path = place(file, 'this is no shared object');
    const { message, cause } = load();
    const [first, second, third] = message.split('\n');
    expect(first).toBe(
      `bsd-socket: the addon was found, but does not load on ${machine}, glibc, Node.js ${process.version}.`,
    );
    expect(second).toBe(`  ${path}`);
    expect(third).toBe(`  ${cause}`);
    expect(cause).toMatch(/too short|invalid ELF header/);
    expect(message).toContain('build-from-source.mjs');
  });
});
