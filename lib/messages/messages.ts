/** The operations on messages: sendmsg(2) and recvmsg(2), with many pieces of memory and ancillary data. */
import { storage, stored } from '../address/address.ts';
import { land, landing, taken } from '../buffers.ts';
import { boundary, receiveAll, staysFor } from '../collecting.ts';
import { MSG_TRUNC, SCM_RIGHTS, SOL_SOCKET } from '../constants.generated.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Address } from '../family.ts';
import { native } from '../native.ts';
import type { Operation } from '../operation.ts';
import { cut, receive } from '../receiving.ts';
import { connecting, sendOnce } from '../sending.ts';
import { outOfRange } from '../validate.ts';
import {
  type Ancillary,
  closeDescriptors,
  encodeAncillary,
  hasDescriptors,
  parseAncillary,
} from './ancillary.ts';

type View = NodeJS.ArrayBufferView;

/** What recvmsg returns. */
export type Message<T> = [data: T, ancdata: Ancillary[], msgFlags: number, address: Address | null];

/** How many bytes views have together. */
export function lengthOf(views: readonly View[]): number {
  let length = 0;
  for (const view of views) length += view.byteLength;
  return length;
}

/** The views of `length` bytes that begin after the first `offset` ones. */
function part(views: readonly View[], offset: number, length: number): View[] {
  const parts: View[] = [];
  let skip = offset;
  let left = length;
  for (const { buffer, byteOffset, byteLength } of views) {
    const size = Math.min(Math.max(byteLength - skip, 0), left);
    if (size > 0) parts.push(new Uint8Array(buffer, byteOffset + skip, size));
    skip = Math.max(skip - byteLength, 0);
    left -= size;
  }
  return parts;
}

/** Views that have changed their length would make another message than the one that was asked for. */
function checkLength(caller: string, views: readonly View[], length: number): void {
  const now = lengthOf(views);
  if (now !== length)
    throw outOfRange(caller, 'buffers', `as long as at the beginning, ${length} bytes`, now);
}

/**
 * sendmsg(2). Of a message that a blocking stream sends in parts, descriptors go with the first part alone, and all
 * other ancillary data with each, as in the kernel's own blocking call.
 */
export function sendmsg(
  endpoint: Endpoint,
  views: View[],
  control: Buffer | null,
  flags: number,
  sockaddr: Buffer | null,
  address: unknown,
): Operation<number> {
  const total = lengthOf(views);
  let rest: Buffer | null | undefined;
  const call = connecting(endpoint, flags, (offset, length, pending) => {
    checkLength('sendmsg', views, total);
    if (offset === 0) return native.sendmsg(endpoint.fd, views, control, pending, sockaddr);
    rest ??= withoutRights(control);
    return native.sendmsg(endpoint.fd, part(views, offset, length), rest, pending, sockaddr);
  });
  return sendOnce(endpoint, { syscall: 'sendmsg', address }, total, flags, call);
}

/** Control messages without those that pass descriptors on. */
function withoutRights(control: Buffer | null): Buffer | null {
  if (control === null) return null;
  const pieces = parseAncillary(control, control.length);
  return encodeAncillary(pieces.filter(([level, type]) => level !== SOL_SOCKET || type !== SCM_RIGHTS));
}

// Most programs ask for little, and what has arrived is copied out at once.
const SMALL = 1024;
const scratch = Buffer.alloc(SMALL);
const CONTROL_LENGTH = 0;
const MSG_FLAGS = 1;
// What recvmsg(2) reports beside its result. There is one of it: read it before the next call.
const report = new Int32Array(2);

/** Room for control messages; null for none. */
function controlOf(size: number): Buffer | null {
  if (size === 0) return null;
  return size <= SMALL ? scratch.subarray(0, size) : Buffer.alloc(size);
}

