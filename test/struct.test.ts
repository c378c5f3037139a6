/** The structures of the kernel: their layout against that of the C compiler, and older kernels. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mptcpInfo } from '../dist/options/mptcp-info.js';
import { bits, later, Struct, u8, u16, u32, u64 } from '../dist/options/struct.js';
import { tcpInfo } from '../dist/options/tcp-info.js';

function run(command: string, args: string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

/** Where the headers of this machine have the fields that they know; those of a part of a byte have no place in C. */
function offsetsInC(header: string, struct: string, fields: string[]): Record<string, number> {
  const body = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(
    run('cc', ['-E', '-P', '-x', 'c', '-'], `#include <${header}>`),
  )![1]!;
  const known = fields.filter((field) => new RegExp(`\\b${field};`).test(body));
  const prints = known.map((field) => `printf("%zu\\n", offsetof(struct ${struct}, ${field}));`);
  const source = `
    #include <stddef.h>
    #include <stdio.h>
    #include <${header}>
    int main(void) { ${prints.join(' ')} return 0; }`;
  const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-struct-'));
  try {
    const program = join(folder, 'offsets');
    run('cc', ['-x', 'c', '-o', program, '-'], source);
    const numbers = run(program, []).trim().split('\n').map(Number);
    return Object.fromEntries(known.map((field, index) => [field, numbers[index]!]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const noCompiler = spawnSync('cc', ['--version']).status === 0 ? undefined : ' (skipped: no C compiler)';

describe.skipIf(noCompiler)(`the layout is that of the C compiler${noCompiler ?? ''}`, () => {
  test.each([
    ['linux/tcp.h', 'tcp_info', 'tcpi_', tcpInfo(), 40],
    ['linux/mptcp.h', 'mptcp_info', 'mptcpi_', mptcpInfo(), 10],
  ] as const)('%s: struct %s', (header, struct, prefix, layout, least) => {
    const names = new Map<string, string>(
      Object.keys(layout.offsets).map((name) => {
        const words = name.replaceAll(/E(?=[01]Bytes)|[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        return [`${prefix}${words}`, name] as const;
      }),
    );
    const inC = offsetsInC(header, struct, [...names.keys()]);
    expect(Object.keys(inC).length).toBeGreaterThan(least);
    const ours = Object.fromEntries(
      Object.keys(inC).map((field) => [
        field,
        (layout.offsets as unknown as Record<string, number>)[names.get(field)!],
      ]),
    );
    expect(ours).toEqual(inC);
  });
});

test('the sizes of the newest kernels', () => {
  expect(tcpInfo().size).toBe(280);
  expect(mptcpInfo().size).toBe(96);
});

test('fields are aligned, and written where they are read', () => {
  const layout = new Struct({ a: u8, b: u16, c: u8, d: u32, e: u8, f: u64, g: u8 });
  expect(layout.offsets).toEqual({ a: 0, b: 2, c: 4, d: 8, e: 12, f: 16, g: 24 });
  expect(layout.size).toBe(32);
  const values = { a: 1, b: 2, c: 3, d: 0xfedcba98, e: 5, f: 2n ** 63n + 1n, g: 7 };
  expect(layout.read(layout.write(values))).toEqual(values);
});

test('parts of a byte', () => {
  const layout = new Struct({
    low: bits(0, 4),
    high: bits(4, 4, true),
    one: bits(0, 1),
    two: bits(1, 2, true),
    next: u8,
  });
  expect(layout.offsets).toEqual({ low: 0, high: 0, one: 1, two: 1, next: 2 });
  const bytes = endianness() === 'LE' ? [0xa7, 0b101, 9] : [0x7a, 0b11000000, 9];
  const { low, high, one, two, next } = layout.read(Uint8Array.from(bytes));
  expect([low, high, one, two, next]).toEqual([7, 10, 1, 2, 9]);
});

test('an older kernel gives fewer bytes: what it does not know is undefined, and not zero', () => {
  const layout = new Struct({ a: u32, b: later(u32), c: later(u64) });
  const bytes = layout.write({ a: 1, b: 2, c: 3n });
  expect(layout.read(bytes.subarray(0, 4))).toEqual({ a: 1 });
  expect(layout.read(bytes.subarray(0, 15))).toEqual({ a: 1, b: 2 });
  // struct tcp_info of Linux 4.18, and one that ends in the middle of a field.
  expect(Object.keys(tcpInfo().read(Buffer.alloc(200))).at(-1)).toBe('deliveredCe');
  expect(Object.keys(tcpInfo().read(Buffer.alloc(207))).at(-1)).toBe('deliveredCe');
  expect(Object.keys(tcpInfo().read(Buffer.alloc(280)))).toHaveLength(Object.keys(tcpInfo().offsets).length);
  // A newer one gives more than there is a name for.
  expect(tcpInfo().read(Buffer.alloc(500))).toEqual(tcpInfo().read(Buffer.alloc(280)));
});
