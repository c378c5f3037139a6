/** A selector over epoll(7). */
import type { AsyncOptions } from '../abort.ts';
import { epoll } from '../select/epoll.ts';
import type { Ready } from './base-selector.ts';
import { waitingTime } from './keyed-selector.ts';
import { PolledSelector } from './polled-selector.ts';

/**
 * Python: `selectors.EpollSelector`, the default on Linux. A call costs what is ready, however many file objects there
 * are. It does not take files and directories: `PermissionError` EPERM.
 */
export class EpollSelector extends PolledSelector {
  protected override readonly poller = epoll();

  /** The descriptor of the set: a selector can itself be registered. */
  fileno(): number {
    return this.poller.fileno();
  }

  override select(timeout: number | null = null): Ready {
    this.checkOpen();
    return this.ready(this.poller.poll(waitingTime(timeout), this.#most));
  }

  /** {@link EpollSelector.select} on the event loop. What is registered or removed meanwhile counts at once. */
  override async selectAsync(timeout: number | null = null, options?: AsyncOptions): Promise<Ready> {
    this.checkOpen();
    return this.ready(await this.poller.pollAsync(waitingTime(timeout), this.#most, options));
  }

  get #most(): number {
    return Math.max(1, this.keys.size);
  }

  override close(): void {
    this.poller.close();
    super.close();
  }
}