/** One recvmsg(2). */
function call(endpoint: Endpoint, views: View[], control: Buffer | null, flags: number): number {
  const count = native.recvmsg(endpoint.fd, views, control, flags, storage, report);
  if (count < 0) report.fill(0);
  // Descriptors may come without bytes, and an error that was left for this call takes the place of its result.
  else if (count === 0 && endpoint.deferredError !== 0 && control !== null)
    closeDescriptors(control, report[CONTROL_LENGTH]!);
  return count;
}

/** Hands out what has just been received. Where that fails, nobody else could close the descriptors in it. */
function handOut<T>(control: Buffer | null, give: (ancdata: Ancillary[]) => T): T {
  if (control === null) return give([]);
  const length = report[CONTROL_LENGTH]!;
  try {
    return give(parseAncillary(control, length));
  } catch (error) {
    closeDescriptors(control, length);
    throw error;
  }
}

/**
 * A recvmsg(2) that collects bytes. Descriptors end it, as in the kernel; of other ancillary data that of the last
 * part counts.
 */
function collect<T>(
  endpoint: Endpoint,
  views: View[],
  size: number,
  enough: number,
  ancbufsize: number,
  flags: number,
  give: (count: number) => T,
): Operation<Message<T>> {
  const control = controlOf(ancbufsize);
  let ancdata: Ancillary[] = [];
  let msgFlags = 0;
  let address: Address | null = null;
  const attempt = (offset: number, length: number) => {
    checkLength('recvmsgInto', views, size);
    const count = call(endpoint, part(views, offset, length), control, flags);
    if (count > 0) {
      handOut(control, (received) => {
        address = stored(endpoint);
        ancdata = received;
        msgFlags = report[MSG_FLAGS]!;
      });
    }
    return count;
  };
  const elsewhere = boundary(endpoint, flags);
  const ends = (got: number) =>
    elsewhere(got) || ancdata.some(([level, type]) => hasDescriptors(level, type));
  const finish = (count: number): Message<T> => [give(count), ancdata, msgFlags, address];
  return receiveAll(endpoint, 'recvmsg', size, enough, flags, attempt, finish, ends);
}

/** recvmsg(2) into memory of our own. */
export function recvmsg(
  endpoint: Endpoint,
  size: number,
  ancbufsize: number,
  flags: number,
): Operation<Message<Buffer>> {
  const enough = staysFor(endpoint, size, flags);
  if (enough > 0) {
    const buffer = Buffer.alloc(size);
    return collect(endpoint, [buffer], size, enough, ancbufsize, flags, (count) => cut(buffer, count));
  }
  const control = controlOf(ancbufsize);
  const attempt = () => {
    land(size, (flags & MSG_TRUNC) !== 0);
    const { view, offset } = landing;
    return call(endpoint, [view.subarray(offset, offset + size)], control, flags);
  };
  const finish = (count: number) =>
    handOut<Message<Buffer>>(control, (ancdata) => [
      taken(Math.min(count, size)),
      ancdata,
      report[MSG_FLAGS]!,
      stored(endpoint),
    ]);
  return receive(endpoint, { syscall: 'recvmsg', call: attempt, finish }, size, flags);
}

/** recvmsg(2) into the caller's memory. */
export function recvmsgInto(
  endpoint: Endpoint,
  views: View[],
  ancbufsize: number,
  flags: number,
): Operation<Message<number>> {
  const size = lengthOf(views);
  const enough = staysFor(endpoint, size, flags);
  if (enough > 0) return collect(endpoint, views, size, enough, ancbufsize, flags, (count) => count);
  const control = controlOf(ancbufsize);
  const attempt = () => {
    checkLength('recvmsgInto', views, size);
    return call(endpoint, views, control, flags);
  };
  const finish = (count: number) =>
    handOut<Message<number>>(control, (ancdata) => [count, ancdata, report[MSG_FLAGS]!, stored(endpoint)]);
  return receive(endpoint, { syscall: 'recvmsg', call: attempt, finish }, size, flags);
}
