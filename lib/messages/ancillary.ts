/**
 * Ancillary data as the kernel lays it out: struct cmsghdr with its data, one after the other, packed from
 * `[level, type, data]` and unpacked to it. cmsg(3) has the terms; control-decoders.ts knows what the data means.
 */

import { type Bytes, bytesOf, lengthOf, readable } from '../buffers.ts';
import { SCM_PIDFD, SCM_RIGHTS, SOL_SOCKET } from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { native } from '../native.ts';
import { LITTLE_ENDIAN } from '../options/struct.ts';
import { int, integer, items, wrongKind } from '../validate.ts';

/** One piece of ancillary data to send. */
export type AncillaryInput = readonly [level: number, type: number, data: Bytes];
/** One piece of received ancillary data. */
export type Ancillary = [level: number, type: number, data: Buffer];

const { CMSG_HEADER_SIZE: HEADER, CMSG_ALIGNMENT: ALIGNMENT, CMSG_LENGTH_SIZE } = native;
const INT_MAX = 0x7fffffff;
const INT_SIZE = 4;

const aligned = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/**
 * The length of a control message with its header, without the padding behind it: CMSG_LEN(3). A buffer of this
 * size takes one message of `length` bytes, and nothing more fits.
 *
 * @throws {RangeError} a length that is negative or does not fit
 */
export function CMSG_LEN(length: number): number {
  return HEADER + integer('CMSG_LEN', 'length', length, 0, INT_MAX - HEADER);
}

/**
 * The room that a control message takes with its header and the padding behind it: CMSG_SPACE(3). The sum of these is
 * the `ancbufsize` for several messages.
 *
 * @throws {RangeError} a length that is negative or does not fit
 */
export function CMSG_SPACE(length: number): number {
  return HEADER + aligned(integer('CMSG_SPACE', 'length', length, 0, INT_MAX - HEADER - ALIGNMENT));
}

const viewOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView) =>
  new DataView(buffer, byteOffset, byteLength);

/** The first field of the header, a size_t; nothing longer than a number of ours can be in a buffer. */
function readLength(view: DataView, offset: number): number {
  if (CMSG_LENGTH_SIZE === 4) return view.getUint32(offset, LITTLE_ENDIAN);
  return Number(view.getBigUint64(offset, LITTLE_ENDIAN));
}

function writeHeader(view: DataView, offset: number, length: number, level: number, type: number): void {
  if (CMSG_LENGTH_SIZE === 4) view.setUint32(offset, length, LITTLE_ENDIAN);
  else view.setBigUint64(offset, BigInt(length), LITTLE_ENDIAN);
  view.setInt32(offset + CMSG_LENGTH_SIZE, level, LITTLE_ENDIAN);
  view.setInt32(offset + CMSG_LENGTH_SIZE + INT_SIZE, type, LITTLE_ENDIAN);
}

/** One piece of ancillary data, checked. */
export type Piece = [level: number, type: number, data: Uint8Array];

/** Checks ancillary data as callers hand it in: an iterable of `[level, type, data]`. */
export function piecesOf(caller: string, ancdata: unknown): Piece[] {
  const expected = 'an iterable of [level, type, data]';
  return items(caller, 'ancdata', ancdata, expected).map((item): Piece => {
    if (!Array.isArray(item) || item.length !== 3)
      throw wrongKind(caller, 'ancdata', `${expected}; an item`, item);
    const [level, type, data] = item as unknown[];
    return [
      int(caller, 'level of ancdata', level),
      int(caller, 'type of ancdata', type),
      bytesOf(readable(caller, 'data of ancdata', data)),
    ];
  });
}

/** The control buffer of a message to send, a copy of all data; null where there is none. */
export function encodeAncillary(pieces: readonly Piece[]): Buffer | null {
  let size = 0;
  for (const [, , data] of pieces) {
    const length = lengthOf(data);
    if (length > INT_MAX - HEADER - ALIGNMENT) throw new OSError('ancillary data item too large');
    size += CMSG_SPACE(length);
    if (size > INT_MAX) throw new OSError('too much ancillary data');
  }
  if (size === 0) return null;
  const control = Buffer.alloc(size);
  const view = viewOf(control);
  let offset = 0;
  for (const [level, type, data] of pieces) {
    const length = lengthOf(data);
    writeHeader(view, offset, CMSG_LEN(length), level, type);
    control.set(data, offset + HEADER);
    offset += CMSG_SPACE(length);
  }
  return control;
}

/** Called with each control message. `end` is behind its last byte that the buffer has. */
type Visit = (level: number, type: number, start: number, end: number) => void;

/** Goes through the control messages. False where one of them claims more bytes than there are. */
function walk(control: NodeJS.ArrayBufferView, length: number, visit: Visit): boolean {
  const view = viewOf(control);
  let offset = 0;
  while (length - offset >= HEADER) {
    const claimed = readLength(view, offset);
    if (claimed < HEADER) return false;
    const level = view.getInt32(offset + CMSG_LENGTH_SIZE, LITTLE_ENDIAN);
    const type = view.getInt32(offset + CMSG_LENGTH_SIZE + INT_SIZE, LITTLE_ENDIAN);
    visit(level, type, offset + HEADER, Math.min(offset + claimed, length));
    if (claimed > length - offset) return false;
    offset += aligned(claimed);
  }
  return true;
}

/**
 * The control messages in the first `length` bytes of a buffer, each with a copy of its data. One that claims more
 * bytes than there are gets those that are there, and a process warning 'RuntimeWarning' says so.
 */
export function parseAncillary(control: Uint8Array, length: number): Ancillary[] {
  const found: Ancillary[] = [];
  const sound = walk(control, length, (level, type, start, end) => {
    found.push([level, type, Buffer.from(control.subarray(start, end))]);
  });
  if (!sound)
    process.emitWarning('received malformed or improperly-truncated ancillary data', 'RuntimeWarning');
  return found;
}

/** Where in a buffer the data of the first control message of a kind begins; -1 where there is none. */
export function findAncillary(control: Uint8Array, length: number, level: number, type: number): number {
  let found = -1;
  walk(control, length, (itsLevel, itsType, start) => {
    if (found < 0 && itsLevel === level && itsType === type) found = start;
  });
  return found;
}

/** Whether the data of a control message is descriptors, which belong to the receiver from now on. */
export const hasDescriptors = (level: number, type: number): boolean =>
  level === SOL_SOCKET && (type === SCM_RIGHTS || type === SCM_PIDFD);

/** The whole numbers in the data of a control message: descriptors, and a part of one is none. */
export function intsOf(data: NodeJS.ArrayBufferView): number[] {
  const view = viewOf(data);
  return Array.from({ length: Math.floor(data.byteLength / INT_SIZE) }, (_, index) =>
    view.getInt32(index * INT_SIZE, LITTLE_ENDIAN),
  );
}

/** Closes the descriptors that have come with a message which cannot be handed out. */
export function closeDescriptors(control: NodeJS.ArrayBufferView, length: number): void {
  const view = viewOf(control);
  walk(control, length, (level, type, start, end) => {
    if (!hasDescriptors(level, type)) return;
    for (let at = start; at + INT_SIZE <= end; at += INT_SIZE) native.close(view.getInt32(at, LITTLE_ENDIAN));
  });
}
