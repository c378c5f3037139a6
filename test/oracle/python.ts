/** The Python that is asked: the newest on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const OLDEST = [3, 10] as const;

interface Python {
  readonly path: string;
  readonly version: readonly [major: number, minor: number];
}

function ask(path: string): Python | undefined {
  const program = 'import sys; print(*sys.version_info[:2])';
  const { status, stdout } = spawnSync(path, ['-c', program], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const [major = 0, minor = 0] = stdout.split(' ').map(Number);
  return major === OLDEST[0] && minor >= OLDEST[1] ? { path, version: [major, minor] } : undefined;
}

/** Every python3 that may be there: the one that PYTHON names alone, or else that of PATH and those of pyenv. */
function candidates(): string[] {
  if (process.env.PYTHON) return [process.env.PYTHON];
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(versions) ? readdirSync(versions) : [];
  return ['python3', ...installed.map((name) => join(versions, name, 'bin', 'python3'))];
}

const found = candidates()
  .map(ask)
  .filter((python) => python !== undefined)
  .sort((a, b) => b.version[1] - a.version[1]);

export const python = found[0]?.path;
/** Its minor version: 13 for Python 3.13. */
export const pythonMinor = found[0]?.version[1] ?? 0;
/** Why tests that need Python are skipped; false where they are not. */
export const noPython = python === undefined && `there is no Python ${OLDEST.join('.')} or newer`;
