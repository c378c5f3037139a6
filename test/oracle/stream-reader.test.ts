/**
 * StreamReader against CPython's: the same chunks are fed to both, random data in random chunks, and the same reads made,
 * with many separators and limits. Each read must come to the same, and leave the reader the same.
 */
import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IncompleteReadError, LimitOverrunError, StreamReader } from 'bsd-socket/asyncio';
import { describe, expect, test } from 'vitest';
import { noPython, python, pythonMinor } from './python.ts';

type Step = [name: string, ...args: unknown[]];
interface Case {
  limit: number;
  steps: Step[];
}
/** What the read has come to, and how the reader looks. */
type Outcome = [read: unknown[] | null, reader: string | null];

const READS = ['read', 'readline', 'readexactly', 'readuntil'];
const LIMITS = [1, 2, 3, 5, 8, 16, 64, 600, 5000, 65536];
// Few letters, so that separators occur, and parts of them.
const LETTERS = Buffer.from('ab\r\n#');
const SEVERAL_SEPARATORS = 13;

/** A generator of numbers below `limit`, the same in every run. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function randomCase(seed: number): Case {
  const roll = dice(seed);
  const text = (length: number) =>
    Buffer.from(Array.from({ length }, () => LETTERS[roll(LETTERS.length)]!)).toString('hex');
  // Some feed much of a letter that ends nothing, so that little chunks queue up.
  const calm = roll(3) === 0;
  const chunk = () => {
    const size = roll(8) === 0 ? roll(2000) : roll(20);
    return calm && roll(4) > 0 ? '61'.repeat(size) : text(size);
  };
  const read = (): Step => {
    const name = READS[roll(READS.length)]!;
    if (name === 'readline') return [name];
    if (name === 'readuntil') {
      const count = pythonMinor < SEVERAL_SEPARATORS ? 1 : 1 + roll(3);
      return [name, Array.from({ length: count }, () => text(1 + roll(4)))];
    }
    return [name, name === 'read' && roll(10) === 0 ? -1 : roll(roll(4) === 0 ? 3000 : 30)];
  };
  const steps: Step[] = [];
  for (let count = 0; count < 25; count++) steps.push(roll(2) === 0 ? ['feed', chunk()] : read());
  steps.push([roll(8) === 0 ? 'exception' : 'eof']);
  for (let count = 0; count < 8; count++) steps.push(read());
  return { limit: LIMITS[roll(LIMITS.length)]!, steps };
}

function failed(error: unknown): unknown[] {
  if (error instanceof IncompleteReadError)
    return ['IncompleteReadError', error.partial.toString('hex'), error.expected];
  if (error instanceof LimitOverrunError) return ['LimitOverrunError', error.message, error.consumed];
  const { name, message } = error as Error;
  return [name === 'RangeError' ? 'ValueError' : name, message];
}

function read(reader: StreamReader, [name, argument]: Step): Promise<Buffer> {
  if (name === 'read') return reader.read(argument as number);
  if (name === 'readline') return reader.readline();
  if (name === 'readexactly') return reader.readexactly(argument as number);
  const separators = (argument as string[]).map((text) => Buffer.from(text, 'hex'));
  return reader.readuntil(separators.length === 1 ? separators[0] : separators);
}

/** Feeds and reads; a read that would have to wait beside another is left out. */
async function ours({ limit, steps }: Case): Promise<[Outcome[], Case]> {
  const reader = new StreamReader(limit);
  reader.setTransport({ pauseReading() {}, resumeReading() {}, toString: () => '<Transport>' } as never);
  const outcomes: Outcome[] = [];
  const made: Step[] = [];
  let pending: Promise<unknown> | undefined;
  let settled: unknown[] | undefined;
  for (const step of steps) {
    const [name, argument] = step;
    if (name === 'feed') reader.feedData(Buffer.from(argument as string, 'hex'));
    else if (name === 'eof') reader.feedEof();
    else if (name === 'exception') reader.setException(new RangeError('gone'));
    else if (pending !== undefined) continue;
    else {
      pending = read(reader, step).then(
        (data) => {
          settled = ['data', data.toString('hex')];
        },
        (error: unknown) => {
          settled = failed(error);
        },
      );
    }
    made.push(step);
    await nextTurn();
    const outcome = settled ?? null;
    if (settled !== undefined) pending = settled = undefined;
    outcomes.push([outcome, pending === undefined ? String(reader) : null]);
  }
  return [outcomes, { limit, steps: made }];
}

function askPython(cases: Case[]): Outcome[][] {
  const { status, stdout, stderr } = spawnSync(
    python!,
    [fileURLToPath(new URL('stream_reader.py', import.meta.url))],
    { input: JSON.stringify(cases), encoding: 'utf8', timeout: 60_000, maxBuffer: 256 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.skipIf(noPython)(noPython || 'StreamReader', () => {
  test('random chunks, separators and limits', { timeout: 60_000 }, async () => {
    const runs = await Promise.all(Array.from({ length: 300 }, (_, seed) => ours(randomCase(seed))));
    const theirs = askPython(runs.map(([, made]) => made));
    const kinds = new Set(runs.flatMap(([outcomes]) => outcomes.map(([read]) => read?.[0])));
    const all = [undefined, 'data', 'IncompleteReadError', 'LimitOverrunError', 'ValueError'];
    expect(kinds).toEqual(new Set(all));
    // Python writes its exceptions otherwise, and what read(-1) has taken is lost there. At the end nothing is resumed.
    const shown = (reader: string | null) =>
      reader?.replace(/( \d+ bytes)?( limit=\d+)? exception=.*/, '').replace(/( eof.*) paused/, '$1');
    const plain = (outcomes: Outcome[]) => outcomes.map(([read, reader]) => [read, shown(reader)]);
    for (const [index, [outcomes, made]] of runs.entries()) {
      const [mine, python] = [plain(outcomes), plain(theirs[index]!)];
      // Looking closely takes long.
      if (JSON.stringify(mine) !== JSON.stringify(python)) expect(mine, JSON.stringify(made)).toEqual(python);
    }
  });
});
