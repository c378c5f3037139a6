/** No descriptor left: every call that opens one fails with OSError EMFILE, leaks nothing, and works again later. */
import { expect, test } from 'vitest';
import { fixture, start } from '../fixtures/start.ts';

test.each([
  'socket',
  'socketpair',
  'dup',
  'dup of a descriptor',
  'fromfd',
  'createServer',
  'createConnection',
  'createConnectionAsync',
  'hasDualstackIPv6',
  'accept',
  'acceptAsync',
  'acceptAsync that waits',
  'the readiness set',
])('%s', async (program) => {
  const script = 'ulimit -n 64 && exec "$0" --expose-gc "$@"';
  const { ended } = start('sh', ['-c', script, process.execPath, fixture('no-descriptors.mjs'), program]);
  expect(await ended).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
});
