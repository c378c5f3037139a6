/** Node's Duplex, for classes that derive from it: Node's streams are loaded when the first of them is made. */
import type { Duplex } from 'node:stream';
import { builtins } from '../builtins.ts';

function DerivedLate(this: object, ...args: unknown[]): object {
  const { Duplex } = builtins.stream;
  if (Object.getPrototypeOf(DerivedLate.prototype) !== Duplex.prototype)
    Object.setPrototypeOf(DerivedLate.prototype, Duplex.prototype);
  return Reflect.construct(Duplex, args, new.target);
}

/** `class X extends LateDuplex` is `class X extends Duplex`, but for Duplex's static methods. */
export const LateDuplex = DerivedLate as unknown as typeof Duplex;
