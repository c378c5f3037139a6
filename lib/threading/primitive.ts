/** What locks, events and semaphores have in common: a few cells of shared memory, and those who wait for one. */
import { inspect } from 'node:util';
import type { AsyncOptions } from '../abort.ts';
import { native } from '../native.ts';
import { outOfRange, wrongKind } from '../validate.ts';
import { wait, waitAsync } from './parking.ts';

const KIND = 0;
/** The cell that is waited for. */
export const VALUE = 1;
const WAITERS = 2;
/** The cell of a bounded semaphore. */
export const LIMIT = 3;
const CELLS = 4;

/** Which kind of object the cells are. */
export type Kind = 'Lock' | 'Event' | 'Semaphore' | 'BoundedSemaphore';
const kinds: readonly Kind[] = ['Lock', 'Event', 'Semaphore', 'BoundedSemaphore'];

/** The base of {@link Lock}, {@link Event} and {@link Semaphore}. */
export abstract class Primitive {
  /**
   * The shared memory that is this object, for `postMessage` and `workerData`: in the other thread the constructor
   * makes an object of it that is the same lock, event or semaphore.
   */
  readonly buffer: SharedArrayBuffer;
  /** @internal */
  readonly kind: Kind;
  /** @internal */
  protected readonly cells: Int32Array;

  /** @internal */
  protected constructor(kind: Kind, buffer: unknown, value: number) {
    if (buffer !== undefined && !(buffer instanceof SharedArrayBuffer))
      throw wrongKind(kind, 'buffer', `the buffer of a ${kind}`, buffer);
    this.kind = kind;
    this.buffer = buffer ?? new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);
    if (this.buffer.byteLength < CELLS * Int32Array.BYTES_PER_ELEMENT)
      throw outOfRange(kind, 'buffer', `the buffer of a ${kind}`, buffer);
    this.cells = new Int32Array(this.buffer, 0, CELLS);
    const number = kinds.indexOf(kind) + 1;
    if (buffer === undefined) this.cells.set([number, value, 0, value]);
    else if (this.cells[KIND] !== number) throw outOfRange(kind, 'buffer', `the buffer of a ${kind}`, buffer);
  }

  /** `<Lock locked>`, `<Event set>`, `<Semaphore value=2>` */
  toString(): string {
    return `<${this.kind} ${this.describe()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  protected abstract describe(): string;

  /** @internal */
  protected abstract take(before?: number): number | undefined;

  /** @internal */
  protected waitFor(caller: string, timeout: number | null): boolean {
    if (this.take() === undefined) return true;
    if (timeout === 0) return false;
    Atomics.add(this.cells, WAITERS, 1);
    try {
      return wait(caller, this.#wanted(), timeout);
    } finally {
      Atomics.sub(this.cells, WAITERS, 1);
    }
  }

  /** @internal */
  protected async waitForAsync(
    caller: string,
    timeout: number | null,
    options: AsyncOptions | undefined,
  ): Promise<boolean> {
    Atomics.add(this.cells, WAITERS, 1);
    try {
      return await waitAsync(caller, this.#wanted(), timeout, options);
    } finally {
      Atomics.sub(this.cells, WAITERS, 1);
    }
  }

  /** Wakes so many of those who wait. @internal */
  protected wake(count: number): void {
    // Nobody counts himself after he has looked at the value.
    if (Atomics.load(this.cells, WAITERS) > 0) native.unpark(this.cells, VALUE, count);
  }

  #wanted() {
    return {
      cells: this.cells,
      index: VALUE,
      take: (before?: number) => this.take(before),
    };
  }
}
