/** An epoll set apart from the object that users hold, which must not be reachable from here. */
import { announceClosing } from '../closing.ts';
import { POLLIN } from '../constants.generated.ts';
import { native } from '../native.ts';
import { readEvents } from './epoll-events.ts';
import { cancel, Pending, type PendingCalls, type PendingOptions } from './pending.ts';
import type { Events } from './poll.ts';
import { rest, unwatch, type Watcher, watch } from './watch-set.ts';

/** One that waits for the set on the event loop. */
interface EpollWait {
  maxevents: number;
  /** The object that users hold: nobody closes it as unreachable while the call is pending. */
  owner: object;
}

export class EpollSet implements Watcher {
  /** The descriptor; -1 once it is closed. */
  fd: number;
  readonly #calls: PendingCalls<Events> = new Set();
  readonly #waits = new Map<Pending<Events>, EpollWait>();
  // Whether the watch set tells us of what happens.
  #awake = false;
  #watched = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** What is ready now. */
  take(maxevents: number): Events {
    const events: Events = [];
    readEvents(this.fd, maxevents, (fd, ready) => events.push([fd, ready >>> 0]));
    return events;
  }

  /** Waits on the event loop until something is ready. */
  wait(wait: EpollWait, end: number, signal: AbortSignal | undefined): Promise<Events> {
    return new Promise((resolve, reject) => {
      const options: PendingOptions<Events> = {
        signal,
        end,
        calls: this.#calls,
        expired: () => this.take(wait.maxevents),
        settled: () => this.#waits.delete(pending),
      };
      const pending = new Pending(options, resolve, reject);
      this.#waits.set(pending, wait);
      if (!this.#awake) pending.try(() => this.#wakeUp());
    });
  }

  #wakeUp(): undefined {
    watch(this.fd, POLLIN, this);
    this.#watched = true;
    this.#awake = true;
  }

  /** Deals out what is ready to those who wait, in order of arrival. */
  wake(): void {
    for (const [pending, { maxevents }] of this.#waits) {
      let served = true;
      pending.try(() => {
        const events = this.take(maxevents);
        served = events.length > 0;
        return served ? events : undefined;
      });
      if (!served) return;
    }
    // Nobody waits any more: what goes on happening need not wake us.
    this.#awake = false;
    rest(this.fd, this);
  }

  /** The descriptor is about to be closed: by us, or under another object that has it too. */
  closing(): void {
    if (this.#watched) unwatch(this.fd, this);
    this.#watched = false;
    this.#awake = false;
    cancel(this.#calls, 'epoll_wait');
  }

  /** Closes the set. Pending calls reject with ECANCELED. Returns what close(2) does; 0 where it is closed. */
  close(): number {
    const { fd } = this;
    if (fd < 0) return 0;
    announceClosing(fd);
    this.fd = -1;
    return native.close(fd);
  }
}
