/** What all selectors can do. */
import type { AsyncOptions } from '../abort.ts';
import { notRegistered } from '../select/registration-errors.ts';
import type { Selectable } from '../select/selectable.ts';
import { invalidState } from '../validate.ts';
import type { SelectorKey } from './selector-key.ts';
import type { SelectorMap } from './selector-map.ts';

/** A file object is ready for reading. */
export const EVENT_READ = 1;
/** A file object is ready for writing. */
export const EVENT_WRITE = 2;

/** What `select` returns: keys, each with the events that it is ready for. */
export type Ready = [key: SelectorKey, events: number][];

/** The error of every call on a closed selector: Python's RuntimeError. */
export const selectorClosed = () => invalidState('Selector is closed');

/** The base of all selectors, also of those that programs write. Python: `selectors.BaseSelector`. */
export abstract class BaseSelector {
  /**
   * Registers a file object.
   *
   * @param fileobj a descriptor or an object with one
   * @param events EVENT_READ, EVENT_WRITE or both
   * @param data anything, which comes back with the key; null if left out
   * @throws {TypeError} an object without a descriptor
   * @throws {RangeError} other events; a closed file object; it is registered already (Python: KeyError)
   * @throws {OSError} the system does not take it
   * @throws {Error} the selector is closed (Python: RuntimeError)
   */
  abstract register<F extends Selectable, D = null>(fileobj: F, events: number, data?: D): SelectorKey<F, D>;

  /**
   * Removes a file object, which may have been closed.
   *
   * @returns the key that it was registered with
   * @throws {RangeError} it is not registered (Python: KeyError)
   */
  abstract unregister<F extends Selectable>(fileobj: F): SelectorKey<F>;

  /**
   * Waits until some of the file objects are ready.
   *
   * @param timeout in seconds; 0 or less asks without waiting, null waits without limit
   * @returns `[[key, events], ...]`; empty when the time is over
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
   */
  abstract select(timeout?: number | null): Ready;

  /** {@link BaseSelector.select} on the event loop. `close` rejects it with `OSError` ECANCELED. */
  abstract selectAsync(timeout?: number | null, options?: AsyncOptions): Promise<Ready>;

  /** What is registered; null once the selector is closed. */
  abstract getMap(): SelectorMap | null;

  /**
   * Changes the events and the data of a registered file object.
   *
   * @returns the new key
   * @throws what `unregister` and `register` throw
   */
  modify<F extends Selectable, D = null>(fileobj: F, events: number, data: D = null as D): SelectorKey<F, D> {
    this.unregister(fileobj);
    return this.register(fileobj, events, data);
  }

  /**
   * The key of a registered file object.
   *
   * @throws {RangeError} it is not registered (Python: KeyError)
   * @throws {Error} the selector is closed (Python: RuntimeError)
   */
  getKey<F extends Selectable>(fileobj: F): SelectorKey<F> {
    const map = this.getMap();
    if (map === null) throw selectorClosed();
    const key = map.get(fileobj);
    if (key === undefined) throw notRegistered('getKey', fileobj);
    return key;
  }

  /** Forgets all that is registered. Closing twice is no error. The file objects stay open. */
  close(): void {}

  [Symbol.dispose](): void {
    this.close();
  }
}
