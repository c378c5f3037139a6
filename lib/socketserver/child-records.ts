/** What the thread that starts children tells the server, as records of a socket pair that keeps them apart. */

/** A child has been started: its process id. */
export const STARTED = 0;
/** One could not be started: the errno. */
export const FAILED = 1;
/** One has ended: its process id. */
export const ENDED = 2;

const INT = 4;
/** Bytes of a record. */
export const RECORD = 2 * INT;

/** Bytes of the longest message in the other direction: somewhat more than the longest datagram. */
export const LONGEST_PARCEL = 1 << 18;

export function record(kind: number, value: number): Buffer {
  const bytes = Buffer.alloc(RECORD);
  bytes.writeInt32LE(kind, 0);
  bytes.writeInt32LE(value, INT);
  return bytes;
}

export function fieldsOf(bytes: Buffer): [kind: number, value: number] {
  return [bytes.readInt32LE(0), bytes.readInt32LE(INT)];
}
