/** A selector over poll(2). */
import type { AsyncOptions } from '../abort.ts';
import { Poll } from '../select/poll.ts';
import type { Ready } from './base-selector.ts';
import { waitingTime } from './keyed-selector.ts';
import { PolledSelector } from './polled-selector.ts';

const milliseconds = (timeout: number | null) => {
  const time = waitingTime(timeout);
  return typeof time === 'number' ? time * 1000 : time;
};

/** Python: `selectors.PollSelector`. A call costs as much as there are file objects. */
export class PollSelector extends PolledSelector {
  protected override readonly poller = new Poll();

  override select(timeout: number | null = null): Ready {
    this.checkOpen();
    return this.ready(this.poller.poll(milliseconds(timeout)));
  }

  /**
   * {@link PollSelector.select} on the event loop. One at a time, and what is registered meanwhile counts from the next
   * one on.
   *
   * @throws {Error} another one is pending (Python: RuntimeError)
   */
  override async selectAsync(timeout: number | null = null, options?: AsyncOptions): Promise<Ready> {
    this.checkOpen();
    return this.ready(await this.poller.pollAsync(milliseconds(timeout), options));
  }

  override close(): void {
    this.poller.cancel();
    super.close();
  }
}
