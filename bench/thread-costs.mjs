// What a thread of bsd-socket/threading costs, after `npm run build`:
//
//   node bench/thread-costs.mjs
import { Event, Semaphore, Thread } from 'bsd-socket/threading';
import { median } from './statistics.mjs';

const SOURCE = `
export const none = () => {};
export const wait = (begun, stop) => {
  begun.release();
  stop.wait();
};
`;
const target = (name) => new URL(`data:text/javascript,${encodeURIComponent(SOURCE)}#${name}`);
const NEW = 9;
const FREE = 500;
const BLOCKED = 100;

/** Threads that are blocked, once they are. */
function blocked(count) {
  const [begun, stop] = [new Semaphore(0), new Event()];
  const args = [begun, stop];
  const threads = Array.from({ length: count }, () => new Thread({ target: target('wait'), args }));
  for (const thread of threads) thread.start();
  for (let left = count; left > 0; left--) begun.acquire();
  return () => {
    stop.set();
    for (const thread of threads) thread.join();
  };
}

/** Milliseconds from the start of a thread to its end. */
function once() {
  const started = performance.now();
  const thread = new Thread({ target: target('none') });
  thread.start();
  thread.join();
  return performance.now() - started;
}

// Each in a worker of its own: those before are kept busy.
const busy = [];
const made = Array.from({ length: NEW }, () => {
  const started = performance.now();
  busy.push(blocked(1));
  return performance.now() - started;
});
console.log(`a thread begins in a new worker after: ${median(made).toFixed(0)} ms`);

const before = process.memoryUsage.rss();
busy.push(blocked(BLOCKED));
const memory = (process.memoryUsage.rss() - before) / BLOCKED;
for (const end of busy) end();

const times = Array.from({ length: FREE }, once);
console.log(`start and join in one that is free: ${median(times).toFixed(2)} ms`);
console.log(`a blocked thread: ${(memory / 1e6).toFixed(1)} MB`);
