/** A PostgreSQL server of its own on a Unix socket, with its data in a temporary folder. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { find } from './programs.ts';

const DEBIAN = '/usr/lib/postgresql';
// PostgreSQL refuses to run as root; nobody is everywhere.
const NOBODY = process.getuid!() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The folder of Debian's newest version. */
function debianFolder(): string | undefined {
  try {
    return readdirSync(DEBIAN)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(DEBIAN, version, 'bin'))[0];
  } catch {
    return undefined;
  }
}

/** The path of one of its programs, which Debian keeps out of PATH. */
function program(name: string): string | undefined {
  const folder = debianFolder();
  return find(name) ?? (folder && find(name, [folder]));
}

const [initdb, postgres] = [program('initdb'), program('postgres')];

/** Why there is none; false where there is. */
export const noPostgres: false | string =
  (initdb === undefined || postgres === undefined) && 'this machine has no initdb and postgres';

export interface Postgres {
  /** The folder of its Unix socket: the host of a client. */
  folder: string;
  user: string;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(folder, 0o755);
  if (NOBODY.uid !== undefined) for (const path of [folder, data]) chownSync(path, NOBODY.uid, NOBODY.gid);
  const { LD_PRELOAD, ...environment } = process.env;
  const options = { env: { ...environment, LC_ALL: 'C' }, cwd: folder, ...NOBODY };
  const user = 'tester';
  execFileSync(initdb!, ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...options,
    stdio: 'ignore',
  });
  const settings = { listen_addresses: '', unix_socket_directories: folder, fsync: 'off' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(postgres!, ['-D', data, ...args], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(server, 'close');
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (/ready to accept connections/.test(log)) resolve();
    });
    closed.then(() => reject(new Error(`postgres has ended: ${log}`)));
  });
  const stop = async () => {
    // At once, and with its children.
    server.kill('SIGQUIT');
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, user, stop };
}
