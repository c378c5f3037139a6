/** Numbers back to the names of constants. */
import { native } from './native.ts';

// Names that share a number with one that programs know better.
const aliases = new Set([
  'AF_FILE',
  'AF_LOCAL',
  'AF_ROUTE',
  'EDEADLOCK',
  'EFSBADCRC',
  'EFSCORRUPTED',
  'ENOTSUP',
  'EWOULDBLOCK',
  'MSG_NOTIFICATION',
  'MSG_TRYHARD',
]);
/** What the names of a group look like. */
export const patterns = {
  AF: /^AF_/,
  AI: /^AI_/,
  MSG: /^MSG_/,
  SOCK: /^SOCK_(STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET|NONBLOCK|CLOEXEC)$/,
  EAI: /^EAI_/,
  herrno: /^(HOST_NOT_FOUND|TRY_AGAIN|NO_RECOVERY|NO_DATA)$/,
  errno: /^E(?!POLL)[A-Z0-9]+$/,
} as const;

const tables = new Map<string, Map<number, string>>();

/** The constant of a group with this number: `nameOf('errno', 111)` is `'ECONNREFUSED'`. Undefined where there is none. */
export function nameOf(group: keyof typeof patterns, value: number): string | undefined {
  let table = tables.get(group);
  if (table === undefined) {
    table = new Map();
    for (const [name, number] of Object.entries(native.constants)) {
      if (typeof number === 'number' && patterns[group].test(name) && !aliases.has(name))
        table.set(number, name);
    }
    tables.set(group, table);
  }
  return table.get(value);
}
