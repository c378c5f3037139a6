/** What starts the child processes of a `ForkingMixIn`, and waits for their end: in a thread, whose event loop turns. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EIO, EMFILE } from '../constants.generated.ts';
import { close } from '../descriptors.ts';
import { BrokenPipeError } from '../errors.ts';
import type { UnixFamily } from '../family.ts';
import { recvFdsAsync } from '../messages/passing.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { ENDED, FAILED, LONGEST_PARCEL, record, STARTED } from './child-records.ts';
import { PARCEL } from './request-parcel.ts';

const PROGRAM = fileURLToPath(new URL('./request-process.js', import.meta.url));

/** Options of node that say what its program is, or that only one process can have. */
const OF_THE_PROGRAM = /^(-[ci]|--(check|eval|input-type|inspect|interactive|print|test|watch)\b.*)$/;
/** Those of them that have a value behind them. */
const WITH_VALUE = /^(-e|-p|-pe|--eval|--print|--input-type|--inspect-port|--watch-path)$/;

/** How node runs this process, for another program. */
function nodeOptions(): string[] {
  const options = process.execArgv;
  const isValue = (index: number) => WITH_VALUE.test(options[index - 1] ?? '');
  return options.filter(
    (option, index) => !(WITH_VALUE.test(option) || OF_THE_PROGRAM.test(option) || isValue(index)),
  );
}

/** Starts a child process for the request's descriptor, which is closed here. */
function start(fd: number, parcel: Buffer): ChildProcess {
  try {
    const child = spawn(process.execPath, [...nodeOptions(), PROGRAM, ...process.argv.slice(2)], {
      stdio: ['ignore', 'inherit', 'inherit', fd, 'pipe'],
    });
    // There are none where there was no descriptor for them. A child that ends at once reads nothing.
    const pipe = child.stdio?.[PARCEL] as Writable | undefined;
    pipe?.on('error', () => {}).end(parcel);
    return child;
  } finally {
    close(fd);
  }
}

/** Why a child could not be started. */
function errnoOf(error: unknown): number {
  // Those of node are negative.
  return -((error as NodeJS.ErrnoException).errno ?? -EIO);
}

/** Starts a child, and resolves when it has been started, or with the errno when it could not be. */
async function started(fd: number, parcel: Buffer): Promise<ChildProcess | number> {
  try {
    const child = start(fd, parcel);
    await once(child, 'spawn');
    return child;
  } catch (error) {
    return errnoOf(error);
  }
}

/** The target of the thread. It ends when the server has closed the channel and the last child has ended. */
export async function spawnChildren(channel: Socket<UnixFamily>): Promise<void> {
  const running = new Set<Promise<void>>();
  const tell = (kind: number, value: number) => {
    channel.sendAsync(record(kind, value)).catch((error: unknown) => {
      // The server has been closed, and waits for nobody.
      if (!(error instanceof BrokenPipeError)) throw error;
    });
  };
  for (;;) {
    const [parcel, [fd]] = await recvFdsAsync(channel, LONGEST_PARCEL, 1);
    if (parcel.length === 0) break;
    if (fd === undefined) {
      // The kernel drops a descriptor that it has no room for.
      tell(FAILED, EMFILE);
      continue;
    }
    const child = await started(fd, parcel);
    if (typeof child === 'number') {
      tell(FAILED, child);
      continue;
    }
    const pid = child.pid!;
    tell(STARTED, pid);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => {
      running.delete(ended);
      tell(ENDED, pid);
    });
    running.add(ended);
  }
  await Promise.all(running);
}
