/** What reading from a stream may fail with, beside the connection's own errors. */

/** The stream has ended before a read was complete. Python: `asyncio.IncompleteReadError`. */
export class IncompleteReadError extends Error {
  /** What came before the end. */
  readonly partial: Buffer;
  /** How many bytes were to be read; null where a separator was to end them. */
  readonly expected: number | null;

  constructor(partial: Buffer, expected: number | null) {
    super(`${partial.length} bytes read on a total of ${expected ?? 'undefined'} expected bytes`);
    this.partial = partial;
    this.expected = expected;
  }
}

/** There is no separator within the limit. The data stays in the reader. Python: `asyncio.LimitOverrunError`. */
export class LimitOverrunError extends Error {
  /** How many bytes of the reader's data have no separator: read so many to get on. */
  readonly consumed: number;

  constructor(message: string, consumed: number) {
    super(message);
    this.consumed = consumed;
  }
}

for (const type of [IncompleteReadError, LimitOverrunError])
  Object.defineProperty(type.prototype, 'name', { value: type.name, writable: true, configurable: true });
