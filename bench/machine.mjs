/** What the measurements were made with. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { versionOf } from './npm-peers.mjs';
import { pinning, python } from './programs.mjs';

const root = new URL('..', import.meta.url);

/** The first line that a command prints, or that there is none. */
function firstLine(...command) {
  const { status, stdout } = spawnSync(command[0], command.slice(1), { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : `no ${command[0]}`;
}

/**
 * Names and values, for people.
 *
 * @param {number} [rounds] that were asked for
 * @returns {Record<string, string>}
 */
export function machine(rounds) {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${pinning}`,
    kernel: `Linux ${release()}`,
    'bsd-socket': `${version}, ${firstLine('git', 'describe', '--always', '--dirty')}`,
    'Node.js': process.version,
    CPython: python()?.version ?? 'no python3',
    gcc: firstLine('gcc', '--version'),
    ab: firstLine('ab', '-V').replace(/^This is | <.*$/g, ''),
    'posix-socket': versionOf('posix-socket') ?? 'not installed',
    'unix-dgram': versionOf('unix-dgram') ?? 'not installed',
    rounds: rounds === undefined ? '5 to 20, as each case wants it' : String(rounds),
  };
}
