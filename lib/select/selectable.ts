/** What can be waited for: a descriptor, or an object that has one. */
import type { Server } from 'node:net';
import { builtins } from '../builtins.ts';
import { descriptor, outOfRange, wrongKind } from '../validate.ts';

/**
 * Python's "file object": a descriptor, an object whose `fileno()` returns one (a `Socket`, an epoll object, a selector),
 * or an object of Node's that has one (a `FileHandle`, a stream over a file, a pipe or a terminal, a `net.Socket` or
 * `net.Server`).
 */
export type Selectable =
  | number
  | { fileno(): number }
  | { readonly fd: number | null }
  | NodeJS.ReadableStream
  | NodeJS.WritableStream
  | Server;

const EXPECTED = 'a descriptor, or an object with fileno() or a descriptor of its own';

/** What an object of Node's keeps its descriptor as; undefined where it is none of these. */
function descriptorIn(object: { fd?: unknown }): unknown {
  if (typeof object.fd === 'number') return object.fd;
  const { Server, Socket } = builtins.net;
  if (object instanceof Socket || object instanceof Server)
    return (object as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
  // A stream over a file that is not open yet, or not any more.
  return object.fd === null ? -1 : undefined;
}

/**
 * The descriptor of a file object.
 *
 * @throws {TypeError} it has none
 * @throws {RangeError} it is negative, as that of a closed file is
 */
export function descriptorOf(caller: string, name: string, object: unknown): number {
  if (typeof object === 'number') return descriptor(caller, name, object);
  if (typeof object !== 'object' || object === null) throw wrongKind(caller, name, EXPECTED, object);
  const { fileno } = object as { fileno?: unknown };
  if (typeof fileno === 'function') {
    const fd: unknown = fileno.call(object);
    return descriptor(caller, `${name}.fileno()`, fd);
  }
  const fd = descriptorIn(object);
  if (fd === undefined) throw wrongKind(caller, name, EXPECTED, object);
  if (fd === -1) throw outOfRange(caller, name, 'open (negative file descriptor)', object);
  return descriptor(caller, `${name}.fd`, fd);
}
