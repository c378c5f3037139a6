/** A selector over `select`. */
import type { AsyncOptions } from '../abort.ts';
import { cancel, type PendingCalls } from '../select/pending.ts';
import { type Selected, select, selectAmong } from '../select/selecting.ts';
import { EVENT_READ, EVENT_WRITE, type Ready } from './base-selector.ts';
import { KeyedSelector, waitingTime } from './keyed-selector.ts';
import type { SelectorKey } from './selector-key.ts';

type SelectedFds = Selected<number, number, number>;

/** Python: `selectors.SelectSelector`. A call costs as much as there are file objects. */
export class SelectSelector extends KeyedSelector {
  readonly #readers = new Set<number>();
  readonly #writers = new Set<number>();
  readonly #calls: PendingCalls<SelectedFds> = new Set();

  protected override add({ fd, events }: SelectorKey): void {
    if (events & EVENT_READ) this.#readers.add(fd);
    if (events & EVENT_WRITE) this.#writers.add(fd);
  }

  protected override change(key: SelectorKey, before: SelectorKey): void {
    this.remove(before);
    this.add(key);
  }

  protected override remove({ fd }: SelectorKey): void {
    this.#readers.delete(fd);
    this.#writers.delete(fd);
  }

  /** Waits until some of the file objects are ready. Throws `OSError` EBADF where one of them has been closed. */
  override select(timeout: number | null = null): Ready {
    this.checkOpen();
    return this.#ready(select(this.#readers, this.#writers, [], waitingTime(timeout)));
  }

  /** {@link SelectSelector.select} on the event loop. What is registered meanwhile counts from the next call on. */
  override async selectAsync(timeout: number | null = null, options?: AsyncOptions): Promise<Ready> {
    this.checkOpen();
    const lists = [this.#readers, this.#writers, []] as const;
    return this.#ready(await selectAmong(this.#calls, lists, waitingTime(timeout), options));
  }

  #ready([readable, writable]: SelectedFds): Ready {
    const found = new Map<number, number>();
    for (const fd of readable) found.set(fd, EVENT_READ);
    for (const fd of writable) found.set(fd, (found.get(fd) ?? 0) | EVENT_WRITE);
    const ready: Ready = [];
    for (const [fd, events] of found) {
      const key = this.keys.get(fd);
      if (key !== undefined) ready.push([key, events & key.events]);
    }
    return ready;
  }

  override close(): void {
    cancel(this.#calls, 'select');
    super.close();
  }
}
