/**
 * Descriptors that have arrived with the messages of a batch and that nobody has asked for yet. They are closed when
 * their message is overwritten, when the batch becomes unreachable, and with the environment.
 */

import { native } from '../native.ts';
import { type Ancillary, hasDescriptors, intsOf } from './ancillary.ts';

export class HeldDescriptors {
  readonly #byMessage = new Map<number, number[]>();

  /** Takes note of the descriptors that came with a message: by native.owned, so that the environment closes them. */
  hold(index: number, ancdata: readonly Ancillary[]): void {
    const fds = ancdata.flatMap(([level, type, data]) => (hasDescriptors(level, type) ? intsOf(data) : []));
    if (fds.length === 0) return;
    this.#byMessage.set(index, fds);
  }

  /** The descriptors of a message belong to the caller from now on. */
  handOut(index: number): void {
    for (const fd of this.#byMessage.get(index) ?? []) native.own(fd, false);
    this.#byMessage.delete(index);
  }

  /** Closes the descriptors of a message. */
  close(index: number): void {
    for (const fd of this.#byMessage.get(index) ?? []) native.close(fd);
    this.#byMessage.delete(index);
  }

  closeAll(): void {
    for (const index of [...this.#byMessage.keys()]) this.close(index);
  }
}
