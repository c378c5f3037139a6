/** What runs in a worker: one thread after the other. */
import { threadId } from 'node:worker_threads';
import { checked } from '../errors.ts';
import { native } from '../native.ts';
import { ring, type SharedSocket } from '../node/sharing.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { closeForGood } from '../socket/socket-handle.ts';
import { own } from './census.ts';
import { copied, hooked, report } from './excepthook.ts';
import { ENDING, IDLE, LINGERING, MADE, MAKING, PHASE, RUNNING, STARTED, STATE } from './record.ts';
import { become, currentThread, Running, Thread } from './thread.ts';
import { unpack } from './thread-arguments.ts';
import { writeAtOnce } from './thread-output.ts';
import { awaitThreads, busy, type Job, type News, quiet } from './workers.ts';

const { port, record, changes, census } = own!;

// In milliseconds. What a thread leaves on the event loop may need so long to end by itself.
const GRACE = 20;
// And so many turns of the loop after that.
const TURNS = 5;

let job: Job | null = null;
/** Those that have moved here with the thread. */
let sockets: Socket<number>[] = [];

/** Wakes the owner, if it waits for what becomes of its workers. */
function changed(): void {
  Atomics.add(changes, 0, 1);
  Atomics.notify(changes, 0);
}

function tell(news: News): void {
  port.postMessage(news);
}

/** Where an error goes: to this environment's hook, or else to that of whoever started the thread. */
function failed(error: unknown): void {
  if (job?.hooked && !hooked()) tell({ failure: copied(error) });
  else report({ error, thread: currentThread() });
}

/** The modules that threads here have been of: node resolves the name anew, each time that it is imported. */
const modules = new Map<string, Record<string, unknown>>();

async function imported(name: string): Promise<Record<string, unknown>> {
  const module = await import(name);
  modules.set(name, module);
  return module;
}

async function call({ module, exported, args }: Job): Promise<void> {
  // First of all, so that the sockets belong to somebody.
  const values = unpack(args, sockets);
  const target: unknown = (modules.get(module) ?? (await imported(module)))[exported];
  if (typeof target !== 'function') throw new TypeError(`${module} has no function named ${exported}`);
  await target(...values);
}

async function run(next: Job): Promise<void> {
  job = next;
  const bell = next.bell;
  const before = Atomics.exchange(record, PHASE, MADE);
  if (before === MAKING) {
    changed();
    if (bell) ring(bell);
  }
  const number = Atomics.load(record, STARTED);
  become(new Thread(new Running(next.name, next.daemon, threadId, { record, number })));
  try {
    await call(next);
  } catch (error) {
    failed(error);
  }
  Atomics.store(record, PHASE, ENDING);
  finish();
  if (busy()) linger(bell);
  else settle(bell);
}

/** The thread does nothing any more. */
function finish(): void {
  for (const socket of sockets) closeForGood(socket);
  sockets = [];
  job = null;
}

/** The thread is over, and others that it has started are not. */
function linger(bell: SharedSocket | undefined): void {
  Atomics.store(record, PHASE, MADE);
  native.threadEnd(record, census, LINGERING);
  tell({});
  if (bell) ring(bell);
}

/**
 * Makes the worker free for the next thread, if this one has left nothing behind: Node says so by 'beforeExit', once
 * only our port would keep the event loop alive.
 */
function settle(bell?: SharedSocket): void {
  port.unref();
  let turns = TURNS;
  // What was left behind ends with the worker. Nobody waits for the timers, either; and as they may be late on a busy
  // machine, the loop has to be found alive in several turns. (Not by immediates, which do not wake a loop that they do
  // not keep alive: the worker would stay, as it did on Node 26.)
  const again = () => {
    if (turns-- === 0) process.exit();
    grace = setTimeout(again, 1).unref();
  };
  let grace = setTimeout(again, GRACE).unref();
  process.once('beforeExit', () => {
    clearTimeout(grace);
    port.ref();
    if (Atomics.compareExchange(record, STATE, LINGERING, IDLE) === LINGERING)
      native.unpark(record, STATE, 1);
    else native.threadEnd(record, census, IDLE);
    changed();
    tell({});
    if (bell) ring(bell);
  });
}

quiet.listener = () => {
  if (Atomics.load(record, STATE) === LINGERING) settle();
};

// A rejection that nobody handles comes here as well. One of a callback ends the thread as one of the target does,
// unless the program sees to it.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  failed(error);
  process.exit(1);
});

// By exit() or by an error. Node ends a worker's workers with it, and the threads in them go on without this one.
process.once('exit', () => {
  if (!busy()) return;
  if (Atomics.load(record, STATE) === RUNNING) {
    const bell = job?.bell;
    finish();
    linger(bell);
  }
  awaitThreads();
});

writeAtOnce();
checked(native.threadWorker(record, census), 'eventfd');
port.on('messageerror', (error: Error) => {
  failed(error);
  settle();
});
port.on('message', (message: Job | null) => {
  if (message === null) port.close();
  else run(message);
});
