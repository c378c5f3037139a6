/** Ends a server that waits, from any thread: a pair of sockets, of which the loop watches one end. */
import type { AsyncOptions } from '../abort.ts';
import { BrokenPipeError, ConnectionResetError, OSError } from '../errors.ts';
import type { UnixFamily } from '../family.ts';
import { fromshare, socketpair } from '../functions.ts';
import { type SharedSocket, unshare } from '../node/sharing.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { wrongKind } from '../validate.ts';

/**
 * What `server.shutdownHandle()` returns and {@link shutdown} takes: a plain object for `postMessage`, `workerData` and
 * whatever else copies by structured clone, for another thread of this process.
 */
export interface ShutdownHandle {
  readonly wakeUp: SharedSocket<UnixFamily>;
}

/** The pair of one run of a server's loop: whoever holds the other end sees the run end, as the end of the stream. */
export class WakeUp {
  readonly #watched: Socket<UnixFamily>;
  readonly #other: Socket<UnixFamily>;
  readonly #handles: ShutdownHandle[] = [];
  #bell: SharedSocket<UnixFamily> | undefined;

  constructor() {
    [this.#watched, this.#other] = socketpair();
  }

  /** Readable once the loop is to end. */
  fileno(): number {
    return this.#watched.fileno();
  }

  /** A handle for one thread. */
  handle(): ShutdownHandle {
    const handle = { wakeUp: this.#other.share({ expires: null }) };
    this.#handles.push(handle);
    return handle;
  }

  /** For `ring`, which any thread may call at any time; it ends the run. */
  bell(): SharedSocket<UnixFamily> {
    this.#bell ??= this.#other.share({ expires: null });
    return this.#bell;
  }

  /** The run is over. */
  close(): void {
    this.#watched.close();
    this.#other.close();
    for (const { wakeUp } of this.#handles) unshare(wakeUp);
    if (this.#bell !== undefined) unshare(this.#bell);
  }
}

/** Takes the handle's end of the pair; undefined where the run is over, or the handle has been used. */
function claim(handle: unknown): Socket<UnixFamily> | undefined {
  if (typeof handle !== 'object' || handle === null || !('wakeUp' in handle))
    throw wrongKind('shutdown', 'handle', 'what shutdownHandle() has returned', handle);
  try {
    return fromshare((handle as ShutdownHandle).wakeUp);
  } catch (error) {
    if (error instanceof OSError && error.code === 'ESTALE') return undefined;
    throw error;
  }
}

/** Asks the loop to end. Returns whether it is still there. */
function ask(end: Socket<UnixFamily>): boolean {
  try {
    end.settimeout(null);
    end.send('!');
    return true;
  } catch (error) {
    if (error instanceof BrokenPipeError) return false;
    throw error;
  }
}

/** What was asked for goes unread, so that the kernel may call the end a reset. */
function ended(error: unknown): void {
  if (!(error instanceof ConnectionResetError)) throw error;
}

/**
 * Ends the `serveForever` or `serveForeverAsync` of a server in another thread, and waits until it has ended; where it
 * has not begun yet, until it has begun and ended. Python: `shutdown`.
 *
 * @param handle what `server.shutdownHandle()` has returned there. It is good for one call: another returns at once, as
 * does the first where the loop has ended by itself
 * @throws {InterruptedError} a signal arrived that the program listens to (main thread); the server ends all the same
 */
export function shutdown(handle: ShutdownHandle): void {
  const end = claim(handle);
  if (end === undefined) return;
  try {
    if (ask(end)) end.recv(1);
  } catch (error) {
    ended(error);
  } finally {
    end.close();
  }
}

/** {@link shutdown} on the event loop. Aborting it does not take the request back. */
export async function shutdownAsync(handle: ShutdownHandle, options?: AsyncOptions): Promise<void> {
  const end = claim(handle);
  if (end === undefined) return;
  try {
    if (ask(end)) await end.recvAsync(1, 0, options);
  } catch (error) {
    ended(error);
  } finally {
    end.close();
  }
}
