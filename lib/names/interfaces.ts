/** Network interfaces: their names and numbers. */
import { ENODEV } from '../constants.generated.ts';
import { checked, OSError, osError } from '../errors.ts';
import { native } from '../native.ts';
import { integer, textOf } from '../validate.ts';

/** All network interfaces: if_nameindex(3). */
export function ifNameindex(): [index: number, name: string][] {
  const rows = native.if_nameindex();
  if (typeof rows === 'number') throw osError(-rows, 'if_nameindex');
  return rows;
}

/**
 * The number of a network interface: if_nametoindex(3).
 *
 * @throws {OSError} 'no interface with this name', without an errno
 */
export function ifNametoindex(name: string | Uint8Array): number {
  const text = textOf('ifNametoindex', 'name', name);
  const index = native.if_nametoindex(text);
  if (index === -ENODEV)
    throw new OSError('no interface with this name', { syscall: 'if_nametoindex', address: text });
  return checked(index, 'if_nametoindex', text);
}

/**
 * The name of a network interface: if_indextoname(3).
 *
 * @throws {OSError} ENXIO where there is none
 */
export function ifIndextoname(index: number): string {
  const name = native.if_indextoname(integer('ifIndextoname', 'index', index, 0, 0xffffffff));
  if (typeof name === 'number') throw osError(-name, 'if_indextoname');
  return name;
}
