/** Byte order and the notation of addresses: htons(3) and inet(3). */

import { readable } from '../buffers.ts';
import { OSError, osError } from '../errors.ts';
import { native } from '../native.ts';
import { LITTLE_ENDIAN } from '../options/struct.ts';
import { int, integer, outOfRange, wrongKind } from '../validate.ts';

function swap16(caller: string, x: number): number {
  integer(caller, 'x', x, 0, 0xffff);
  return LITTLE_ENDIAN ? ((x & 0xff) << 8) | (x >> 8) : x;
}

function swap32(caller: string, x: number): number {
  integer(caller, 'x', x, 0, 0xffffffff);
  if (!LITTLE_ENDIAN) return x;
  return (((x & 0xff) << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)) >>> 0;
}

/** 16 bits from host to network byte order. */
export const htons = (x: number): number => swap16('htons', x);
/** 16 bits from network to host byte order. */
export const ntohs = (x: number): number => swap16('ntohs', x);
/** 32 bits from host to network byte order. */
export const htonl = (x: number): number => swap32('htonl', x);
/** 32 bits from network to host byte order. */
export const ntohl = (x: number): number => swap32('ntohl', x);

function text(caller: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongKind(caller, 'address', 'a string', value);
  if (value.includes('\0')) throw wrongKind(caller, 'address', 'without NUL', value);
  return value;
}

/** The four bytes of an IPv4 address in any of libc's notations, `'127.1'` and `'0x7f.1'` among them: inet_aton(3). */
export function inetAton(address: string): Buffer {
  const packed = native.inet_aton(text('inetAton', address));
  if (packed === null)
    throw new OSError('illegal IP address string passed to inetAton', { syscall: 'inet_aton' });
  return packed;
}

/** Four bytes as `'127.0.0.1'`: inet_ntoa(3). */
export function inetNtoa(packed: NodeJS.ArrayBufferView): string {
  const view = readable('inetNtoa', 'packed', packed);
  if (view.byteLength !== 4)
    throw new OSError('packed IP wrong length for inetNtoa', { syscall: 'inet_ntoa' });
  return new Uint8Array(view.buffer, view.byteOffset, 4).join('.');
}

/** The bytes of an address of AF_INET or AF_INET6: inet_pton(3). */
export function inetPton(family: number, address: string): Buffer {
  const packed = native.inet_pton(int('inetPton', 'family', family), text('inetPton', address));
  if (typeof packed === 'number') throw osError(-packed, 'inet_pton', address);
  if (packed === null)
    throw new OSError('illegal IP address string passed to inetPton', { syscall: 'inet_pton' });
  return packed;
}

/** The bytes of an address of AF_INET or AF_INET6 as text: inet_ntop(3). */
export function inetNtop(family: number, packed: NodeJS.ArrayBufferView): string {
  const view = readable('inetNtop', 'packed', packed);
  const address = native.inet_ntop(int('inetNtop', 'family', family), view);
  if (typeof address === 'string') return address;
  if (address === null) {
    throw outOfRange(
      'inetNtop',
      'packed',
      'as long as an address (invalid length of packed IP address string)',
      view.byteLength,
    );
  }
  throw outOfRange('inetNtop', 'family', 'AF_INET or AF_INET6 (unknown address family)', family);
}
