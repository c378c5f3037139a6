/**
 * The ways to measure. Each makes a function that measures once, in processes of its own, and returns numbers by name:
 * `time/op` and `cpu/op` in seconds, `rate` in operations a second, `memory/op` in bytes.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Missing, output, run, Server } from './programs.mjs';

/** Numbers of a measurement, which must be some. The CPU time of another process goes by ticks: a short one may see none. */
function numbers({ operations, seconds, cpu }) {
  if (!(operations > 0 && seconds > 0 && cpu >= 0))
    throw new Error(`no measurement: ${operations} operations, ${seconds} s, ${cpu} s of CPU time`);
  return { 'time/op': seconds / operations, 'cpu/op': cpu / operations, rate: operations / seconds };
}

/** A program that measures itself. */
export const itself = (program) => async () => numbers(await run(program));

// In milliseconds: how long a server takes to end that has failed.
const GRACE = 1000;

async function during(server, use) {
  let result;
  try {
    result = await use(server);
  } catch (error) {
    // Where the server has died that says more than what its client made of it.
    await Promise.race([server.closed, sleep(GRACE, undefined, { ref: false })]);
    await server.stop();
    throw error;
  }
  await server.stop();
  return result;
}

/**
 * A program that measures itself beside a server that it talks to. Its arguments may be functions of the server. Where both
 * sleep in turn they are on one core: on two what counts is how fast these wake each other, which changes by the minute on a
 * virtual machine.
 */
export const beside =
  (server, program, { core = 0 } = {}) =>
  async () =>
    during(await Server.start(server, core), async (peer) => numbers(await run(filled(program, peer))));

/**
 * A server under a load: the load warms it up, and measures the CPU time of the server as well as how much it does.
 * The arguments of the load may be functions of the server.
 */
export const served = (server, load) => async () =>
  during(await Server.start(server, 0), async (subject) => numbers(await run(filled(load, subject), 1)));

const filled = (program, server) => program.map((arg) => (typeof arg === 'function' ? arg(server) : arg));

/** Arguments of a program: the port of its server, and its process. */
export const port = (server) => server.port;
export const pid = (server) => server.pid;

/** `ab` on a server that has just been started, or on one that has answered so many requests before; both on one core. */
export const apache = (server, requests, before) => async () =>
  during(await Server.start(server, 0), async (subject) => {
    const url = `http://127.0.0.1:${subject.port}/`;
    const once = async (count) => {
      const printed = await output(['installed', 'ab', '-q', '-c', Math.min(50, count), '-n', count, url]);
      const [, complete] = /^Complete requests:\s+(\d+)$/m.exec(printed);
      const [, failed] = /^Failed requests:\s+(\d+)$/m.exec(printed);
      if (Number(complete) !== count || failed !== '0')
        throw new Error(`ab: ${complete} of ${count} requests, ${failed} failed:\n${printed}`);
      const [, rate] = /^Requests per second:\s+([\d.]+)/m.exec(printed);
      return Number(rate);
    };
    if (before > 0) await once(before);
    const used = await subject.cpu();
    const rate = await once(requests);
    const measured = { operations: requests, seconds: requests / rate, cpu: (await subject.cpu()) - used };
    await answers(subject.port);
    return numbers(measured);
  });

/** Fails unless the server answers with what it is asked: `ab` does not look at that. */
async function answers(port) {
  const asked = 'GET / HTTP/1.0\r\n\r\n';
  const connection = connect(port, '127.0.0.1').setEncoding('utf8');
  connection.write(asked);
  const answer = (await connection.toArray()).join('');
  if (answer !== asked)
    throw new Error(`a server answers ${JSON.stringify(answer)} to ${JSON.stringify(asked)}`);
}

/** The resident memory of an echo server for each of so many connections that do nothing. */
export const idle = (server, connections) => async () => {
  const limit = descriptors();
  if (limit < connections + 100)
    throw new Missing(`this machine allows a process ${limit} descriptors (ulimit -Hn)`);
  return during(await Server.start(server, 0), async (subject) => {
    // What the first connections load and compile is not what each one takes.
    const few = await Server.start(['c', 'idle', subject.port, Math.ceil(connections / 20)], 1);
    await few.stop();
    const before = await subject.resident();
    const clients = await Server.start(['c', 'idle', subject.port, connections], 1);
    return during(clients, async () => ({
      'memory/op': ((await subject.resident()) - before) / connections,
    }));
  });
};

/** How many descriptors a process may have when it asks for more than it has at first. */
function descriptors() {
  const [, most] = /^Max open files\s+\w+\s+(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most);
}

/** A program from its start to its end; it prints its CPU time in seconds. */
export const whole = (program) => async () => {
  const started = performance.now();
  const cpu = Number(await output(program));
  return { 'time/op': (performance.now() - started) / 1000, 'cpu/op': cpu };
};

/** A file of so many bytes, which is there until this process ends. */
export function file(size) {
  const folder = fileURLToPath(new URL('../build/bench/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const path = `${folder}file-${process.pid}`;
  const descriptor = openSync(path, 'w');
  process.once('exit', () => rmSync(path, { force: true }));
  const block = Buffer.alloc(1 << 20, 'x');
  for (let left = size; left > 0; ) left -= writeSync(descriptor, block, 0, Math.min(left, block.length));
  closeSync(descriptor);
  return path;
}
