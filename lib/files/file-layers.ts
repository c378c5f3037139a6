/**
 * The three layers of a file object, as Python's `io` has them: raw calls, a buffer around them, text around that. Each
 * call is written once, as steps that the two drivers run (lib/files/wire.ts).
 */

import { EAGAIN } from '../constants.generated.ts';
import { osError, wouldBlock } from '../errors.ts';
import * as receiving from '../receiving.ts';
import * as sending from '../sending.ts';
import { ByteStore } from './byte-store.ts';
import type { Decoder, Encoder } from './codec.ts';
import { characters, type LineEnd, TextStore } from './text-store.ts';
import type { Steps, Wire } from './wire.ts';

const NOTHING = Buffer.alloc(0);
const NEWLINE = 10;

type View = NodeJS.ArrayBufferView;

export const bytesOf = (view: View) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** What all layers have. Sizes and limits below 0 say that there is none; null says that nothing is there yet. */
export interface Layer<T> {
  read(size: number): Steps<T | null>;
  readline(limit: number): Steps<T>;
  write(data: T): Steps<number | null>;
  flush(): Steps<void>;
}

/** All lines, until there are more than `hint` characters or bytes of them. */
export function* readlines<T extends Buffer | string>(layer: Layer<T>, hint: number): Steps<T[]> {
  const lines: T[] = [];
  for (let size = 0; hint <= 0 || size <= hint; ) {
    const line = yield* layer.readline(-1);
    if (line.length === 0) break;
    lines.push(line);
    size += line.length;
  }
  return lines;
}

/** One after the other. */
export function* writelines<T, L>(layer: Layer<T>, lines: Iterable<L>, dataOf: (line: L) => T): Steps<void> {
  for (const line of lines) yield* layer.write(dataOf(line));
}

