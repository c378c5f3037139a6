/** docs/porting.md shows parts of the examples, which the tests run: what it shows is what stands there. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const page = read('docs/porting.md');
const parts = [...page.matchAll(/^<!-- (\S+) -->\n```\w+\n(.*?)^```$/gms)].map(
  ([, file, code]) => [file!, code!] as const,
);

describe('docs/porting.md', () => {
  test('every program is there in both languages, part by part', () => {
    const blocks = page.match(/^```\w+$/gm)!;
    expect(parts.length).toBe(blocks.length);
    const names = (ending: string) =>
      parts.filter(([file]) => file.endsWith(ending)).map(([file]) => file.replace(/^.*\/|\.\w+$/g, ''));
    expect(names('.ts')).toEqual(names('.py'));
    expect(new Set(names('.ts')).size).toBe(3);
  });

  test.each(parts)('%s has this part', (file, code) => {
    expect(read(file)).toContain(code);
  });
});
