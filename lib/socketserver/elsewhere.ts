/** Other threads or processes that handle a server's requests, as its loop sees them. */
import type { Selectable } from '../select/selectable.ts';
import { ServerWaits } from './server-waits.ts';

export interface Elsewhere {
  /** Whether no request may be taken now. It is asked before each wait. */
  isFull(): boolean;
  /** The descriptor that is readable once it is worth asking again. */
  fileno(): number;
}

// In seconds. One that dies without a word is found out so late.
const LONGEST = 0.05;

/**
 * What a server waits with while it may take no request; undefined where it may. It needs no descriptor of its own, as
 * those who handle the requests may have taken all that there are.
 *
 * @param others to wait for as well
 */
export function heldBack(
  elsewhere: Elsewhere | undefined,
  ...others: (Selectable | undefined)[]
): ServerWaits | undefined {
  if (!elsewhere?.isFull()) return undefined;
  return new ServerWaits(false, ...others, elsewhere);
}

/** How long to wait then, of so many seconds. */
export function shortened(timeout: number | null): number {
  return timeout === null ? LONGEST : Math.min(timeout, LONGEST);
}