/** Each call is one receive or one send. */
export class RawLayer implements Layer<Buffer> {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  *readinto(view: View): Steps<number | null> {
    const size = Math.min(view.byteLength, 0x7fffffff);
    return (yield receiving.recvInto(this.#wire.endpoint, view, size, 0)) as number | null;
  }

  *read(size: number): Steps<Buffer | null> {
    if (size < 0) return yield* this.readall();
    return (yield receiving.recv(this.#wire.endpoint, size, 0)) as Buffer | null;
  }

  *readall(): Steps<Buffer | null> {
    // What an error or the end of a wait leaves behind has nowhere to stay: there is no buffer.
    const all = new ByteStore(65536);
    for (;;) {
      const count = (yield receiving.fill(this.#wire.endpoint, all, 2 * all.length)) as number | null;
      if (count === null && all.length === 0) return null;
      if (!count) return all.take(all.length);
    }
  }

  /** Byte by byte, since nothing may be read beyond the line. */
  *readline(limit: number): Steps<Buffer> {
    const line: number[] = [];
    while (limit < 0 || line.length < limit) {
      const byte = yield* this.read(1);
      if (byte === null && line.length === 0) throw osError(EAGAIN, 'recv');
      if (!byte?.length) break;
      line.push(byte[0]!);
      if (byte[0] === NEWLINE) break;
    }
    return Buffer.from(line);
  }

  *write(data: View): Steps<number | null> {
    return (yield sending.send(this.#wire.endpoint, data, 0)) as number | null;
  }

  *flush(): Steps<void> {}
}

/** Reads ahead, and holds back what is written. */
export class BufferedLayer implements Layer<Buffer> {
  readonly #wire: Wire;
  readonly #size: number;
  readonly #lineBuffered: boolean;
  readonly #received: ByteStore;
  readonly #unsent: ByteStore;

  constructor(wire: Wire, size: number, lineBuffered: boolean) {
    this.#wire = wire;
    this.#size = size;
    this.#lineBuffered = lineBuffered;
    this.#received = new ByteStore(size);
    this.#unsent = new ByteStore(size);
    wire.unsent = this.#unsent;
  }

  /** One receive; the buffer is to hold `total` bytes. Returns how many came, 0 at the end. */
  *#fill(total: number): Steps<number | null> {
    return (yield receiving.fill(this.#wire.endpoint, this.#received, total)) as number | null;
  }

  *read(size: number): Steps<Buffer | null> {
    const received = this.#received;
    while (size < 0 || received.length < size) {
      const count = yield* this.#fill(size < 0 ? 2 * received.length : size);
      if (count === null && received.length === 0) return null;
      if (!count) return received.take(received.length);
    }
    return received.take(size);
  }

  /** At most one receive, and none where there are bytes already. */
  *read1(size: number): Steps<Buffer> {
    const received = this.#received;
    if (received.length === 0 && size !== 0) yield* this.#fill(1);
    return received.take(Math.min(size < 0 ? this.#size : size, received.length));
  }

  *readinto(view: View, once: boolean): Steps<number | null> {
    const into = bytesOf(view);
    const data = once ? yield* this.read1(into.length) : yield* this.read(into.length);
    if (data === null) return null;
    // The memory may have shrunk or moved away meanwhile: then there is nowhere to put the bytes.
    bytesOf(view).set(data);
    return data.length;
  }

  /** What can be read without waiting; where that is nothing, what one receive brings. */
  *peek(): Steps<Buffer> {
    if (this.#received.length === 0) yield* this.#fill(1);
    return Buffer.from(this.#received.view());
  }

  *readline(limit: number): Steps<Buffer> {
    const received = this.#received;
    if (limit === 0) return NOTHING;
    for (;;) {
      const end = received.lineEnd(limit);
      if (end > 0) return received.take(end);
      // Twice as much, so that a long line costs no more than its length.
      if (!(yield* this.#fill(2 * received.length))) return received.take(received.length);
    }
  }

  /** A view of all bytes that are there; of at least one, but at the end (`ended`) or where it may not wait. */
  *chunk(): Steps<{ bytes: Buffer; ended: boolean }> {
    const received = this.#received;
    const count = received.length > 0 ? received.length : yield* this.#fill(1);
    const bytes = received.view();
    received.skip(bytes.length);
    return { bytes, ended: count === 0 };
  }

  /** Sends what has been held back. Returns false where it would have to wait and may not. */
  *#drain(): Steps<boolean> {
    while (this.#unsent.length > 0) {
      if ((yield sending.drain(this.#wire.endpoint, this.#unsent)) === null) return false;
    }
    return true;
  }

  *flush(): Steps<void> {
    if (!(yield* this.#drain())) throw wouldBlock(0);
  }

  *write(data: View): Steps<number> {
    const bytes = bytesOf(data);
    const unsent = this.#unsent;
    let taken = 0;
    if (unsent.length + bytes.length > this.#size) {
      let waits = !(yield* this.#drain());
      // What does not fit is sent as it is.
      while (!waits && bytes.length - taken > this.#size) {
        const rest = bytes.subarray(taken);
        const count = (yield sending.send(this.#wire.endpoint, rest, 0)) as number | null;
        if (count === null) waits = true;
        else taken += count;
      }
    }
    taken += unsent.push(bytes.subarray(taken));
    if (taken < bytes.length) throw wouldBlock(taken);
    if (this.#lineBuffered && bytes.includes(NEWLINE)) yield* this.flush();
    return taken;
  }
}

export interface TextForm {
  readonly decoder: Decoder;
  readonly encoder: Encoder | undefined;
  /** Where lines end when they are read. */
  readonly readEnd: LineEnd;
  /** What `\n` is written as. */
  readonly writeEnd: string;
}

/** Text, with its line ends translated. */
export class TextLayer implements Layer<string> {
  readonly #buffer: BufferedLayer;
  readonly #form: TextForm;
  readonly #store: TextStore;

  constructor(buffer: BufferedLayer, form: TextForm) {
    this.#buffer = buffer;
    this.#form = form;
    this.#store = new TextStore(form.readEnd);
  }

  /** One receive at the most. Returns 'more', 'end' or 'nothing' where it would have to wait and may not. */
  *#fill(): Steps<'more' | 'end' | 'nothing'> {
    const { bytes, ended } = yield* this.#buffer.chunk();
    const text = this.#form.decoder.decode(bytes, ended);
    if (text !== '') this.#store.push(text);
    if (ended) return text === '' ? 'end' : 'more';
    return bytes.length === 0 ? 'nothing' : 'more';
  }

  *read(size: number): Steps<string> {
    while (size < 0 || this.#store.count < size) {
      const outcome = yield* this.#fill();
      if (outcome === 'more') continue;
      // Nothing would look like the end.
      if (outcome === 'nothing' && size < 0 && this.#store.empty) throw osError(EAGAIN, 'recv');
      return this.#store.takeAll();
    }
    return this.#store.take(size);
  }

  *readline(limit: number): Steps<string> {
    if (limit === 0) return '';
    for (;;) {
      const line = this.#store.takeLine(limit);
      if (line !== undefined) return line;
      if ((yield* this.#fill()) !== 'more') return this.#store.takeAll();
    }
  }

  *write(text: string): Steps<number> {
    const { encoder, writeEnd } = this.#form;
    const translated = writeEnd === '\n' ? text : text.replaceAll('\n', writeEnd);
    yield* this.#buffer.write(encoder!(translated));
    return characters(text);
  }

  flush(): Steps<void> {
    return this.#buffer.flush();
  }
}
