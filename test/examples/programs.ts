/** What the tests of the examples share: they run programs as processes, in TypeScript and in Python. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** The sources, and what has been compiled from them. */
export const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
export const compiled = fileURLToPath(new URL('../../build/examples/', import.meta.url));

export type Language = 'TypeScript' | 'Python';

export const LANGUAGES: readonly Language[] = ['TypeScript', 'Python'];

/** The interpreter itself, as what is found first may be a script that chooses one. */
export const python = (() => {
  try {
    const options = { encoding: 'utf8', env: pythonEnv() } as const;
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], options).trim();
  } catch {
    return undefined;
  }
})();

/** `it`, or, where the test needs Python and there is none, a skipped test whose title says so. */
export function test(title: string, languages: readonly Language[], body: () => Promise<void>): void {
  if (languages.includes('Python') && python === undefined) it.skip(`${title} (there is no python3)`);
  else it(title, body);
}

export function pythonEnv(): NodeJS.ProcessEnv {
  // Sanitizers are preloaded for the addon's sake.
  const { LD_PRELOAD, ...env } = process.env;
  return { ...env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
}

/** Where the programs run: a new folder for each test. */
export let folder = '';
const running = new Set<Program>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bsd-socket-examples-'));
});

afterEach(async () => {
  await Promise.all([...running].map((program) => program.kill()));
  running.clear();
  rmSync(folder, { recursive: true });
});

interface ProgramOptions {
  /** Its standard input: this text, a descriptor, or with null a pipe that stays open. */
  stdin?: string | number | null;
  env?: NodeJS.ProcessEnv;
}

/** A process with what it has printed so far. */
export class Program {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #ended = false;

  constructor(file: string, args: string[], { stdin = '', env }: ProgramOptions = {}) {
    const stdio = [typeof stdin === 'number' ? stdin : 'pipe', 'pipe', 'pipe'] as const;
    this.child = spawn(file, args, { cwd: folder, env, stdio: [...stdio] });
    this.#closed = once(this.child, 'close');
    this.child.once('close', () => {
      this.#ended = true;
    });
    // A program may end before it has read all that it was given.
    this.child.stdin?.on('error', () => {});
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]!.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
        this.child.emit('output');
      });
    }
    if (typeof stdin === 'string') this.child.stdin!.end(stdin);
    running.add(this);
  }

  /** Waits until the program has printed something of that form. */
  async until(name: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpMatchArray> {
    while (true) {
      const match = this[name].match(pattern);
      if (match) return match;
      if (this.#ended) throw new Error(`it ended without ${pattern}:\n${this.stdout}${this.stderr}`);
      await Promise.race([once(this.child, 'output'), this.#closed]);
    }
  }

  /** Waits for the end of the program, which must be a good one. Returns what it printed. */
  async end(): Promise<string> {
    const [code, signal] = (await this.#closed) as [number | null, string | null];
    expect({ code, signal, stderr: this.stderr }).toMatchObject({ code: 0, signal: null });
    return this.stdout;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }
}

/** The words of the command that runs an example. */
export function command(language: Language, name: string, args: unknown[]): string[] {
  const words = args.map(String);
  return language === 'TypeScript'
    ? [process.execPath, join(compiled, `${name}.js`), ...words]
    : [python!, join(examples, 'python', `${name}.py`), ...words];
}

/** Starts an example. */
export function start(
  language: Language,
  name: string,
  args: unknown[] = [],
  stdin: string | number | null = '',
  variables: NodeJS.ProcessEnv = {},
): Program {
  const [file, ...words] = command(language, name, args);
  const env = language === 'TypeScript' ? process.env : pythonEnv();
  return new Program(file!, words, { stdin, env: { ...env, ...variables } });
}

/** Starts an example that is a server, and waits until it listens. */
export async function startServer(
  language: Language,
  name: string,
  stdin = '',
  args: unknown[] = ['127.0.0.1', 0],
): Promise<[server: Program, port: number]> {
  const server = start(language, name, args, stdin);
  const [, port] = await server.until('stderr', /^listening on [\d.]+:(\d+)\n/);
  return [server, Number(port)];
}
