/** Commands in namespaces of their own, where a test may change the machine's name, its resolver or its network. */
import { spawnSync } from 'node:child_process';

export type Namespace = 'uts' | 'net' | 'mount';

export interface Isolation {
  /** What to write before a command. */
  readonly prefix: readonly string[];
  /** Why this machine cannot do it. */
  readonly missing?: string;
}

/** What gives a command namespaces of its own: by the rights of this user, or else in a user namespace. */
export function isolation(...namespaces: Namespace[]): Isolation {
  const flags = namespaces.map((name) => `--${name}`);
  let missing = '';
  for (const rights of [[], ['--map-root-user']]) {
    const prefix = ['unshare', ...rights, ...flags, '--'];
    const { status, stderr, error } = spawnSync(prefix[0]!, [...prefix.slice(1), 'true'], {
      encoding: 'utf8',
    });
    if (status === 0) return { prefix };
    missing = error?.message ?? stderr.trim();
  }
  return { prefix: [], missing: `no namespaces of one's own (${namespaces.join(', ')}): ${missing}` };
}

/** Runs a shell script in the namespaces; `$@` are the arguments. Returns what it prints. */
export function isolated({ prefix }: Isolation, script: string, ...args: string[]): string {
  const [command, ...rest] = [...prefix, 'sh', '-ec', script, 'sh', ...args];
  const { status, stdout, stderr } = spawnSync(command!, rest, { encoding: 'utf8', timeout: 20_000 });
  if (status !== 0) throw new Error(`the script ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
