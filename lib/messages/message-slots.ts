/** Many messages in the form in which native code takes them: see `recvmmsg` in lib/native.ts. */
import { type Domain, storedAt } from '../address/address.ts';
import { AF_UNSPEC } from '../constants.generated.ts';
import type { Address } from '../family.ts';
import { native } from '../native.ts';

// The columns of the table, as in binding/batches.cpp.
const OFFSET = 0;
const LENGTH = 1;
const FLAGS = 2;
const CONTROL = 3;
const SEND_CONTROL = 4;
const RESULT = 5;
const COLUMNS = 6;

const WORDS_OF_NAME = native.STORAGE_SIZE / 4;

/** Nothing in here is checked: an index is one that exists, and bytes fit where they go. */
export class MessageSlots {
  /** The most messages. */
  readonly capacity: number;
  readonly data: Uint8Array;
  readonly table: Int32Array;
  readonly names: Uint32Array;
  /** Bytes for the control data of each message. */
  readonly controlSize: number;
  readonly control: Buffer;
  /** The socket that the messages came from, on which the form of their addresses depends. */
  domain: Domain = { fd: -1, family: AF_UNSPEC, proto: 0 };
  readonly #nameBytes: Uint8Array;

  constructor(capacity: number, data: Uint8Array, controlSize: number) {
    this.capacity = capacity;
    this.data = data;
    this.table = new Int32Array(capacity * COLUMNS);
    this.names = new Uint32Array(capacity * WORDS_OF_NAME);
    this.controlSize = controlSize;
    this.control = Buffer.alloc(capacity * controlSize);
    this.#nameBytes = new Uint8Array(this.names.buffer);
  }

  /** Where the data of a message begins. */
  place(index: number, offset: number): void {
    this.table[index * COLUMNS + OFFSET] = offset;
  }

  /** Writes down a message to be sent, whose bytes are in their place. */
  put(index: number, length: number, control: Uint8Array | null): void {
    const row = index * COLUMNS;
    this.table[row + LENGTH] = length;
    this.table[row + FLAGS] = 0;
    this.table[row + CONTROL] = 0;
    this.table[row + SEND_CONTROL] = control === null ? 0 : control.length;
    this.table[row + RESULT] = 0;
    if (control !== null) this.control.set(control, index * this.controlSize);
  }

  /** Writes down where a message goes: the bytes of a sockaddr, null for none. */
  direct(index: number, sockaddr: Uint8Array | null): void {
    const start = index * WORDS_OF_NAME;
    this.names[start] = sockaddr === null ? 0 : sockaddr.length;
    if (sockaddr !== null) this.#nameBytes.set(sockaddr, (start + 1) * 4);
  }

  /** Bytes of data. */
  byteLength(index: number): number {
    return this.table[index * COLUMNS + LENGTH]!;
  }

  /** The kernel's count of a message's bytes: that were sent, or that there were to receive. */
  result(index: number): number {
    return this.table[index * COLUMNS + RESULT]!;
  }

  setResult(index: number, count: number): void {
    this.table[index * COLUMNS + RESULT] = count;
  }

  /** The flags with which it was received. */
  flags(index: number): number {
    return this.table[index * COLUMNS + FLAGS]!;
  }

  /** The address that it came from or is to go to; null where there is none. */
  address(index: number): Address | null {
    return storedAt(this.domain, this.names, index * WORDS_OF_NAME);
  }

  /** The control data that was received with it. */
  controlOf(index: number): Buffer {
    const start = index * this.controlSize;
    return this.control.subarray(start, start + this.controlLength(index));
  }

  controlLength(index: number): number {
    return this.table[index * COLUMNS + CONTROL]!;
  }

  /** Forgets the control data that was received, with all messages. */
  dropControl(): void {
    for (let row = 0; row < this.table.length; row += COLUMNS) this.table[row + CONTROL] = 0;
  }
}
