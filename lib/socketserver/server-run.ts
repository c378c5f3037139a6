/** One run of a server's loop: what it waits with, and how it ends. */
import { EINTR } from '../constants.generated.ts';
import { osError } from '../errors.ts';
import type { SharedSocket } from '../node/sharing.ts';
import { openWatchSet } from '../select/watch-set.ts';
import { takeSignal } from '../signal-watch.ts';
import { heldBack, shortened } from './elsewhere.ts';
import { kElsewhere, type ServerHooks } from './server-hooks.ts';
import { ServerWaits } from './server-waits.ts';
import type { ShutdownHandle, WakeUp } from './wake-up.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever its requests are.
type Served = ServerHooks<any, any, any>;

export class ServerRun {
  /** Resolves when the run is over, however it ended. */
  readonly over: Promise<void>;
  readonly #finished: () => void;
  readonly #wakeUp: WakeUp;
  readonly #server: Served;
  readonly #asynchronous: boolean;
  readonly #requests: ServerWaits;
  readonly #pauses: ServerWaits;
  readonly #ended = new AbortController();
  #failure: { error: unknown } | undefined;

  /** @param asynchronous whether signals reach their listeners meanwhile */
  constructor(server: Served, wakeUp: WakeUp, asynchronous: boolean) {
    this.#server = server;
    this.#asynchronous = asynchronous;
    this.#wakeUp = wakeUp;
    // For there may be no descriptors left by the time that it has to wait.
    if (asynchronous) openWatchSet();
    this.#requests = new ServerWaits(asynchronous, wakeUp, server);
    this.#pauses = new ServerWaits(false, wakeUp);
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

  /** What requests that are handled elsewhere end the loop with. */
  bell(): SharedSocket {
    return this.#wakeUp.bell();
  }

  /** Throws what the loop is to end with, if anything. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #seen(ready: Set<unknown>): boolean {
    if (ready.has(this.#wakeUp)) this.end();
    // A busy server, which always finds something ready, is not interrupted otherwise.
    else if (!this.#asynchronous && takeSignal()) throw osError(EINTR, 'poll');
    return ready.has(this.#server);
  }

  /**
   * Waits so many seconds for a request. Returns whether there is one.
   *
   * @throws {InterruptedError} a signal that the program listens to has arrived, be it before the wait
   */
  wait(timeout: number | null): boolean {
    const held = this.#heldBack();
    if (held === undefined) return this.#seen(this.#requests.wait(timeout));
    try {
      return this.#seen(held.wait(shortened(timeout)));
    } finally {
      held.close();
    }
  }

  /** {@link wait} on the event loop. */
  async waitAsync(timeout: number | null): Promise<boolean> {
    const held = this.#heldBack();
    if (held === undefined) return this.#waitAsync(this.#requests, timeout);
    try {
      return await this.#waitAsync(held, shortened(timeout));
    } finally {
      held.close();
    }
  }

  #heldBack(): ServerWaits | undefined {
    return heldBack(this.#server[kElsewhere], this.#wakeUp);
  }

  async #waitAsync(waits: ServerWaits, timeout: number | null): Promise<boolean> {
    const { signal } = this.#ended;
    try {
      return this.#seen(await waits.waitAsync(timeout, { signal }));
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  /** Waits so many seconds for nothing but the end. */
  pause(timeout: number): void {
    this.#seen(this.#pauses.wait(timeout));
  }

  /** {@link pause} on the event loop. */
  async pauseAsync(timeout: number): Promise<void> {
    await this.#waitAsync(this.#pauses, timeout);
  }

  /** The loop is over. */
  close(): void {
    this.#requests.close();
    this.#pauses.close();
    this.#wakeUp.close();
    this.#finished();
  }
}
