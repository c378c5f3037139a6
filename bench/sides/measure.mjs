/** What the measured programs in JavaScript share: the clocks, and the line that says what was measured. */

/** What the clocks show now, for {@link report}. */
export function start() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
}

export function report(operations, started) {
  const { wall, cpu } = start();
  console.log(JSON.stringify({ operations, seconds: wall - started.wall, cpu: cpu - started.cpu }));
}

/** How many operations warm up for so many: half of them let the compiler finish. */
export const warmUp = (count) => Math.ceil(count / 2);

/** Does `count` operations, `many` in a call, after the warm-up. */
export function measure(count, operation, many = 1) {
  const calls = Math.ceil(count / many);
  for (let left = warmUp(calls); left > 0; left--) operation();
  const started = start();
  for (let left = calls; left > 0; left--) operation();
  report(calls * many, started);
}

/** The same where `run(count)` does so many of them. */
export async function measureAsync(count, run) {
  await run(warmUp(count));
  const started = start();
  await run(count);
  report(count, started);
}
