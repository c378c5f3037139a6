/** `Roster`: who is there, where many come and go. */

/** Knows its place on a roster; -1 for none. */
export interface Listed {
  place: number;
}

/**
 * Its members, in no order. A Set would make its table anew again and again, and each table refers to the one after it:
 * once one of them has become old, V8 keeps all the later ones, with all that have been members, until it looks through all
 * of its heap.
 */
export class Roster<T extends Listed> implements Iterable<T> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** Takes one off, if it is there. */
  remove(member: T): void {
    const { place } = member;
    if (place < 0) return;
    member.place = -1;
    const last = this.#members.pop()!;
    if (last === member) return;
    this.#members[place] = last;
    last.place = place;
  }

  /** Those that are there now, whoever comes and goes meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#members].values();
  }
}
