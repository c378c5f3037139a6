/** The requests of a server that are being handled on the event loop. */
import { OSError } from '../errors.ts';

/** A request on its way through the hooks. */
export interface RunningRequest<Request> {
  readonly request: Request;
  /** `closeRequests` has closed it. */
  closed: boolean;
}

export class RunningRequests<Request> {
  readonly #running = new Map<RunningRequest<Request>, Promise<void>>();

  get size(): number {
    return this.#running.size;
  }

  /** Follows a request until it is done. What is returned rejects as `done` does, unless `failed` takes the error. */
  add(
    running: RunningRequest<Request>,
    done: Promise<void>,
    failed: (error: unknown) => boolean,
  ): Promise<void> {
    const followed = done
      .catch((error: unknown) => {
        if (!failed(error)) throw error;
      })
      .finally(() => this.#running.delete(running));
    this.#running.set(running, followed);
    return followed;
  }

  /** Calls `close` with the request of each. */
  close(close: (request: Request) => void): void {
    for (const running of this.#running.keys()) {
      running.closed = true;
      close(running.request);
    }
  }

  /** Resolves when none is left, rejects with the error of one that nobody has taken. */
  async done(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }
}

/** Whether a handler fails because its request has been closed under it. */
export function isCancelled(running: RunningRequest<unknown>, error: unknown): boolean {
  return running.closed && error instanceof OSError && (error.code === 'ECANCELED' || error.code === 'EBADF');
}
