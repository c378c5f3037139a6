/** Structs pollfd, one behind the other: int fd, short events, short revents. */

// Of one struct, in 32-bit and in 16-bit cells.
const CELLS = 2;
const SHORTS = 4;
const EVENTS = 2;
const REVENTS = 3;

export class PollList {
  /** For poll(2). */
  readonly pollfds: Int32Array;
  readonly #shorts: Int16Array;

  /** @param wanted descriptors, each with the events to wait for */
  constructor(wanted: ReadonlyMap<number, number>) {
    this.pollfds = new Int32Array(CELLS * wanted.size);
    this.#shorts = new Int16Array(this.pollfds.buffer);
    let row = 0;
    for (const [fd, events] of wanted) {
      this.pollfds[CELLS * row] = fd;
      this.#shorts[SHORTS * row + EVENTS] = events;
      row++;
    }
  }

  /** How many there are. */
  get rows(): number {
    return this.pollfds.length / CELLS;
  }

  fd(row: number): number {
    return this.pollfds[CELLS * row]!;
  }

  /** The events waited for. */
  events(row: number): number {
    return this.#shorts[SHORTS * row + EVENTS]! & 0xffff;
  }

  /** The events that poll(2) has told of last. */
  found(row: number): number {
    return this.#shorts[SHORTS * row + REVENTS]! & 0xffff;
  }

  /** Adds events of one descriptor to what poll(2) has told. */
  tell(fd: number, events: number): void {
    for (let row = 0; row < this.rows; row++) {
      if (this.fd(row) === fd) this.#shorts[SHORTS * row + REVENTS]! |= events;
    }
  }

  /** Has poll(2) pass over those that it has told of, as it does with negative descriptors; or no longer. */
  mute(on: boolean): void {
    for (let row = 0; row < this.rows; row++) {
      const fd = this.fd(row);
      if (on ? this.found(row) !== 0 : fd < 0) this.pollfds[CELLS * row] = ~fd;
    }
  }
}
