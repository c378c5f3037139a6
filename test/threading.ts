/** What the tests of threads share: they start threads, hear from them, and leave no worker behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { socketpair } from 'bsd-socket';
import { Thread, type ThreadOptions } from 'bsd-socket/threading';
import { afterAll, onTestFinished } from 'vitest';
import { retireIdle } from '../dist/threading/workers.js';
import { type AnySocket, keep } from './support.ts';

/** A function of fixtures/thread-targets.mjs. */
export const target = (name: string) => new URL(`fixtures/thread-targets.mjs#${name}`, import.meta.url);

/** A thread that has been started. It has to be over when the test is. */
export function start(name: string, args: unknown[] = [], options: Partial<ThreadOptions> = {}): Thread {
  const thread = new Thread({ target: target(name), args, ...options });
  thread.start();
  onTestFinished(() => thread.joinAsync());
  return thread;
}

/** A pair of sockets of which one is the thread's first argument, by which it replies. */
export function ask(
  name: string,
  args: unknown[] = [],
  options: Partial<ThreadOptions> = {},
): { thread: Thread; replies: AnySocket } {
  const [here, there] = socketpair();
  keep(here);
  return { thread: start(name, [there, ...args], options), replies: here };
}

/** What a thread has replied. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it says.
export async function answer(replies: AnySocket): Promise<any> {
  let text = '';
  while (!text.endsWith('\n')) {
    const data = await replies.recvAsync(65536);
    if (data.length === 0) throw new Error('the thread has not replied');
    text += data;
  }
  return JSON.parse(text);
}

/** Lets all workers end that are free, and waits for it. */
export async function noWorkers(): Promise<void> {
  while (retireIdle() > 0) await sleep(5);
}

afterAll(noWorkers);
