/** A file whose contents are to be sent: where it is, and how far it has been read. */
import { builtins } from '../builtins.ts';
import { ESPIPE } from '../constants.generated.ts';
import { checked, osError } from '../errors.ts';
import { native } from '../native.ts';
import { descriptor, wrongKind } from '../validate.ts';

/** A file as `sendfile` takes it: a path, a descriptor, or a `FileHandle` of `node:fs/promises`. */
export type FileSource = string | Buffer | URL | number | { readonly fd: number };

const SEEK_SET = 0;
const SEEK_CUR = 1;

function open(path: string | Buffer | URL): number {
  try {
    const { constants, openSync } = builtins.fs;
    // A FIFO must not wait here for somebody to write to it.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    // What is no path at all has not reached the system.
    if (errno === undefined || syscall === undefined) throw error;
    throw osError(-errno, syscall, path instanceof URL ? path.href : path);
  }
}

export class Source {
  readonly #file: number | { readonly fd: number };
  // Ours to close.
  readonly #own: boolean;
  /** Where to begin; undefined where the file has no positions, as a pipe. */
  readonly #from: number | undefined;

  /**
   * Opens a file, or takes one that is open.
   *
   * @param offset where to begin; null for the position that the file has
   */
  constructor(caller: string, file: unknown, offset: number | null) {
    if (typeof file === 'number') {
      this.#file = descriptor(caller, 'file', file);
      this.#own = false;
    } else if (typeof file === 'string' || Buffer.isBuffer(file) || file instanceof URL) {
      this.#file = open(file);
      this.#own = true;
    } else if (typeof (file as { fd?: unknown } | null)?.fd === 'number') {
      this.#file = file as { readonly fd: number };
      this.#own = false;
    } else {
      throw wrongKind(caller, 'file', 'a path, a descriptor or a FileHandle', file);
    }
    try {
      this.#from = this.#begin(offset);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #begin(offset: number | null): number | undefined {
    // Says whether there are positions at all.
    const position = native.lseek(this.fd, 0, SEEK_CUR);
    if (position === -ESPIPE && !offset) return undefined;
    return offset ?? checked(position, 'lseek');
  }

  /** The descriptor; -1 for a FileHandle that has been closed. */
  get fd(): number {
    return typeof this.#file === 'number' ? this.#file : this.#file.fd;
  }

  /** Where the byte after the first `count` ones is; null where the file has no positions. */
  after(count: number): number | null {
    return this.#from === undefined ? null : this.#from + count;
  }

  /** Moves the file's position behind the first `count` bytes. */
  seek(count: number): void {
    const position = this.after(count);
    if (position !== null) checked(native.lseek(this.fd, position, SEEK_SET), 'lseek');
  }

  /**
   * Ends the use of the file: `count` bytes of it have been sent. A file that somebody else has opened is positioned
   * behind them, as in Python.
   */
  end(count: number): void {
    try {
      // It may have been closed meanwhile, which whoever sends it has been told.
      if (!this.#own && count > 0 && this.fd >= 0) this.seek(count);
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#own) builtins.fs.closeSync(this.fd);
  }
}
