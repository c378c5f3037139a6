/** Waits for a server's next request, or for its end. */
import type { AsyncOptions } from '../abort.ts';
import type { Selectable } from '../select/selectable.ts';
import { EVENT_READ } from '../selectors/base-selector.ts';
import { EpollSelector } from '../selectors/epoll-selector.ts';
import { PollSelector } from '../selectors/poll-selector.ts';

/** Waits for descriptors by a selector: poll(2) wants none of its own, epoll(7) remembers them between waits. */
export class ServerWaits {
  readonly #selector: PollSelector | EpollSelector;

  /**
   * @param often whether to wait by epoll(7)
   * @param sources to wait for; undefined ones do not count
   */
  constructor(often: boolean, ...sources: (Selectable | undefined)[]) {
    this.#selector = often ? new EpollSelector() : new PollSelector();
    try {
      for (const source of sources) if (source !== undefined) this.#selector.register(source, EVENT_READ);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Waits until some are readable.
   *
   * @param timeout in seconds; null for no limit
   * @returns those that are
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
   */
  wait(timeout: number | null): Set<unknown> {
    return new Set(this.#selector.select(timeout).map(([{ fileobj }]) => fileobj));
  }

  /** {@link wait} on the event loop. */
  async waitAsync(timeout: number | null, options: AsyncOptions): Promise<Set<unknown>> {
    return new Set((await this.#selector.selectAsync(timeout, options)).map(([{ fileobj }]) => fileobj));
  }

  close(): void {
    this.#selector.close();
  }
}
