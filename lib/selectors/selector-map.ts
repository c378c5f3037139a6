/** The registered file objects of a selector. */
import { descriptorOf, type Selectable } from '../select/selectable.ts';
import type { SelectorKey } from './selector-key.ts';

/** Keys by their descriptor. */
export type Keys = ReadonlyMap<number, SelectorKey>;

/**
 * The descriptor of a file object, which may have been closed after it was registered.
 *
 * @throws {TypeError} it has none
 * @throws {RangeError} it is closed, and not registered
 */
export function lookUp(keys: Keys, caller: string, fileobj: unknown): number {
  try {
    return descriptorOf(caller, 'fileobj', fileobj);
  } catch (error) {
    for (const key of keys.values()) if (key.fileobj === fileobj) return key.fd;
    throw error;
  }
}

/**
 * A view of what is registered, which follows all changes: a read-only Map from descriptors to keys, in which file
 * objects can be looked up as well.
 */
export class SelectorMap implements ReadonlyMap<Selectable, SelectorKey> {
  readonly #keys: Keys;

  /** @internal */
  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** How many file objects are registered. */
  get size(): number {
    return this.#keys.size;
  }

  /** The key of a file object or a descriptor; undefined where it is not registered, whatever it is. */
  get(fileobj: Selectable): SelectorKey | undefined {
    try {
      return this.#keys.get(lookUp(this.#keys, 'get', fileobj));
    } catch (error) {
      // It has no descriptor, so that it cannot be registered.
      if (error instanceof TypeError || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Whether a file object or a descriptor is registered. */
  has(fileobj: Selectable): boolean {
    return this.get(fileobj) !== undefined;
  }

  forEach(
    callback: (key: SelectorKey, fd: Selectable, map: ReadonlyMap<Selectable, SelectorKey>) => void,
  ): void {
    for (const [fd, key] of this.#keys) callback(key, fd, this);
  }

  /** The descriptors. */
  keys(): MapIterator<number> {
    return this.#keys.keys();
  }

  values(): MapIterator<SelectorKey> {
    return this.#keys.values();
  }

  entries(): MapIterator<[number, SelectorKey]> {
    return this.#keys.entries();
  }

  [Symbol.iterator](): MapIterator<[number, SelectorKey]> {
    return this.#keys.entries();
  }
}
