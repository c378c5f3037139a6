/** One run of a server's loop: what it waits with, and how it ends. */
import { EINTR } from '../constants.generated.ts';
import { osError } from '../errors.ts';
import { unwatchSignals, watchSignals } from '../signal-watch.ts';
import { type HasFileno, ServerWaits } from './server-waits.ts';
import type { ShutdownHandle, WakeUp } from './wake-up.ts';

export class ServerRun {
  /** Resolves when the run is over, however it ended. */
  readonly over: Promise<void>;
  readonly #finished: () => void;
  readonly #wakeUp: WakeUp;
  readonly #requests: ServerWaits;
  readonly #pauses: ServerWaits;
  readonly #ended = new AbortController();
  #failure: { error: unknown } | undefined;

  readonly #signals: number | undefined;

  /** @param asynchronous whether signals reach their listeners meanwhile */
  constructor(server: HasFileno, wakeUp: WakeUp, asynchronous: boolean) {
    this.#wakeUp = wakeUp;
    this.#signals = asynchronous ? undefined : watchSignals();
    const signals = this.#signals ?? -1;
    this.#requests = new ServerWaits(wakeUp, server, { fileno: () => signals });
    this.#pauses = new ServerWaits(wakeUp);
    let finished!: () => void;
    this.over = new Promise((resolve) => {
      finished = resolve;
    });
    this.#finished = finished;
  }

  /** Whether the loop has been told to end, from this thread or from another one. */
  get ending(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Tells the loop to end, which stops waiting at once. */
  end(): void {
    this.#ended.abort();
  }

  /** Tells the loop to end with an error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  /** What another thread ends the loop with. */
  handle(): ShutdownHandle {
    return this.#wakeUp.handle();
  }

  /** Throws what the loop is to end with, if anything. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #seen([woken, ready = false, signalled]: boolean[]): boolean {
    if (woken) this.end();
    else if (signalled) throw osError(EINTR, 'poll');
    return ready;
  }

  /**
   * Waits so many seconds for a request. Returns whether there is one.
   *
   * @throws {InterruptedError} a signal that the program listens to has arrived, be it before the wait
   */
  wait(timeout: number | null): boolean {
    return this.#seen(this.#requests.wait(timeout));
  }

  /** {@link wait} on the event loop. */
  async waitAsync(timeout: number | null): Promise<boolean> {
    return this.#seen(await this.#requests.waitAsync(timeout, this.#ended.signal));
  }

  /** Waits so many seconds for nothing but the end. */
  pause(timeout: number): void {
    this.#seen(this.#pauses.wait(timeout));
  }

  /** {@link pause} on the event loop. */
  async pauseAsync(timeout: number): Promise<void> {
    this.#seen(await this.#pauses.waitAsync(timeout, this.#ended.signal));
  }

  /** The loop is over. */
  close(): void {
    this.#requests.close();
    this.#pauses.close();
    this.#wakeUp.close();
    if (this.#signals !== undefined) unwatchSignals();
    this.#finished();
  }
}
