/** Numbers back to the names of constants. */
import { groups } from './constant-groups.generated.ts';
import { native } from './native.ts';

/** What names there are groups of: AF, AI, MSG and SOCK are enumerations; EAI, herrno and errno are numbers of errors. */
export type Group = keyof typeof groups;

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

/** The constants of a group that this system has. */
export function* members(group: Group): Generator<[name: string, value: number]> {
  for (const name of groups[group]) {
    const value = native.constants[name];
    if (typeof value === 'number') yield [name, value];
  }
}

const tables = new Map<Group, Map<number, string>>();

/** The constant of a group with this number: `nameOf('errno', 111)` is `'ECONNREFUSED'`. Undefined where there is none. */
export function nameOf(group: Group, value: number): string | undefined {
  let table = tables.get(group);
  if (table === undefined) {
    table = new Map();
    for (const [name, number] of members(group)) {
      if (!aliases.has(name)) table.set(number, name);
    }
    tables.set(group, table);
  }
  return table.get(value);
}
