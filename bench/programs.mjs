/** Starting what is measured: programs in C, Python and JavaScript, each as a process of its own on a core of its own. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const compiled = at('../build/bench/');

/** The peer `name`.c, compiled; compiled again when its source is newer. */
function compile(name) {
  const [source, header, binary] = [at(`peers/${name}.c`), at('peers/measure.h'), join(compiled, name)];
  const changed = Math.max(statSync(source).mtimeMs, statSync(header).mtimeMs);
  if (existsSync(binary) && statSync(binary).mtimeMs > changed) return binary;
  mkdirSync(compiled, { recursive: true });
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', binary, source], { stdio: 'inherit' });
  return binary;
}

/** The newest Python of the machine: of those in the PATH and those that pyenv has. */
export const python = (() => {
  const root = process.env.PYENV_ROOT ?? join(homedir(), '.pyenv');
  const versions = join(root, 'versions');
  const found = existsSync(versions)
    ? readdirSync(versions).map((name) => join(versions, name, 'bin/python3'))
    : [];
  const program = 'import sys; print(*sys.version_info[:3])';
  const known = ['python3', ...found].flatMap((binary) => {
    const { status, stdout } = spawnSync(binary, ['-c', program], { encoding: 'utf8' });
    return status === 0 ? [{ binary, version: stdout.trim().split(' ').map(Number) }] : [];
  });
  const newer = (a, b) =>
    b.version[0] - a.version[0] || b.version[1] - a.version[1] || b.version[2] - a.version[2];
  return known.sort(newer)[0];
})();

export class Missing extends Error {}

/** The command of a program `['c' | 'python' | 'node', name, ...arguments]`. */
function commandOf([language, name, ...args]) {
  const words = args.map(String);
  if (language === 'node') return [process.execPath, at(`sides/${name}.mjs`), ...words];
  if (language === 'python') {
    if (python === undefined) throw new Missing('there is no python3');
    return [python.binary, at(`peers/${name}.py`), ...words];
  }
  try {
    return [compile(name), ...words];
  } catch (error) {
    throw new Missing(`gcc does not compile peers/${name}.c: ${error.message}`);
  }
}

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;
const cores = availableParallelism();

/** Puts a command on a core of its own, where there are two and taskset(1) allows it. */
function pinned(core, command) {
  return hasTaskset && cores > 1 ? ['taskset', '-c', String(core % cores), ...command] : command;
}

export const pinning = hasTaskset && cores > 1 ? 'each on a core of its own' : 'not pinned';

/** Runs a program to its end and returns what it measured: `{ operations, seconds, cpu }`. */
export async function run(program, core = 0) {
  const [file, ...args] = pinned(core, commandOf(program));
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${program.join(' ')} ended with ${status}`);
  return JSON.parse(printed.trim().split('\n').at(-1));
}

/** A server that runs until its standard input ends. */
export class Server {
  static async start(program, core = 0) {
    const [file, ...args] = pinned(core, commandOf(program));
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const server = new Server();
    server.child = child;
    server.closed = once(child, 'close');
    const [line] = await Promise.race([
      once(child.stdout.setEncoding('utf8'), 'data'),
      server.closed.then(() => {
        throw new Error(`${program.join(' ')} ended before it had printed its port`);
      }),
    ]);
    server.port = Number(line);
    child.stdout.resume();
    return server;
  }

  /** CPU time so far, of all its threads, in seconds. */
  cpu() {
    const tasks = `/proc/${this.child.pid}/task`;
    const times = readdirSync(tasks).map((task) => readFileSync(join(tasks, task, 'schedstat'), 'utf8'));
    return times.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e9;
  }

  /** Resident memory in bytes. */
  resident() {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'));
    return Number(kilobytes) * 1024;
  }

  async stop() {
    this.child.stdin.end();
    await this.closed;
  }
}
