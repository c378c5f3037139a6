/**
 * The workers in which threads run. Making one takes tens of milliseconds, so that one whose thread is over waits for
 * the next. Nothing here needs the event loop of whoever starts threads, which may be blocked for ever: what has to be
 * known of a worker stands in its record, and its messages are read when it is used again.
 */
import { availableParallelism } from 'node:os';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
} from 'node:worker_threads';
import { native } from '../native.ts';
import type { SharedSocket } from '../node/sharing.ts';
import { census, count, discount, OURS, root, type WorkerData } from './census.ts';
import type { CopiedError } from './excepthook.ts';
import {
  DEAD,
  ENDING,
  FINISHED,
  IDLE,
  KEEPS,
  LINGERING,
  MAKING,
  newRecord,
  PHASE,
  RUNNING,
  STARTED,
  STATE,
} from './record.ts';
import { giveUp, type PackedArguments } from './thread-arguments.ts';

/** What a worker is told: to run a thread. */
export interface Job {
  readonly module: string;
  readonly exported: string;
  readonly args: PackedArguments;
  readonly name: string;
  readonly daemon: boolean;
  /** Whoever has started the thread wants to know of the error that ends it. */
  readonly hooked: boolean;
  /** Rung when the thread begins in a new worker, and when the worker is free again. */
  readonly bell: SharedSocket | undefined;
}

/** What a worker tells: that something in its record has changed, or which error has ended its thread. */
export type News = { readonly failure?: CopiedError };

/** Whoever has started a thread. */
export interface Starter {
  /** An error has ended the thread. */
  failed(failure: CopiedError): void;
}

/** Told when the last thread that this environment has started is over. */
export const quiet: { listener: (() => void) | undefined } = { listener: undefined };

// In milliseconds. A worker that is not used for so long is ended.
const PATIENCE = 5000;

// A file would not do: a program that node is given by --eval may come with --input-type, which files do not allow.
const SOURCE = `import(${JSON.stringify(new URL('./thread-main.js', import.meta.url))})`;

const workers = new Set<PooledWorker>();
const changes = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const isBusy = (state: number) => state === RUNNING || state === LINGERING;

/** Whether threads that this environment has started, or threads of theirs, run. */
export function busy(): boolean {
  return [...workers].some(({ state }) => isBusy(state));
}

/** Waits on this thread until they are over, and nothing ends that. */
export function awaitThreads(): void {
  for (const worker of workers) {
    for (let state = worker.state; isBusy(state); state = worker.state)
      native.park(worker.record, STATE, state, -1);
    worker.listen();
  }
}

/** One worker, seen by its owner. */
export class PooledWorker {
  readonly record: Int32Array;
  readonly ident: number;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  #starter: Starter;
  #args: PackedArguments;
  #retirement: NodeJS.Timeout | undefined;
  /** When its thread began; undefined while it is being made. */
  #begun: number | undefined;
  /** The thread that it had last when it was tended, and since when. */
  #seen = 0;
  #seenAt = 0;

