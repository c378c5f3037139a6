// What a thread of bsd-socket/threading costs, after `npm run build`:
//
//   node bench/thread-costs.mjs
import { setTimeout as sleep } from 'node:timers/promises';
import { Event, Thread } from 'bsd-socket/threading';

const SOURCE = 'export const none = () => {}, wait = (event) => event.wait()';
const target = (name) => new URL(`data:text/javascript,${encodeURIComponent(SOURCE)}#${name}`);
const BLOCKED = 100;

/** Milliseconds from the start of a thread to its end. */
function once() {
  const started = performance.now();
  const thread = new Thread({ target: target('none') });
  thread.start();
  thread.join();
  return performance.now() - started;
}

console.log(`start and join in a new worker: ${once().toFixed(0)} ms`);
const times = Array.from({ length: 500 }, once).sort((a, b) => a - b);
console.log(`in one that is free: ${times[times.length / 2].toFixed(2)} ms`);

const stop = new Event();
const before = process.memoryUsage.rss();
const threads = Array.from({ length: BLOCKED }, () => new Thread({ target: target('wait'), args: [stop] }));
for (const thread of threads) thread.start();
// The last ones are still loading.
await sleep(3000);
console.log(`a blocked thread: ${((process.memoryUsage.rss() - before) / BLOCKED / 1e6).toFixed(1)} MB`);
stop.set();
for (const thread of threads) thread.join();
