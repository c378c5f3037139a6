/** The operation that sends a file: sendfile(2), or read(2) and send(2) for what that refuses. */
import { EAGAIN, EINVAL, ENOSYS, ENOTSUP, ESPIPE } from '../constants.generated.ts';
import type { Endpoint } from '../endpoint.ts';
import { checked, osError } from '../errors.ts';
import { native } from '../native.ts';
import { ADVANCED, type Operation, type Outcome, PENDING } from '../operation.ts';
import { WRITABLE } from '../readiness.ts';
import type { Source } from './file-source.ts';

// What one call may be asked for. A peer that takes as fast as we send would have all of the file go out in one call, a tenth
// of a second for 256 MiB, and nothing else would happen on the event loop. More than this is no faster.
const MOST = 2 ** 22;
const CHUNK = 65536;
// The file, or the socket, is of a kind that sendfile(2) does not take.
const REFUSED = new Set([-EINVAL, -ENOSYS, -ENOTSUP, -ESPIPE]);

export class FileSending implements Operation<number> {
  readonly syscall = 'sendfile';
  readonly direction = WRITABLE;
  readonly waitFirst = false;
  readonly neverWaits = false;
  readonly wouldBlock = EAGAIN;
  // A timeout is for each wait, as in Python: nobody can say how long a file takes.
  readonly renewsTimeout = true;
  /** How many bytes have been sent. */
  sent = 0;
  readonly #endpoint: Endpoint;
  readonly #source: Source;
  readonly #count: number;
  // What has been read and not been sent, where sendfile(2) refuses.
  #memory: Buffer | undefined;
  #start = 0;
  #end = 0;

  /** @param count how many bytes to send; Infinity for all until the end of the file */
  constructor(endpoint: Endpoint, source: Source, count: number) {
    this.#endpoint = endpoint;
    this.#source = source;
    this.#count = count;
  }

  attempt(): Outcome<number> {
    const count = this.#transfer();
    if (count === -EAGAIN) return PENDING;
    if (count === 0 || this.sent === this.#count) return this.sent;
    // It may have been the last part. The end of the file needs no room in the socket to be seen.
    return this.#transfer() === 0 || this.sent === this.#count ? this.sent : ADVANCED;
  }

  /** Sends a part. Returns its length, 0 at the end of the file, or EAGAIN; throws any other error. */
  #transfer(): number {
    const count = this.#memory === undefined ? this.#send() : this.#copy(this.#memory);
    if (count < 0 && count !== -EAGAIN) throw osError(-count, 'sendfile');
    if (count > 0) this.sent += count;
    return count;
  }

  #send(): number {
    const source = this.#source;
    const left = Math.min(this.#count - this.sent, MOST);
    // The program's own code tells it, and may close the socket: before the socket is looked at.
    const file = source.fd;
    const { fd, nonblocking } = this.#endpoint;
    const count = native.sendfile(fd, file, source.after(this.sent), left, nonblocking);
    if (this.sent > 0 || !REFUSED.has(count)) return count;
    source.seek(0);
    this.#memory = Buffer.allocUnsafeSlow(CHUNK);
    return this.#copy(this.#memory);
  }

  #copy(memory: Buffer): number {
    if (this.#start === this.#end) {
      const left = Math.min(this.#count - this.sent, CHUNK);
      const read = native.read(this.#source.fd, memory, 0, left);
      // A pipe that has nothing yet: the driver comes back, ever more slowly.
      if (read === 0 || read === -EAGAIN) return read;
      this.#end = checked(read, 'read');
      this.#start = 0;
    }
    const count = native.send(this.#endpoint.fd, memory, 0, this.#start, this.#end - this.#start);
    if (count > 0) this.#start += count;
    return count;
  }
}
