/** A selector's keys: what the classes that come with the package have in common. */

import { alreadyRegistered, notRegistered } from '../select/registration-errors.ts';
import type { Selectable } from '../select/selectable.ts';
import { integer } from '../validate.ts';
import { BaseSelector, EVENT_READ, EVENT_WRITE, selectorClosed } from './base-selector.ts';
import { type Any, SelectorKey } from './selector-key.ts';
import { lookUp, SelectorMap } from './selector-map.ts';

const checkedEvents = (caller: string, events: unknown) =>
  integer(caller, 'events', events, EVENT_READ, EVENT_READ | EVENT_WRITE);

/**
 * A timeout as `select` and epoll objects take it, which do not know negative ones or take them for none. What is no
 * number is for them to refuse.
 */
export const waitingTime = (timeout: number | null) =>
  typeof timeout === 'number' && timeout < 0 ? 0 : timeout;

export abstract class KeyedSelector extends BaseSelector {
  /** By descriptor. */
  protected readonly keys = new Map<number, SelectorKey>();
  #map: SelectorMap | null = new SelectorMap(this.keys);

  /** Has a new key waited for. What it throws undoes the registration. */
  protected abstract add(key: SelectorKey): void;
  /** Has the events of a key waited for instead of those of the one before it. */
  protected abstract change(key: SelectorKey, before: SelectorKey): void;
  /** Has a key waited for no longer. Its file object may have been closed. */
  protected abstract remove(key: SelectorKey): void;

  /** Throws where the selector is closed. */
  protected checkOpen(): void {
    if (this.#map === null) throw selectorClosed();
  }

  override register<F extends Selectable, D = null>(
    fileobj: F,
    events: number,
    data: D = null as D,
  ): SelectorKey<F, D> {
    this.checkOpen();
    const wanted = checkedEvents('register', events);
    const key = new SelectorKey(fileobj, lookUp(this.keys, 'register', fileobj), wanted, data);
    if (this.keys.has(key.fd)) throw alreadyRegistered('register', fileobj, key.fd);
    this.add(key);
    this.keys.set(key.fd, key);
    return key;
  }

  override unregister<F extends Selectable>(fileobj: F): SelectorKey<F> {
    const key = this.#find('unregister', fileobj);
    this.keys.delete(key.fd);
    this.remove(key);
    return key;
  }

  /**
   * Changes the events and the data of a registered file object. When the system refuses, it is registered no longer.
   *
   * @returns the new key; the old one where nothing has changed
   */
  override modify<F extends Selectable, D = null>(
    fileobj: F,
    events: number,
    data: D = null as D,
  ): SelectorKey<F, D> {
    this.checkOpen();
    const wanted = checkedEvents('modify', events);
    const before = this.#find('modify', fileobj);
    if (wanted === before.events && data === before.data) return before;
    const key = new SelectorKey(before.fileobj as F, before.fd, wanted, data);
    if (wanted !== before.events) {
      this.keys.delete(key.fd);
      this.change(key, before);
    }
    this.keys.set(key.fd, key);
    return key;
  }

  #find(caller: string, fileobj: unknown): SelectorKey<Any, Any> {
    const key = this.keys.get(lookUp(this.keys, caller, fileobj));
    if (key === undefined) throw notRegistered(caller, fileobj);
    return key;
  }

  override getMap(): SelectorMap | null {
    return this.#map;
  }

  override close(): void {
    this.keys.clear();
    this.#map = null;
  }
}
