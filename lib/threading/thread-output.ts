/**
 * Standard output of a thread. That of a worker goes through the event loop of whoever has started it, which a blocked
 * thread does not turn; here it is written to the descriptor at once, as Python prints.
 */
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Writes all of it, and waits where a pipe is full. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      // No wait that an interrupt() would end: that is meant for the calls of the program.
      Atomics.wait(never, 0, 0, 1);
    }
  }
}

/** Lets this worker's `process.stdout` and `process.stderr`, and so its console, write to the descriptors. */
export function writeAtOnce(): void {
  for (const [stream, fd] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    // The stream stays what node made it: the other side of it asks for more now and then.
    const write: Writable['_write'] = (chunk: string | Uint8Array, encoding, done) => {
      try {
        writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    };
    Object.assign(stream, { _write: write, _writev: undefined });
  }
}
