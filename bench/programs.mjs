/** Starting what is measured: programs in C, Python and JavaScript, each as a process of its own on a core of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyMissing } from './npm-peers.mjs';

/** No program takes so long: one that hangs is ended then. */
const LIMIT = 120_000;

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const compiled = at('../build/bench/');

/** What we compare with is not on this machine. */
export class Missing extends Error {}

// Programs

/** The program of peers/`name`.c; compiled where its source is newer. */
function compile(name) {
  const [source, header, binary] = [at(`peers/${name}.c`), at('peers/measure.h'), join(compiled, name)];
  const changed = Math.max(statSync(source).mtimeMs, statSync(header).mtimeMs);
  if (existsSync(binary) && statSync(binary).mtimeMs > changed) return binary;
  mkdirSync(compiled, { recursive: true });
  const args = ['-O2', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-o', binary, source];
  const { error, status, stderr } = spawnSync('gcc', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Missing(`there is no gcc (${error.message})`);
  if (status !== 0) throw new Error(`gcc does not compile peers/${name}.c:\n${stderr}`);
  return binary;
}

/** The newest CPython of the machine, of those in the PATH and those that pyenv has: `{ binary, version }`. */
function newestPython() {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(versions) ? readdirSync(versions) : [];
  const program = 'import sys; print(sys.implementation.name, sys.executable, *sys.version_info[:3])';
  const known = ['python3', ...installed.map((name) => join(versions, name, 'bin/python3'))].flatMap(
    (name) => {
      const { status, stdout } = spawnSync(name, ['-c', program], { encoding: 'utf8' });
      if (status !== 0) return [];
      const [implementation, binary, ...version] = stdout.trim().split(' ');
      return implementation === 'cpython' ? [{ binary, version: version.join('.') }] : [];
    },
  );
  return known.sort((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true }))[0];
}

let found;

/** The same, looked for once. */
export function python() {
  found ??= { python: newestPython() };
  return found.python;
}

const words = {
  /** A program of sides/. */
  node: (name, ...args) => [process.execPath, at(`sides/${name}.mjs`), ...args],
  /** One that uses the package `name` from npm. */
  npm(name, ...args) {
    const why = whyMissing(name);
    if (why !== undefined) throw new Missing(why);
    return words.node(name, ...args);
  },
  python(name, ...args) {
    const newest = python();
    if (newest === undefined) throw new Missing('there is no python3');
    return [newest.binary, at(`peers/${name}.py`), ...args];
  },
  c: (name, ...args) => [compile(name), ...args],
  /** A program of the machine's. */
  installed(name, ...args) {
    if (spawnSync(name, ['-V']).error !== undefined) throw new Missing(`there is no ${name}`);
    return [name, ...args];
  },
};

/** The command of a program `[kind, name, ...arguments]`, a kind of {@link words}. */
const commandOf = ([kind, name, ...args]) => words[kind](name, ...args.map(String));

// Cores

/** The cores that this process may use: of `0-3,8` five. */
const cores = (() => {
  const [, list = ''] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
})();

const pins = cores.length > 1 && spawnSync('taskset', ['-c', String(cores[0]), 'true']).status === 0;

/** How programs are bound to cores here. */
export const pinning = pins ? 'each program is bound to a core (taskset)' : 'programs are not bound to cores';

/** Starts a program on a core: on one and the same the program that is measured, on another one what loads it. */
function start(program, core, stdin) {
  const command = commandOf(program);
  const [file, ...args] = pins ? ['taskset', '-c', String(cores[core]), ...command] : command;
  const stdio = [stdin, 'pipe', 'inherit'];
  const child = spawn(file, args, { stdio, timeout: LIMIT, killSignal: 'SIGKILL' });
  running.add(child);
  child.once('close', () => running.delete(child));
  child.stdout.setEncoding('utf8');
  // Of a server that has died its end tells.
  child.stdin?.on('error', () => {});
  return child;
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

const told = (program) => program.slice(1).join(' ');

/** Runs a program to its end, on core 0 or 1. Returns what it has printed. */
export async function output(program, core = 0) {
  const child = start(program, core, 'ignore');
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  const [status, signal] = await once(child, 'close');
  if (status !== 0) throw new Error(`${told(program)} ended with ${status ?? signal}`);
  return printed;
}

/** Runs a program that prints what it has measured: `{ operations, seconds, cpu }`. */
export async function run(program, core = 0) {
  return JSON.parse(await output(program, core));
}

/** A program that prints its port, or another number, when it is ready, and then runs until it is stopped. */
export class Server {
  static async start(program, core = 0) {
    const server = new Server();
    server.program = program;
    server.child = start(program, core, 'pipe');
    server.closed = once(server.child, 'close');
    server.printed = '';
    server.port = Number(await server.line());
    return server;
  }

  get pid() {
    return this.child.pid;
  }

  /** The next line that it prints. */
  async line() {
    const ended = this.closed.then(([status, signal]) => {
      throw new Error(`${told(this.program)} ended with ${status ?? signal}`);
    });
    while (!this.printed.includes('\n')) {
      const [text] = await Promise.race([once(this.child.stdout, 'data'), ended]);
      this.printed += text;
    }
    const [line] = this.printed.split('\n', 1);
    this.printed = this.printed.slice(line.length + 1);
    return line;
  }

  /** CPU time so far, of all its threads, in seconds. */
  async cpu() {
    return Number(await output(['c', 'cpu-time', this.pid], 1));
  }

  /** Collects its garbage, of which it has been asked to tell. Returns its resident memory in bytes. */
  async resident() {
    this.child.stdin.write('collect\n');
    await this.line();
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(kilobytes) * 1024;
  }

  /** Ends it. One that has ended by itself has failed. */
  async stop() {
    const { exitCode, signalCode } = this.child;
    this.child.kill();
    await this.closed;
    if (exitCode !== null || signalCode !== null)
      throw new Error(`${told(this.program)} ended with ${exitCode ?? signalCode}`);
  }
}
