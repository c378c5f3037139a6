/** Python's built-in `input()`: a line from the terminal, a pipe or a file, without the event loop. */
import { readSync } from 'node:fs';
import { EINTR, InterruptedError, POLLIN } from 'bsd-socket';
import { poll } from 'bsd-socket/binding';

/** There is no line any more. */
export class EOFError extends Error {
  override name = 'EOFError';
}

const NEWLINE = 0x0a;
/** A struct pollfd: descriptor 0 in two halves, the events wanted, those that came. */
const stdin = Int16Array.of(0, 0, POLLIN, 0);
const chunk = Buffer.alloc(4096);
/** What has been read and not yet been asked for. */
let rest = Buffer.alloc(0);

/**
 * Prints a prompt and waits for a line, which is returned without its newline.
 *
 * @throws {EOFError} at the end of the input
 * @throws {InterruptedError} by a signal that the program listens to
 */
export function input(prompt = ''): string {
  process.stdout.write(prompt);
  let end = rest.indexOf(NEWLINE);
  while (end < 0) {
    const data = read();
    if (data.length === 0) break;
    rest = Buffer.concat([rest, data]);
    end = rest.indexOf(NEWLINE);
  }
  if (rest.length === 0) throw new EOFError('EOF when reading a line');
  // The last line may have no newline.
  if (end < 0) end = rest.length;
  const line = rest.subarray(0, end);
  rest = rest.subarray(end + 1);
  return line.toString();
}

/** Some bytes, as many as there are; none at the end of the input. */
function read(): Buffer {
  while (true) {
    // read(2) alone would do where the descriptor blocks, but then no signal's listener would ever run.
    if (poll(stdin, -1) === -EINTR) throw new InterruptedError('input() was interrupted by a signal');
    try {
      return chunk.subarray(0, readSync(0, chunk));
    } catch (error) {
      // Whoever shares a non-blocking descriptor with us was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
