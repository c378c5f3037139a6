/** What the measured programs in JavaScript share: the clocks, and the line that says what was measured. */

/** What the clocks show now, for {@link report}. */
export function start() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
}

function measurement(operations, started) {
  const { wall, cpu } = start();
  return { operations, seconds: wall - started.wall, cpu: cpu - started.cpu };
}

const print = (measured) => console.log(JSON.stringify(measured));

export const report = (operations, started) => print(measurement(operations, started));

/** How many operations warm up for so many: half of them let the compiler finish. */
export const warmUp = (count) => Math.ceil(count / 2);

/** Fails unless what has come is what was sent. */
export function same(came, sent) {
  if (!came.equals(sent))
    throw new Error(`${came.length} bytes have come, which are not the ${sent.length} sent`);
}

/** Fails unless a sink says that it has got so many bytes. */
export function whole(answer, bytes) {
  if (Number(answer) !== bytes) throw new Error(`the sink has got ${answer} bytes of ${bytes}`);
}

/**
 * Does `count` operations, `many` in a call, after the warm-up.
 *
 * @param {() => unknown} operation
 * @param {(result: any) => void} check looks at one of them before and after: so nothing may be left over, either
 */
export function measure(count, operation, check, many = 1) {
  const calls = Math.ceil(count / many);
  check(operation());
  for (let left = warmUp(calls); left > 0; left--) operation();
  const started = start();
  for (let left = calls; left > 0; left--) operation();
  const measured = measurement(calls * many, started);
  check(operation());
  print(measured);
}

/** The same where `run(count)` does so many of them. */
export async function measureAsync(count, run) {
  await run(warmUp(count));
  const started = start();
  await run(count);
  report(count, started);
}
