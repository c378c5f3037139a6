/** What the examples need beside the sockets; python/helpers.py is the same in Python, which has `repr` itself. */
import type { Socket } from 'bsd-socket';

/** The program's argument of that number; without one the fallback, whose type it has in either case. */
export function argument(index: number, fallback?: string): string;
export function argument(index: number, fallback: number): number;
export function argument(index: number, fallback: string | number = ''): string | number {
  const given = process.argv[index + 1];
  if (given === undefined) return fallback;
  return typeof fallback === 'number' ? Number(given) : given;
}

/** Says on stderr where a server listens, which only the kernel knows when it was given port 0. */
export function announce(server: Socket): void {
  const [host, port] = server.getsockname();
  process.stderr.write(`listening on ${host}:${port}\n`);
}

/** How Python prints bytes or an address: `b'\x00hello'`, `('127.0.0.1', 8001)`. */
export function repr(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(repr).join(', ')})`;
  if (Buffer.isBuffer(value)) return `b${quoted(value.toString('latin1'))}`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function quoted(bytes: string): string {
  const quote = bytes.includes("'") && !bytes.includes('"') ? '"' : "'";
  const escaped = bytes.replace(/[^ -[\]-~]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return ESCAPES[character] ?? `\\x${code}`;
  });
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote;
}
