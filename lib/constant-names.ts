/** Groups of constants, which read both ways: by the name its number, by a number its name. */
import { groups } from './constant-groups.generated.ts';

/** What there are groups of: AF, AI, MSG and SOCK are enumerations; EAI, herrno and errno are numbers of errors. */
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

export type Members = Readonly<Record<string | number, string | number>>;
const made = new Map<Group, Members>();

/** The constants of a group that this system has. */
export function membersOf(group: Group): Members {
  let members = made.get(group);
  if (members === undefined) {
    const both: Record<string | number, string | number> = Object.create(null);
    const constants: Readonly<Record<string, number>> = groups[group]();
    for (const name in constants) {
      const value = constants[name];
      if (value === undefined) continue;
      both[name] = value;
      if (!aliases.has(name)) both[value] = name;
    }
    members = Object.freeze(both);
    made.set(group, members);
  }
  return members;
}

/** The constant of a group with this number: `nameOf('errno', 111)` is `'ECONNREFUSED'`. Undefined where there is none. */
export function nameOf(group: Group, value: number): string | undefined {
  return membersOf(group)[value] as string | undefined;
}
