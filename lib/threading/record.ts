/**
 * What a worker and whoever uses it know of each other, in shared memory, so that neither needs the other's event
 * loop. A worker runs one thread after the other, which are numbered. The cells are those of binding/threads.cpp.
 */

/** One of the states below. Whoever owns the worker makes RUNNING of IDLE; all else is the worker's to change. */
export const STATE = 0;
/** The number of the last thread that was started. */
export const STARTED = 1;
/** The number of the last one that is over; more than any where the worker is dead. */
export const FINISHED = 2;
/** The number of the one that is to be interrupted; 0 for none. */
export const INTERRUPTED = 3;
/** 1 where the running thread keeps the process alive. */
export const KEEPS = 4;
/** One of the phases below, for whoever wonders whether to make one more. */
export const PHASE = 5;
const CELLS = 6;

/** It waits for a thread to run. */
export const IDLE = 0;
export const RUNNING = 1;
/** Its thread is over, and threads that this had started are not. */
export const LINGERING = 2;
/** It has ended, or is about to. */
export const DEAD = 3;

/** It is being made, and has not come so far as to run a thread. */
export const MAKING = 0;
export const MADE = 1;
/** Its thread is over, and it will be free in a moment. */
export const ENDING = 2;

/** The record of a worker that is about to run its first thread. */
export function newRecord(keeps: boolean): Int32Array {
  const record = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  record[STATE] = RUNNING;
  record[STARTED] = 1;
  record[KEEPS] = Number(keeps);
  return record;
}
