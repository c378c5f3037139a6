/** The file objects that `makefile` makes: `SocketIO`, which buffers nothing, `BufferedFile` and `TextFile`. */
import type { AsyncOptions } from '../abort.ts';
import type { Bytes, WritableBytes } from '../buffers.ts';
import { writable as memory } from '../buffers.ts';
import { kEndpoint } from '../endpoint.ts';
import type { SocketHandle } from '../socket/socket-handle.ts';
import { outOfRange, wrongKind } from '../validate.ts';
import { BufferedLayer, RawLayer, type TextForm, TextLayer } from './file-layers.ts';
import { BinaryFile, FileObject, sizeOf } from './file-object.ts';
import { Wire } from './wire.ts';

/** @internal The key under which a file object keeps its layer, for the one above it. */
const kLayer = Symbol('layer');
/** @internal */
const kWire = Symbol('wire');

const MODES = new Set(['r', 'w', 'rw', 'rb', 'wb', 'rwb']);

/** A file object without a buffer: each call is one receive or one send. Python's `socket.SocketIO`. */
export class SocketIO extends BinaryFile {
  readonly mode: string;
  /** @internal */
  readonly [kLayer]: RawLayer;

  /**
   * @param sock a socket, which this keeps open until it is closed itself
   * @param mode 'r', 'w' or both, and 'b', which changes nothing
   */
  constructor(sock: SocketHandle, mode: string) {
    if (!MODES.has(mode)) throw outOfRange('SocketIO', 'mode', [...MODES].join(', '), mode);
    if (!(kEndpoint in Object(sock))) throw wrongKind('SocketIO', 'sock', 'a Socket', sock);
    const wire = new Wire(sock, mode.includes('r'), mode.includes('w'));
    const layer = new RawLayer(wire);
    super(wire, layer);
    this[kLayer] = layer;
    this.mode = mode.includes('b') ? mode : `${mode}b`;
  }

  /** @internal */
  get [kWire](): Wire {
    return this.wire;
  }

  /** @internal */
  protected override filling(view: NodeJS.ArrayBufferView) {
    return this[kLayer].readinto(view);
  }

  /** Reads until the end of the stream; on a non-blocking socket what is there, null where that is nothing. */
  readall(): Buffer | null {
    return this.read();
  }

  /** {@link readall} on the event loop. */
  readallAsync(options?: AsyncOptions): Promise<Buffer> {
    return this.readAsync(-1, options);
  }

  /**
   * Sends bytes, as the socket's `send` does.
   *
   * @returns how many of them; null where a non-blocking socket takes none
   */
  write(data: Bytes): number | null {
    return this.writing(data);
  }

  /** {@link write} on the event loop. The bytes must not change until it is done. */
  writeAsync(data: Bytes, options?: AsyncOptions): Promise<number> {
    return this.writingAsync(data, options);
  }
}

/** A binary file object with a buffer: Python's `BufferedReader`, `BufferedWriter` and `BufferedRWPair` in one. */
export class BufferedFile extends BinaryFile {
  /** The file object below. */
  readonly raw: SocketIO;
  /** @internal */
  readonly [kLayer]: BufferedLayer;

  /** @internal */
  constructor(raw: SocketIO, size: number, lineBuffered: boolean) {
    const layer = new BufferedLayer(raw[kWire], size, lineBuffered);
    super(raw[kWire], layer);
    this.raw = raw;
    this[kLayer] = layer;
  }

  get mode(): string {
    return this.raw.mode;
  }

  /** @internal */
  protected override filling(view: NodeJS.ArrayBufferView) {
    return this[kLayer].readinto(view, false);
  }

  /** Reads at most `size` bytes by at most one receive, none of them where some are in the buffer. */
  read1(size: number | null = -1): Buffer {
    return this.reading(this[kLayer].read1(sizeOf('read1', 'size', size)));
  }

  /** {@link read1} on the event loop. */
  read1Async(size: number | null = -1, options?: AsyncOptions): Promise<Buffer> {
    return this.readingAsync('read1', () => this[kLayer].read1(sizeOf('read1', 'size', size)), options);
  }

  /** As {@link read1}, into the caller's memory. Returns how many bytes. */
  readinto1(buffer: WritableBytes): number {
    return this.reading(this[kLayer].readinto(memory('readinto1', 'buffer', buffer), true))!;
  }

  /** {@link readinto1} on the event loop. */
  readinto1Async(buffer: WritableBytes, options?: AsyncOptions): Promise<number> {
    const steps = () => this[kLayer].readinto(memory('readinto1', 'buffer', buffer), true);
    return this.readingAsync('readinto1', steps, options) as Promise<number>;
  }

  /** The bytes in the buffer, which stay there; where there are none, those of one receive. */
  peek(size: number | null = 0): Buffer {
    sizeOf('peek', 'size', size);
    return this.reading(this[kLayer].peek());
  }

  /** {@link peek} on the event loop. */
  peekAsync(size: number | null = 0, options?: AsyncOptions): Promise<Buffer> {
    const steps = () => {
      sizeOf('peek', 'size', size);
      return this[kLayer].peek();
    };
    return this.readingAsync('peek', steps, options);
  }

  /**
   * Writes all of the bytes to the buffer, and sends what does not fit.
   *
   * @returns how many bytes were given
   * @throws {BlockingIOError} a non-blocking socket does not take them: `charactersWritten` says how many were taken
   */
  write(data: Bytes): number {
    return this.writing(data)!;
  }

  /** {@link write} on the event loop. The bytes must not change until it is done. */
  writeAsync(data: Bytes, options?: AsyncOptions): Promise<number> {
    return this.writingAsync(data, options);
  }
}

/** A file object that reads and writes text: Python's `TextIOWrapper`. Sizes are characters. */
export class TextFile extends FileObject<string, string> {
  /** The file object below. */
  readonly buffer: BufferedFile;
  readonly mode: string;
  readonly encoding: string;
  readonly errors: 'strict' | 'replace';

  /** @internal */
  constructor(
    buffer: BufferedFile,
    mode: string,
    encoding: string,
    errors: 'strict' | 'replace',
    form: TextForm,
  ) {
    super(buffer.raw[kWire], new TextLayer(buffer[kLayer], form));
    this.buffer = buffer;
    this.mode = mode;
    this.encoding = encoding;
    this.errors = errors;
  }

  /** @internal */
  protected override dataOf(caller: string, data: unknown): string {
    if (typeof data !== 'string') throw wrongKind(caller, 'text', 'a string', data);
    return data;
  }

  /**
   * Reads `size` characters, fewer only where the stream ends before. On a non-blocking socket what is there; nothing, or
   * where all was asked for `BlockingIOError`, where that is nothing.
   *
   * @param size -1 or null for all until the end
   */
  override read(size: number | null = -1): string {
    return super.read(size)!;
  }

  /** Writes text to the buffer. Returns how many characters it has. */
  write(text: string): number {
    return this.writing(text)!;
  }

  /** {@link write} on the event loop. */
  writeAsync(text: string, options?: AsyncOptions): Promise<number> {
    return this.writingAsync(text, options);
  }
}
