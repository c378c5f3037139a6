/** Programs of others: found, or the reason why not; started, and ended when the test is over. */
import { type SpawnOptions, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll } from 'vitest';
import { type Program, start as startProgram } from '../fixtures/start.ts';

export type { Program };

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** The path of a program; undefined where the machine has none. */
export function find(name: string, where: string[] = folders): string | undefined {
  return where.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why a test of these programs is skipped; false where it is not. */
export function missing(...names: string[]): false | string {
  const absent = names.filter((name) => find(name) === undefined);
  return absent.length > 0 && `this machine has no ${absent.join(', ')}`;
}

/** nc is not nc: only OpenBSD's knows Unix sockets. */
export function noUnixNc(): false | string {
  const nc = find('nc');
  if (nc === undefined) return missing('nc');
  const { stdout, stderr } = spawnSync(nc, ['-h'], { encoding: 'utf8' });
  return !/OpenBSD/.test(stdout + stderr) && 'this nc is not that of OpenBSD';
}

let folder: string | undefined;
let count = 0;

/** A new path, in a folder that is removed after the last test of the file. */
export function path(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'bsd-socket-oracle-'));
  return join(folder, `${++count}`);
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Starts a program by its name. It is killed, and waited for, when the test is over. */
export function start(program: string, args: string[], options?: SpawnOptions): Program {
  // What is preloaded into Node, a sanitizer above all, is not for the programs of others.
  const { LD_PRELOAD, ...env } = process.env;
  return startProgram(find(program) ?? program, args, { env, ...options });
}
