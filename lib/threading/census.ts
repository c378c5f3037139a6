/**
 * The threads that belong together: those that the main thread has started, those that these have started, and so on.
 * They are counted in shared memory, so that the first environment stays alive for all of them, whoever of them is
 * blocked, and lets the process end when only daemons are left.
 */
import { isMainThread, type MessagePort, threadId, workerData } from 'node:worker_threads';
import { native } from '../native.ts';
import { release, retain } from '../readiness.ts';
import { attend } from './parking.ts';

/** What a worker of ours is given. */
export interface WorkerData {
  readonly port: MessagePort;
  readonly record: Int32Array;
  /** One cell, which the workers of one owner count up when the phase of one of them changes. */
  readonly changes: Int32Array;
  readonly census: Int32Array;
  readonly root: Root;
}

/** The first of the threads that belong together. */
export interface Root {
  readonly name: string;
  readonly ident: number;
}

/** The key of {@link WorkerData} in `workerData`. */
export const OURS = 'bsd-socket/threading';

/** Set in a worker that runs threads; undefined in an environment that nobody started as one. */
export const own: WorkerData | undefined = isMainThread ? undefined : workerData?.[OURS];

// The cells, as in binding/threads.cpp.
const ALIVE = 0;
const KEEPING = 1;

export const census: Int32Array =
  own?.census ?? new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

export const root: Root = own?.root ?? {
  name: isMainThread ? 'MainThread' : `Worker-${threadId}`,
  ident: threadId,
};

let attending = false;
let kept = false;

function keepAlive(): void {
  const keep = Atomics.load(census, KEEPING) > 0;
  if (keep === kept) return;
  kept = keep;
  if (keep) retain();
  else release();
}

/** How many threads run, without the first one. */
export function alive(): number {
  return Atomics.load(census, ALIVE);
}

/** Counts a thread that is about to start. */
export function count(keeps: boolean): void {
  Atomics.add(census, ALIVE, 1);
  if (keeps) Atomics.add(census, KEEPING, 1);
  if (own !== undefined) return;
  if (!attending) {
    attending = true;
    attend(census, KEEPING, keepAlive);
    // One that another thread has started is noticed when there is nothing else to do.
    process.on('beforeExit', keepAlive);
    if (isMainThread) process.once('exit', () => native.threadsHurry());
  }
  keepAlive();
}

/** Undoes {@link count}, for one that has not started. */
export function discount(keeps: boolean): void {
  Atomics.sub(census, ALIVE, 1);
  if (keeps && Atomics.sub(census, KEEPING, 1) === 1) native.unpark(census, KEEPING, 1);
}
