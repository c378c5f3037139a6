/** A selector over an object that registers descriptors itself: a poll or an epoll object. */
import { OSError } from '../errors.ts';
import type { Events } from '../select/poll.ts';
import { EVENT_READ, EVENT_WRITE, type Ready } from './base-selector.ts';
import { KeyedSelector } from './keyed-selector.ts';
import type { SelectorKey } from './selector-key.ts';

/** What such an object can do. */
export interface Poller {
  register(fd: number, eventmask: number): void;
  modify(fd: number, eventmask: number): void;
  unregister(fd: number): void;
}

// POLLIN and POLLOUT, which are EPOLLIN and EPOLLOUT as well.
const IN = 1;
const OUT = 4;

const maskOf = ({ events }: SelectorKey) => (events & EVENT_READ ? IN : 0) | (events & EVENT_WRITE ? OUT : 0);

export abstract class PolledSelector extends KeyedSelector {
  protected abstract readonly poller: Poller;

  protected override add(key: SelectorKey): void {
    this.poller.register(key.fd, maskOf(key));
  }

  protected override change(key: SelectorKey): void {
    this.poller.modify(key.fd, maskOf(key));
  }

  protected override remove(key: SelectorKey): void {
    try {
      this.poller.unregister(key.fd);
    } catch (error) {
      // Its descriptor has been closed, and may be another's by now.
      if (!(error instanceof OSError)) throw error;
    }
  }

  /** The keys of the descriptors that are ready. A hang-up or an error is told to whoever waits for anything. */
  protected ready(found: Events): Ready {
    const ready: Ready = [];
    for (const [fd, mask] of found) {
      const key = this.keys.get(fd);
      if (key === undefined) continue;
      const events = (mask & ~IN ? EVENT_WRITE : 0) | (mask & ~OUT ? EVENT_READ : 0);
      ready.push([key, events & key.events]);
    }
    return ready;
  }
}
