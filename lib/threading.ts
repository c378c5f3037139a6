/** `bsd-socket/threading`: Python's `threading` module. */

export type { AsyncOptions } from './abort.ts';
export { Event } from './threading/event.ts';
export type { ExceptHook, ExceptHookArgs } from './threading/excepthook.ts';
export { excepthook, setExcepthook } from './threading/excepthook.ts';
export type { Held } from './threading/held.ts';
export { Lock } from './threading/lock.ts';
export { TIMEOUT_MAX } from './threading/parking.ts';
export { BoundedSemaphore, Semaphore } from './threading/semaphore.ts';
export type { ThreadOptions } from './threading/thread.ts';
export { activeCount, currentThread, mainThread, Thread } from './threading/thread.ts';
