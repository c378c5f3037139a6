/**
 * Decoded text that nobody has read yet. Characters are counted as in Python: one that JavaScript keeps in two halves is
 * one.
 */

/** How many characters a string has. */
export function characters(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at++) {
    const second = text.charCodeAt(at);
    if (second < 0xdc00 || second > 0xdfff) continue;
    const first = text.charCodeAt(at - 1);
    if (first >= 0xd800 && first <= 0xdbff) count--;
  }
  return count;
}

/** Where in a string its first `count` characters end; its length where it has fewer. */
function after(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < text.length; left--) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return Math.min(at, text.length);
}

/** Where lines end: at one of these, or, for null, at any of them. */
export type LineEnd = '\n' | '\r' | '\r\n' | null;

export class TextStore {
  readonly #newline: LineEnd;
  // Text without a line end, before `#text`: joined once its line is complete, so that a long line costs no more than
  // its length.
  #pieces: string[] = [];
  #text = '';
  #at = 0;
  // How many characters there are; undefined until somebody asks.
  #count: number | undefined = 0;

  constructor(newline: LineEnd) {
    this.#newline = newline;
  }

  get empty(): boolean {
    return this.#at === this.#text.length && this.#pieces.length === 0;
  }

  /** How many characters there are. */
  get count(): number {
    if (this.#count === undefined) {
      this.#join();
      this.#count = characters(this.#text);
    }
    return this.#count;
  }

  push(text: string): void {
    if (this.#count !== undefined) this.#count += characters(text);
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
  }

  #join(): void {
    if (this.#pieces.length === 0 && this.#at === 0) return;
    this.#text = this.#pieces.join('') + this.#text.slice(this.#at);
    this.#pieces = [];
    this.#at = 0;
  }

  /** Takes all that there is. */
  takeAll(): string {
    this.#join();
    const text = this.#text;
    this.#text = '';
    this.#count = 0;
    return text;
  }

  /** Takes `count` characters, or all where there are fewer. */
  take(count: number): string {
    const before = this.count;
    this.#join();
    const end = after(this.#text, 0, count);
    this.#at = end;
    this.#count = Math.max(0, before - count);
    return this.#text.slice(0, end);
  }

  /** Takes the first line, or its first `limit` characters; undefined where neither is complete. */
  takeLine(limit: number): string | undefined {
    if (limit >= 0) {
      // The end may be half in a piece.
      this.#join();
      const most = after(this.#text, 0, limit);
      const end = this.#lineEnd();
      if (end > 0 && end <= most) return this.#takeTo(end);
      return this.count >= limit ? this.take(limit) : undefined;
    }
    const end = this.#lineEnd();
    if (end > 0) return this.#takeTo(end);
    this.#setAside();
    return undefined;
  }

  #lineEnd(): number {
    const text = this.#text;
    const newline = this.#newline;
    if (newline === null) {
      const ends = /\r\n?|\n/g;
      ends.lastIndex = this.#at;
      return ends.test(text) ? ends.lastIndex : 0;
    }
    const found = text.indexOf(newline, this.#at);
    return found < 0 ? 0 : found + newline.length;
  }

  #takeTo(end: number): string {
    const line = this.#text.slice(this.#at, end);
    this.#at = end;
    const whole = this.#pieces.length === 0 ? line : this.#pieces.join('') + line;
    this.#pieces = [];
    this.#count = this.#at === this.#text.length ? 0 : undefined;
    return whole;
  }

  /** No line ends in the text: it need not be looked at again. */
  #setAside(): void {
    // Its last character may be the first half of a line end.
    const half = this.#newline === '\r\n' && this.#text.endsWith('\r') ? 1 : 0;
    const end = this.#text.length - half;
    if (end > this.#at) this.#pieces.push(this.#text.slice(this.#at, end));
    this.#at = Math.max(this.#at, end);
  }
}
