/** Datagrams that wait to be sent, in order. */
import type { AddressInput } from '../family.ts';

/** A datagram and where it goes; null for the connected peer. */
export type Outgoing = readonly [data: Buffer, address: AddressInput | null];

// As in asyncio: many small datagrams are not for free.
const HEADER = 8;
const MOST_GONE = 1024;

export class DatagramQueue {
  /** How many bytes there are, with some more for each datagram. */
  size = 0;
  #items: Outgoing[] = [];
  #first = 0;

  push(item: Outgoing): void {
    this.#items.push(item);
    this.size += item[0].length + HEADER;
  }

  /** The next one; undefined where there is none. */
  get head(): Outgoing | undefined {
    return this.#items[this.#first];
  }

  /** Takes the next one out. */
  shift(): void {
    const head = this.head;
    if (head === undefined) return;
    this.size -= head[0].length + HEADER;
    if (++this.#first < MOST_GONE && this.#first < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }

  clear(): void {
    this.size = 0;
    this.#items = [];
    this.#first = 0;
  }
}
