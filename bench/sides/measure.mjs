/** What the measured programs in JavaScript share: the clocks, and the line that says what was measured. */

function clocks() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
}

export function report(operations, started) {
  const { wall, cpu } = clocks();
  console.log(JSON.stringify({ operations, seconds: wall - started.wall, cpu: cpu - started.cpu }));
}

export { clocks as start };

/** Does `count` operations, `many` in a call, after half as many that let the compiler finish. */
export function measure(count, operation, many = 1) {
  const calls = Math.floor(count / many);
  for (let warm = calls / 2; warm > 0; warm--) operation();
  const started = clocks();
  for (let left = calls; left > 0; left--) operation();
  report(calls * many, started);
}
