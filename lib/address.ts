/**
 * Addresses: what callers hand in, checked and packed into the bytes of a sockaddr, and what the kernel stored,
 * unpacked. A family is one entry in `fields` here and one in the table of binding/address.cpp.
 */
import { AF_INET, AF_INET6, AF_UNIX } from './constants.generated.ts';
import { OSError, osError } from './errors.ts';
import type { Address } from './family.ts';
import { native } from './native.ts';
import { integer, textOf, wrongKind } from './validate.ts';

/** Checks an address and lists its fields as `native.sockaddr` takes them. */
type Fields = (caller: string, address: unknown) => unknown[];

function hostOf(caller: string, host: unknown, any: string): string {
  const text = textOf(caller, 'host', host);
  return text === '' ? any : text;
}

function isTuple(address: unknown, least: number, most: number): address is unknown[] {
  return Array.isArray(address) && address.length >= least && address.length <= most;
}

function inetFields(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 2)) throw wrongKind(caller, 'AF_INET address', '[host, port]', address);
  const host = hostOf(caller, address[0], '0.0.0.0');
  const port = integer(caller, 'port', address[1], 0, 65535);
  return [host === '<broadcast>' ? '255.255.255.255' : host, port];
}

function inet6Fields(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 4)) {
    throw wrongKind(caller, 'AF_INET6 address', '[host, port, flowinfo?, scopeId?]', address);
  }
  const [host, port, flowinfo = 0, scopeId = 0] = address;
  return [
    hostOf(caller, host, '::'),
    integer(caller, 'port', port, 0, 65535),
    integer(caller, 'flowinfo', flowinfo, 0, 0xfffff),
    integer(caller, 'scopeId', scopeId, 0, 0xffffffff),
  ];
}

// sockaddr_un's room for a path with its NUL, or for an abstract name, which has none at its end.
const SUN_PATH = 108;

function unixFields(caller: string, address: unknown): unknown[] {
  if (typeof address !== 'string' && !ArrayBuffer.isView(address)) {
    throw wrongKind(caller, 'AF_UNIX address', 'a string or bytes', address);
  }
  const bytes =
    typeof address === 'string'
      ? Buffer.from(address)
      : Buffer.from(address.buffer, address.byteOffset, address.byteLength);
  const path = bytes.length > 0 && bytes[0] !== 0;
  if (bytes.length > SUN_PATH - (path ? 1 : 0))
    throw new OSError('AF_UNIX path too long', { address: bytes.toString() });
  if (path && bytes.includes(0)) throw wrongKind(caller, 'AF_UNIX path', 'without NUL', address);
  return [bytes];
}

const fields = new Map<number, Fields>([
  [AF_INET, inetFields],
  [AF_INET6, inet6Fields],
  [AF_UNIX, unixFields],
]);

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

/**
 * The bytes of a sockaddr, or null where the host is a name that must be resolved first.
 *
 * @param caller the function that was called, for messages
 * @param family the socket's
 */
export function pack(caller: string, family: number, address: unknown): Buffer | null {
  if (isLast(family, address)) return lastPacked;
  const checkedFields = fieldsOf(caller, family, address);
  const packed = native.sockaddr(family, ...checkedFields);
  if (typeof packed === 'number') throw osError(-packed, caller, address);
  // Bytes as a host could be changed by their owner, text cannot.
  if (packed !== null && Array.isArray(address) && typeof address[0] === 'string') {
    lastFamily = family;
    lastAddress = [...address];
    lastPacked = packed;
  }
  return packed;
}

function fieldsOf(caller: string, family: number, address: unknown): unknown[] {
  const check = fields.get(family);
  if (check === undefined) throw new OSError(`${caller}(): bad family: no addresses of family ${family} yet`);
  return check(caller, address);
}

/** The host of an address for which {@link pack} returned null. */
export function hostToResolve(caller: string, family: number, address: unknown): string {
  return String(fieldsOf(caller, family, address)[0]);
}

/** Packs an address with the numeric host that its name has been resolved to. */
export function packResolved(caller: string, family: number, address: unknown, resolved: Address): Buffer {
  const [, ...rest] = fieldsOf(caller, family, address);
  const [host, , , scopeId] = resolved as [string, number, number?, number?];
  // The scope that a name like fe80::1%eth0 brings counts where the caller gave none.
  if (family === AF_INET6 && rest[2] === 0) rest[2] = scopeId;
  return native.sockaddr(family, host, ...rest) as Buffer;
}

const words = new Uint32Array(Math.ceil(native.STORAGE_SIZE / 4));
/** Where native calls store an address. There is one of it: read it before the next call. */
export const storage = new Uint8Array(words.buffer);

// The sender of the last datagram is most often that of the next; its array is made again without asking anybody.
let lastStored: (string | number)[] = [];
const lastWords = new Uint32Array(8);

function isLastStored(): boolean {
  const length = words[0]!;
  if (length !== lastWords[0] || length === 0) return false;
  for (let index = 1; index <= length >> 2; index++) {
    if (words[index] !== lastWords[index]) return false;
  }
  return true;
}

/** The address in {@link storage}; null where the kernel gave none. */
export function stored(): Address | null {
  if (isLastStored()) return lastStored.slice() as Address;
  const address = native.address(storage);
  // Internet addresses only: sockaddr_in has 16 bytes and sockaddr_in6 has 28.
  if (Array.isArray(address) && typeof address[0] === 'string') {
    lastWords.set(words.subarray(0, lastWords.length));
    lastStored = address.slice() as (string | number)[];
  } else {
    lastWords[0] = 0;
  }
  return address;
}

const WORDS_STORED = words.length;

/** The address in a slot of many: the words from `start` on are laid out as {@link storage}. */
export function storedAt(slots: Uint32Array, start: number): Address | null {
  const length = slots[start]!;
  // No more than the address is copied: what lies behind it says nothing.
  const end = Math.min(WORDS_STORED, 1 + Math.ceil(length / 4));
  for (let index = 0; index < end; index++) words[index] = slots[start + index]!;
  return stored();
}