  /** Makes a worker that begins with a thread. */
  constructor(job: Job, starter: Starter) {
    this.record = newRecord(!job.daemon);
    this.#starter = starter;
    this.#args = job.args;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    try {
      port1.postMessage(job);
      const data: WorkerData = { port: port2, record: this.record, changes, census, root };
      const worker = new Worker(SOURCE, {
        eval: true,
        workerData: { [OURS]: data },
        transferList: [port2],
        env: SHARE_ENV,
        argv: process.argv.slice(2),
      });
      this.#worker = worker;
      this.ident = worker.threadId;
      worker.unref();
      worker.on('error', (error) =>
        this.#starter.failed({ error, name: error.name, properties: { ...error } }),
      );
      worker.on('exit', () => this.#ended());
    } catch (error) {
      port1.close();
      throw error;
    }
    port1.on('message', (news: News) => this.#hear(news));
    port1.unref();
    workers.add(this);
  }

  get state(): number {
    return Atomics.load(this.record, STATE);
  }

  get phase(): number {
    return Atomics.load(this.record, PHASE);
  }

  /**
   * Gives the worker its next thread.
   *
   * @returns false where it is not free
   */
  use(job: Job, starter: Starter): boolean {
    const { record } = this;
    if (this.state !== IDLE) return false;
    // Of the thread before this one. It may call a hook, which may start a thread.
    this.listen();
    if (this.state !== IDLE) return false;
    record[KEEPS] = Number(!job.daemon);
    Atomics.add(record, STARTED, 1);
    if (Atomics.compareExchange(record, STATE, IDLE, RUNNING) !== IDLE) return false;
    try {
      this.#port.postMessage(job);
    } catch (error) {
      // Where it has died in this moment, the thread has been discounted with it.
      if (Atomics.compareExchange(record, STATE, RUNNING, IDLE) !== RUNNING) count(!job.daemon);
      throw error;
    }
    clearTimeout(this.#retirement);
    this.#begun = performance.now();
    this.#starter = starter;
    this.#args = job.args;
    return true;
  }

  /** For how long it has been running its thread, in milliseconds, as far as is known here. */
  age(): number {
    const now = performance.now();
    if (this.#begun === undefined && this.phase !== MAKING) this.#begun = now;
    return this.#begun === undefined ? 0 : now - this.#begun;
  }

  /** Reads its messages, if the event loop has not. */
  listen(): void {
    for (let each = receiveMessageOnPort(this.#port); each; each = receiveMessageOnPort(this.#port)) {
      this.#hear(each.message as News);
    }
    // Its thread will not take them any more.
    if (this.state === DEAD) giveUp(this.#args.packed);
  }

  /** Lets the worker end, if it has been free for long. To be called now and then where no timer runs. */
  tend(now: number): void {
    const started = this.record[STARTED]!;
    if (this.state !== IDLE || started !== this.#seen) {
      this.#seen = started;
      this.#seenAt = now;
    } else if (now - this.#seenAt > PATIENCE) this.retire();
  }

  /** Lets the worker end, if it is free. */
  retire(): void {
    clearTimeout(this.#retirement);
    if (Atomics.compareExchange(this.record, STATE, IDLE, DEAD) === IDLE) this.#port.postMessage(null);
  }

  /** Waits for the end of a worker that is about to end, which may bring an error. */
  awaitEnd(): void {
    if (this.state === DEAD) this.#worker.ref();
  }

  #hear({ failure }: News): void {
    if (failure !== undefined) this.#starter.failed(failure);
    if (this.state === IDLE) {
      clearTimeout(this.#retirement);
      this.#retirement = setTimeout(() => this.retire(), PATIENCE).unref();
    }
    if (!busy()) quiet.listener?.();
  }

  #ended(): void {
    clearTimeout(this.#retirement);
    this.listen();
    this.#port.close();
    workers.delete(this);
    // It has not come so far as to do that itself.
    if (this.state !== DEAD) native.threadEnd(this.record, census, DEAD);
    giveUp(this.#args.packed);
    if (!busy()) quiet.listener?.();
  }
}

// The process must not end before it has been told of a thread that has died for want of memory.
process.on('beforeExit', () => {
  for (const worker of workers) worker.awaitEnd();
});

/** Where a thread runs, and its number there. */
export interface Run {
  readonly record: Int32Array;
  readonly number: number;
  /** Undefined for a thread that looks at itself. */
  readonly worker?: PooledWorker;
}

/** Gives a thread to a worker that is free. */
function useFree(job: Job, starter: Starter): Run | undefined {
  for (const worker of workers) {
    if (worker.use(job, starter)) return { worker, record: worker.record, number: worker.record[STARTED]! };
  }
  return undefined;
}

// In milliseconds: how long a thread is held back at the most, and how long nobody looks whether it is still best.
const LONGEST_HOLD = 1000;
const LOOK = 10;

/**
 * Waits until it is best to start a thread. A program that starts one for each connection would have hundreds made
 * otherwise, and each of them makes the others later.
 */
function holdBack(): void {
  const end = performance.now() + LONGEST_HOLD;
  for (;;) {
    const seen = Atomics.load(changes, 0);
    if (isPrompt() || performance.now() >= end) return;
    Atomics.wait(changes, 0, seen, Math.min(LOOK, patience || LOOK));
  }
}

/** Starts a thread in a worker that is free, or in a new one. */
export function launch(job: Job, starter: Starter): Run {
  count(!job.daemon);
  try {
    const run = useFree(job, starter) ?? useSoon(job, starter);
    if (run !== undefined) return run;
    const worker = new PooledWorker(job, starter);
    return { worker, record: worker.record, number: 1 };
  } catch (error) {
    discount(!job.daemon);
    throw error;
  }
}

// In milliseconds. A worker takes some tens of them to be made, and of the processor's time: threads that are over sooner
// are better waited for. Those before tell whether to expect it.
const LONGEST_PATIENCE = 20;
const SHORTEST_PATIENCE = 1;
let patience = LONGEST_PATIENCE;

/** Gives a thread to a worker as soon as one is free, if that is better than to make one. */
function useSoon(job: Job, starter: Starter): Run | undefined {
  holdBack();
  const run = useFree(job, starter);
  if (run !== undefined) patience = LONGEST_PATIENCE;
  else if (workers.size > 0) patience = patience > SHORTEST_PATIENCE ? patience / 2 : 0;
  return run;
}

/**
 * Whether it is best to start a thread now: a worker is free, or none will be in a moment, and not so many of them are
 * being made already as there are processors.
 */
export function isPrompt(): boolean {
  let making = 0;
  let soon = false;
  for (const worker of workers) {
    if (worker.state === IDLE) return true;
    if (worker.state === DEAD) continue;
    if (worker.phase === MAKING) making++;
    else if (worker.phase === ENDING || worker.age() < patience) soon = true;
  }
  return !soon && making < availableParallelism();
}

// In milliseconds.
const ROUND = 1000;
// Node keeps the stack of a worker that has ended, until the event loop turns.
const MOST_ENDED = 256;

let tended = 0;

/** Lets workers end that have been free for long, as timers do where the event loop turns. Costs nothing if repeated. */
export function tendWorkers(): void {
  const now = performance.now();
  if (now - tended < ROUND) return;
  tended = now;
  const all = [...workers];
  if (all.filter(({ state }) => state === DEAD).length > MOST_ENDED) return;
  for (const worker of all) worker.tend(now);
}

/** Whether the thread is over. */
export function isOver({ record, number }: Run): boolean {
  return Atomics.load(record, FINISHED) >= number;
}

/** Lets all workers end that have nothing to do. Returns how many there are still. */
export function retireIdle(): number {
  for (const worker of workers) worker.retire();
  return workers.size;
}
