/** All options of the view: the tables of the levels, and the types that follow from them. */
import type { Access, Option } from './option-entry.ts';
import { ipLevel, rawLevel } from './option-table-ip.ts';
import { icmpv6Level, ipv6Level } from './option-table-ipv6.ts';
import { netlinkLevel, packetLevel, vsockLevel } from './option-table-link.ts';
import { socketLevel } from './option-table-socket.ts';
import { mptcpLevel, tcpLevel, udpLevel, udpLiteLevel } from './option-table-tcp.ts';

type ReadOnlyNames<T> = { [K in keyof T]: T[K] extends Option<unknown, 'read'> ? K : never }[keyof T];
type ValueOf<O> = O extends Option<infer V> ? V : never;

/** The properties that a table makes: read only where the option is. */
type Values<Level extends () => unknown, T = ReturnType<Level>> = {
  readonly [K in keyof Pick<T, ReadOnlyNames<T>>]: ValueOf<T[K]>;
} & {
  -readonly [K in keyof Omit<T, ReadOnlyNames<T>>]: ValueOf<T[K]>;
};

/** The options as properties. */
export interface OptionValues
  extends Values<typeof socketLevel>,
    Values<typeof ipLevel>,
    Values<typeof rawLevel>,
    Values<typeof ipv6Level>,
    Values<typeof icmpv6Level>,
    Values<typeof tcpLevel>,
    Values<typeof mptcpLevel>,
    Values<typeof udpLevel>,
    Values<typeof udpLiteLevel>,
    Values<typeof packetLevel>,
    Values<typeof netlinkLevel>,
    Values<typeof vsockLevel> {}

/** The options by their names in the view. The tables are made by this: few programs need them. */
export function allOptions(): Record<string, Option<unknown, Access>> {
  return {
    ...socketLevel(),
    ...ipLevel(),
    ...rawLevel(),
    ...ipv6Level(),
    ...icmpv6Level(),
    ...tcpLevel(),
    ...mptcpLevel(),
    ...udpLevel(),
    ...udpLiteLevel(),
    ...packetLevel(),
    ...netlinkLevel(),
    ...vsockLevel(),
  };
}
