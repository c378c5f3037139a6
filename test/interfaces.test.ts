/** Network interfaces: every one has a number and a name, and each leads to the other. */
import { readdirSync, readFileSync } from 'node:fs';
import { ENXIO, ifIndextoname, ifNameindex, ifNametoindex, OSError } from 'bsd-socket';
import { expect, test } from 'vitest';
import { failure } from './support.ts';

const indexOf = (name: string) => Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
// Some kernels have a file among the interfaces.
const names = readdirSync('/sys/class/net').filter((name) => name !== 'bonding_masters');

test('all of them', () => {
  expect(ifNameindex().sort()).toEqual(names.map((name) => [indexOf(name), name]).sort());
});

test('there and back', () => {
  for (const [index, name] of ifNameindex()) {
    expect(ifNametoindex(name)).toBe(index);
    expect(ifNametoindex(Buffer.from(name))).toBe(index);
    expect(ifIndextoname(index)).toBe(name);
  }
});

test('no such interface', async () => {
  for (const name of ['nowhere', '', 'x'.repeat(1000)]) {
    const error = await failure(() => ifNametoindex(name));
    expect(error.constructor).toBe(OSError);
    expect(error).toMatchObject({ message: 'no interface with this name', errno: undefined, address: name });
  }
  for (const index of [0, 0x7ffffff0, 0xffffffff]) {
    expect(await failure(() => ifIndextoname(index))).toMatchObject({
      errno: ENXIO,
      syscall: 'if_indextoname',
    });
  }
});

test.each([null, undefined, 5, {}, 'lo\0', Buffer.from('lo\0')])('%s is no name', (name) => {
  expect(() => ifNametoindex(name as string)).toThrow(TypeError);
});

test.each([
  ['1', TypeError],
  [null, TypeError],
  [-1, RangeError],
  [1.5, RangeError],
  [2 ** 32, RangeError],
] as const)('%s is no number', (index, type) => {
  expect(() => ifIndextoname(index as number)).toThrow(type);
});
