/** Plain descriptors. */
import { announceClosing } from './closing.ts';
import { checked } from './errors.ts';
import { native } from './native.ts';
import { int } from './validate.ts';

/** Closes a descriptor: close(2). For one that is not a Socket's; a Socket has its own `close`. */
export function close(fd: number): void {
  announceClosing(int('close', 'fd', fd));
  checked(native.close(fd), 'close');
}

/** A duplicate of a descriptor: dup(2), close-on-exec. */
export function dup(fd: number): number {
  return checked(native.dup(int('dup', 'fd', fd)), 'dup');
}
