/**
 * Addresses on their way to the kernel and back: what callers hand in, packed into the bytes of a sockaddr, and what
 * the kernel stored, unpacked. The forms of the families stand in address-forms.ts.
 */

import { AF_INET, AF_INET6 } from '../constants.generated.ts';
import { osError } from '../errors.ts';
import type { Address } from '../family.ts';
import { native } from '../native.ts';
import type { Domain } from './address-fields.ts';
import { fieldsOf } from './address-forms.ts';

export type { Domain } from './address-fields.ts';

/** What an Internet address belongs to where there is no socket. */
export const internet = (family: number): Domain => ({ fd: -1, family, proto: 0 });

const isInternet = (family: number) => family === AF_INET || family === AF_INET6;

// Programs send one datagram after the other to the same address.
let lastFamily = -1;
let lastAddress: unknown[] = [];
let lastPacked: Buffer = Buffer.alloc(0);

function isLast(family: number, address: unknown): boolean {
  if (family !== lastFamily || !Array.isArray(address) || address.length !== lastAddress.length) return false;
  for (let index = 0; index < lastAddress.length; index++) {
    if (address[index] !== lastAddress[index]) return false;
  }
  return true;
}

const MOST_FIELDS = 4;

/** A copy of an Internet address: whatever hands out its elements, each is read once. One that is too long stays so. */
function copied(address: unknown[]): unknown[] {
  const length = Math.min(address.length, MOST_FIELDS + 1);
  const copy = new Array<unknown>(length);
  for (let index = 0; index < length; index++) copy[index] = address[index];
  return copy;
}

/**
 * The bytes of a sockaddr, or null where the host is a name that must be resolved first.
 *
 * @param caller the function that was called, for messages
 * @param domain the socket that the address is for
 */
export function pack(caller: string, domain: Domain, address: unknown): Buffer | null {
  const { family } = domain;
  if (isLast(family, address)) return lastPacked;
  const given = isInternet(family) && Array.isArray(address) ? copied(address) : address;
  const packed = native.sockaddr(family, ...fieldsOf(caller, domain, given));
  // An interface that is not there: what stands behind it is no port.
  if (typeof packed === 'number')
    throw osError(-packed, caller, Array.isArray(given) ? String(given[0]) : given);
  // Bytes as a host could be changed by their owner, text cannot. Interfaces may get other numbers, and another
  // protocol another form, hence no other family, and no scope by name.
  if (packed !== null && isInternet(family) && Array.isArray(given) && typeof given[0] === 'string') {
    lastFamily = given[0].includes('%') ? -1 : family;
    lastAddress = given;
    lastPacked = packed;
  }
  return packed;
}

/** The host of an address for which {@link pack} returned null. */
export function hostToResolve(caller: string, domain: Domain, address: unknown): string {
  return String(fieldsOf(caller, domain, address)[0]);
}

/** Packs an address with the numeric host that its name has been resolved to. */
export function packResolved(caller: string, domain: Domain, address: unknown, resolved: Address): Buffer {
  const [, ...rest] = fieldsOf(caller, domain, address);
  const [host, , , scopeId] = resolved as [string, number, number?, number?];
  // The scope that a name like fe80::1%eth0 brings counts where the caller gave none.
  if (domain.family === AF_INET6 && rest[2] === 0) rest[2] = scopeId;
  return native.sockaddr(domain.family, host, ...rest) as Buffer;
}

const words = new Uint32Array(Math.ceil(native.STORAGE_SIZE / 4));
const halves = new Uint16Array(words.buffer);
// Where the family and an Internet address's port stand, behind the length: in halves and in bytes.
const FAMILY = 2;
const PORT = 6;
/** Where native calls store an address. There is one of it: read it before the next call. */
export const storage = new Uint8Array(words.buffer);

// The sender of the last datagram is most often that of the next, and a host that connects does so again, from another
// port: the array is made again without asking anybody.
let lastStored: (string | number)[] = [];
const lastWords = new Uint32Array(8);
const lastHalves = new Uint16Array(lastWords.buffer);

/** Whether all but the port is as it was last. */
function isLastStored(): boolean {
  const length = words[0]!;
  if (length !== lastWords[0] || length === 0 || halves[FAMILY] !== lastHalves[FAMILY]) return false;
  for (let index = 2; index <= length >> 2; index++) {
    if (words[index] !== lastWords[index]) return false;
  }
  return true;
}

function again(): Address {
  const address = lastStored.slice();
  address[1] = storage[PORT]! * 256 + storage[PORT + 1]!;
  return address as Address;
}

/** The address in {@link storage}, which the kernel gave for a socket; null where it gave none. */
export function stored(domain: Domain): Address | null {
  if (isLastStored()) return again();
  const address = native.address(storage, domain.fd, domain.proto);
  // Internet addresses only: sockaddr_in has 16 bytes and sockaddr_in6 has 28, and they mean the same on each socket.
  if (address !== null && isInternet(halves[FAMILY]!)) {
    lastWords.set(words.subarray(0, lastWords.length));
    lastStored = (address as (string | number)[]).slice();
  } else {
    lastWords[0] = 0;
  }
  return address;
}

/** The address in the bytes of a sockaddr that came in another way than through {@link storage}. */
export function unpack(domain: Domain, sockaddr: Uint8Array): Address | null {
  words[0] = sockaddr.length;
  storage.set(sockaddr, 4);
  return stored(domain);
}

const WORDS_STORED = words.length;

/** The address in a slot of many: the words from `start` on are laid out as {@link storage}. */
export function storedAt(domain: Domain, slots: Uint32Array, start: number): Address | null {
  const length = slots[start]!;
  // No more than the address is copied: what lies behind it says nothing.
  const end = Math.min(WORDS_STORED, 1 + Math.ceil(length / 4));
  for (let index = 0; index < end; index++) words[index] = slots[start + index]!;
  return stored(domain);
}
