/** The timeout that new sockets start with. It belongs to the process: every worker sees the same. */
import { native } from './native.ts';
import { seconds } from './validate.ts';

/** In seconds; null for none. Python: `getdefaulttimeout`. */
export function getdefaulttimeout(): number | null {
  const timeout = native.getdefaulttimeout();
  return timeout < 0 ? null : timeout;
}

/** Sets it, for sockets made from now on in any thread. Python: `setdefaulttimeout`. */
export function setdefaulttimeout(timeout: number | null): void {
  native.setdefaulttimeout(seconds('setdefaulttimeout', 'timeout', timeout) ?? -1);
}
