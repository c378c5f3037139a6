/** `input` of the examples against Python's, from all kinds of standard input. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compiled, folder, LANGUAGES, type Language, Program, python, pythonEnv, test } from './programs.ts';

/** Programs that print the lines that they are given. */
const programs: Record<Language, string> = {
  TypeScript: `
import { input } from ${JSON.stringify(join(compiled, 'input.js'))};
try {
  while (true) console.log(JSON.stringify(input('> ')));
} catch (error) {
  console.log(\`\${error.name}: \${error.message}\`);
}`,
  Python: `
import json
try:
    while True:
        print(json.dumps(input('> '), ensure_ascii=False))
except EOFError as error:
    print(f"EOFError: {error}")`,
};

function command(language: Language): [file: string, ...args: string[]] {
  return language === 'TypeScript'
    ? [process.execPath, '--input-type=module', '-e', programs.TypeScript]
    : [python!, '-c', programs.Python];
}

// Three bytes a character: a read of any power of two ends within one.
const long = '€'.repeat(50_000);

const inputs: [name: string, text: string, lines: string[]][] = [
  ['nothing', '', []],
  ['an empty line', '\n', ['']],
  ['a line', 'one\n', ['one']],
  ['a line without a newline', 'one', ['one']],
  ['three lines at once', 'one\n\nthree\n', ['one', '', 'three']],
  ["Windows' newlines", 'one\r\n\r\n', ['one\\r', '\\r']],
  ['long lines', `${long}\n${long}\n`, [long, long]],
];

describe.each(LANGUAGES)('in %s', (language) => {
  const [file, ...args] = command(language);
  const options = language === 'Python' ? { env: pythonEnv() } : {};

  for (const [name, text, lines] of inputs) {
    const prompted = lines.map((line) => `> "${line}"\n`).join('');
    const printed = `${prompted}> EOFError: EOF when reading a line\n`;

    test(`${name} from a pipe`, [language], async () => {
      expect(await new Program(file, args, { ...options, stdin: text }).end()).toBe(printed);
    });

    test(`${name} from a file`, [language], async () => {
      const path = join(folder, 'input');
      writeFileSync(path, text);
      const stdin = openSync(path, 'r');
      const program = new Program(file, args, { ...options, stdin });
      closeSync(stdin);
      expect(await program.end()).toBe(printed);
    });
  }

  // Python is what opens the terminal.
  test('from a terminal', ['Python'], async () => {
    const inTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
os.write(terminal, b"one\\ntwo\\n\\x04")
while True:
    try:
        sys.stdout.buffer.write(os.read(terminal, 1024))
    except OSError:
        break
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
    const program = new Program(python!, ['-c', inTerminal, file, ...args], options);
    // Between them is what the terminal echoes; here Python's EOFError has no text.
    const lines = [...(await program.end()).matchAll(/^> (".*"|EOFError)/gm)].map(([, line]) => line);
    expect(lines).toEqual(['"one"', '"two"', 'EOFError']);
  });
});

/** A program that waits in input() with nothing to read yet. */
async function waiting(before: string): Promise<Program> {
  const binding = new URL('../../dist/binding.js', import.meta.url).href;
  const script = `
import { input } from ${JSON.stringify(join(compiled, 'input.js'))};
import { getNonblocking, setNonblocking } from ${JSON.stringify(binding)};
${before}
console.log('ready');
const { user, system } = process.cpuUsage();
try { console.log(input()); } catch (error) { console.log(error.name); }
const used = process.cpuUsage();
console.log(used.user - user + used.system - system < 100_000 ? 'slept' : 'span');`;
  const program = new Program(process.execPath, ['--input-type=module', '-e', script], { stdin: null });
  await program.until('stdout', /^ready\n/);
  return program;
}

describe('while there is nothing to read', () => {
  it.each([false, true])('waits without using the processor; O_NONBLOCK: %s', async (nonblocking) => {
    const program = await waiting(`setNonblocking(0, ${nonblocking});`);
    await sleep(300); // long enough for a busy wait to show
    program.child.stdin!.write('on');
    program.child.stdin!.end('e\n');
    expect(await program.end()).toBe('ready\none\nslept\n');
  });

  it('a signal with a listener interrupts', async () => {
    // It lives on, as a signal at its very end would find no listener any more.
    const program = await waiting(`process.on('SIGUSR2', () => {}); setInterval(() => {}, 1000);`);
    // Several, as one that comes before the wait has begun does not end it.
    const signals = setInterval(() => program.child.kill('SIGUSR2'), 20);
    try {
      await program.until('stdout', /^ready\nInterruptedError\nslept\n/);
    } finally {
      clearInterval(signals);
    }
  });
});
