// Adds up the tests of all runs and prints the closing line of the gate:  node .ci/count.mjs FAILED_STEPS
//
// vitest.config.ts leaves one report of each run in build/test-results/. A run that is missing, or ran hardly any
// test, counts as one failure, and so does a file of tests that failed as a whole. Each failure is told once more here:
// of a long output often only the end is kept.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUNS = ['test', 'asan', 'node-22', 'node-24', 'node-26'];
const FEWEST = 1000;
const LONGEST = 2000;
const root = fileURLToPath(new URL('..', import.meta.url));

const total = { passed: 0, failed: Number(process.argv[2]), skipped: 0 };
for (const run of RUNS) {
  const { passed, failed, skipped } = count(run);
  console.log(`${run}: passed ${passed}, failed ${failed}, skipped ${skipped}`);
  total.passed += passed;
  total.failed += failed + (passed < FEWEST ? 1 : 0);
  total.skipped += skipped;
  if (passed < FEWEST) console.log(`${run}: fewer than ${FEWEST} tests`);
}
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
);
if (total.failed > 0) process.exitCode = 1;

function count(run) {
  const result = { passed: 0, failed: 0, skipped: 0 };
  let report = { testResults: [] };
  try {
    report = JSON.parse(readFileSync(`${root}build/test-results/${run}.json`, 'utf8'));
  } catch (error) {
    console.log(`${run}: no report (${error.message})`);
  }
  for (const file of report.testResults) {
    tell(run, file);
    const statuses = file.assertionResults.map(({ status }) => status);
    for (const status of statuses) {
      if (status === 'passed' || status === 'failed') result[status]++;
      else result.skipped++;
    }
    if (file.status === 'failed' && !statuses.includes('failed')) result.failed++;
  }
  return result;
}

/** Prints what failed in one file of tests: the name of each test and how it failed, or why the file did. */
function tell(run, file) {
  const path = relative(root, file.name);
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  for (const { fullName, failureMessages } of failed) {
    console.log(`${run}: ${path}: ${fullName}`);
    for (const message of failureMessages) console.log(message.slice(0, LONGEST));
  }
  if (file.status === 'failed' && failed.length === 0)
    console.log(`${run}: ${path}: ${file.message.slice(0, LONGEST)}`);
}
