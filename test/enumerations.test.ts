/** Python's four enumerations of constants. */
import * as socket from 'bsd-socket';
import { describe, expect, expectTypeOf, test } from 'vitest';

const enumerations = {
  AddressFamily: { members: socket.AddressFamily, prefix: 'AF_', one: ['AF_INET', 2] },
  AddressInfo: { members: socket.AddressInfo, prefix: 'AI_', one: ['AI_PASSIVE', 1] },
  MsgFlag: { members: socket.MsgFlag, prefix: 'MSG_', one: ['MSG_PEEK', 2] },
  SocketKind: { members: socket.SocketKind, prefix: 'SOCK_', one: ['SOCK_DGRAM', 2] },
} as const;

describe.each(Object.entries(enumerations))('%s', (_, { members, prefix, one: [name, value] }) => {
  const all = members as Readonly<Record<string | number, unknown>>;

  test('reads both ways', () => {
    expect(all[name]).toBe(value);
    expect(all[value]).toBe(name);
  });

  test('has the constants of its prefix, and the name that programs know best for each number', () => {
    const constants = Object.entries(socket).filter(
      ([key]) => key.startsWith(prefix) && !/^SOCK_(.*_LOCK|TXREHASH|DIAG|DESTROY)/.test(key),
    );
    expect(Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(prefix)))).toEqual(
      Object.fromEntries(constants),
    );
    for (const [key, text] of Object.entries(all)) {
      if (/^\d/.test(key)) expect(all[text as string]).toBe(Number(key));
    }
  });

  test('knows nothing else, and does not change', () => {
    expect(all[123456789]).toBeUndefined();
    expect(all.toString).toBeUndefined();
    expect(Object.isFrozen(members)).toBe(true);
  });
});

test('an alias does not hide the name', () => {
  expect(socket.AddressFamily[socket.AF_LOCAL]).toBe('AF_UNIX');
  expect(socket.AddressFamily[socket.AF_ROUTE]).toBe('AF_NETLINK');
  expect(socket.MsgFlag[socket.MSG_MORE]).toBe('MSG_MORE');
  expect(socket.SocketKind[1]).toBe('SOCK_STREAM');
});

test('TypeScript knows the members', () => {
  expectTypeOf(socket.AddressFamily.AF_INET).toEqualTypeOf<typeof socket.AF_INET>();
  expectTypeOf(socket.AddressFamily[2]).toEqualTypeOf<string | undefined>();
});
