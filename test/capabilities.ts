/** What this process may do, beyond being root or not: capabilities(7). */
import { readFileSync } from 'node:fs';

const effective = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`);

const numbers = { CAP_SETGID: 6n, CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n };

/** Whether this process has a capability. */
export function capable(name: keyof typeof numbers): boolean {
  return ((effective >> numbers[name]) & 1n) === 1n;
}
