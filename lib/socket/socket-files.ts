/** The calls of a socket that have to do with files: `makefile` and `sendfile`. */
import type { AsyncOptions } from '../abort.ts';
import { SOCK_STREAM } from '../constants.generated.ts';
import { runAsync } from '../drive-async.ts';
import { runSync } from '../drive-sync.ts';
import { kEndpoint } from '../endpoint.ts';
import { decoderOf, encoderOf, universalNewlines } from '../files/codec.ts';
import type { TextForm } from '../files/file-layers.ts';
import { type FileSource, Source } from '../files/file-source.ts';
import { FileSending } from '../files/sending-files.ts';
import { BufferedFile, SocketIO, TextFile } from '../files/socket-io.ts';
import { describe, integer, outOfRange, textOf, wrongKind } from '../validate.ts';
import { SocketBatches } from './socket-batches.ts';

const DEFAULT_BUFFER_SIZE = 8192;
const LARGEST_BUFFER = 0x7fffffff;

/** How a file object of `makefile` works. */
export interface FileOptions {
  /** Bytes of the buffer; -1 or null for 8192; 0 for none, in binary mode only; 1 for 8192 and a flush after each line. */
  buffering?: number | null;
  /** Of text: one that TextDecoder knows; 'utf-8' if left out or null. */
  encoding?: string | null;
  /** What to do with what cannot be decoded or encoded: 'strict' fails, 'replace' replaces it. */
  errors?: 'strict' | 'replace' | null;
  /**
   * Line ends of text. null: all become `\n` when read. '': all end lines and stay as they are. '\n', '\r', '\r\n': this one
   * ends lines, and `\n` is written as it.
   */
  newline?: '' | '\n' | '\r' | '\r\n' | null;
}

type TextMode = 'r' | 'w' | 'rw' | 'wr';
type BinaryMode = 'rb' | 'br' | 'wb' | 'bw' | 'rwb' | 'rbw' | 'wrb' | 'wbr' | 'brw' | 'bwr' | 'b';

const LINE_ENDS = new Set(['', '\n', '\r', '\r\n']);

/** The form of text that the options ask for. */
function textForm(options: FileOptions, writes: boolean): [TextForm, string, 'strict' | 'replace'] {
  const encoding = textOf('makefile', 'encoding', options.encoding ?? 'utf-8', 'a string');
  const errors = options.errors ?? 'strict';
  if (errors !== 'strict' && errors !== 'replace')
    throw outOfRange('makefile', 'errors', "'strict' or 'replace'", errors);
  const newline = options.newline ?? null;
  if (newline !== null && typeof newline !== 'string')
    throw wrongKind('makefile', 'newline', 'a string or null', newline);
  if (newline !== null && !LINE_ENDS.has(newline))
    throw outOfRange('makefile', 'newline', 'null, an empty string, \\n, \\r or \\r\\n', newline);
  const strict = errors === 'strict';
  const decoder = decoderOf('makefile', encoding, strict);
  return [
    {
      decoder: newline ? decoder : universalNewlines(decoder, newline === null),
      encoder: writes ? encoderOf('makefile', encoding, strict) : undefined,
      readEnd: newline === null ? '\n' : newline === '' ? null : newline,
      writeEnd: newline || '\n',
    },
    encoding,
    errors,
  ];
}

/** A `SocketBatches` that can be used as a file, and sends files. */
export class SocketFiles<F extends number = number> extends SocketBatches<F> {
  /**
   * A file object over the socket. It keeps the descriptor open: `close` of the socket takes effect once all its file
   * objects are closed.
   *
   * @param mode of the letters r, w and b: for reading ('r', or none of both), for writing, of bytes instead of text
   * @param buffering as in {@link FileOptions}; it may stand in either place
   * @throws {RangeError} a wrong mode, size, encoding and so on
   */
  makefile(mode: BinaryMode, buffering: 0, options?: FileOptions): SocketIO;
  makefile(mode: BinaryMode, options: FileOptions & { buffering: 0 }): SocketIO;
  makefile(mode: BinaryMode, buffering?: number | null, options?: FileOptions): BufferedFile;
  makefile(mode: BinaryMode, options: FileOptions): BufferedFile;
  makefile(mode?: TextMode, buffering?: number | null, options?: FileOptions): TextFile;
  makefile(mode: TextMode, options: FileOptions): TextFile;
  makefile(
    mode: string,
    buffering?: number | FileOptions | null,
    options?: FileOptions,
  ): SocketIO | BufferedFile | TextFile;
  makefile(
    mode = 'r',
    buffering: number | FileOptions | null = null,
    options?: FileOptions,
  ): SocketIO | BufferedFile | TextFile {
    if (typeof mode !== 'string') throw wrongKind('makefile', 'mode', 'a string', mode);
    if (!/^[rwb]*$/.test(mode)) throw outOfRange('makefile', 'mode', 'of the letters r, w and b', mode);
    const given = typeof buffering === 'object' && options === undefined ? buffering : options;
    if (given !== undefined && (typeof given !== 'object' || Array.isArray(given)))
      throw wrongKind('makefile', 'options', '{ buffering?, encoding?, errors?, newline? }', given);
    const all = given ?? {};
    const wanted = (typeof buffering === 'object' ? all.buffering : buffering) ?? -1;
    const size = Math.max(-1, integer('makefile', 'buffering', wanted, -LARGEST_BUFFER, LARGEST_BUFFER));
    const writes = mode.includes('w');
    const reads = mode.includes('r') || !writes;
    const binary = mode.includes('b');
    if (size === 0 && !binary)
      throw outOfRange('makefile', 'buffering', 'other than 0 (unbuffered streams must be binary)', size);
    const form = binary ? undefined : textForm(all, writes);

    // Nothing can fail from here on, so that no file object stays behind.
    const raw = new SocketIO(this, `${reads ? 'r' : ''}${writes ? 'w' : ''}`);
    if (size === 0) return raw;
    const buffer = new BufferedFile(raw, size > 1 ? size : DEFAULT_BUFFER_SIZE, size === 1);
    if (form === undefined) return buffer;
    const [textual, encoding, errors] = form;
    return new TextFile(buffer, mode, encoding, errors, textual);
  }

  /**
   * Sends a file, to its end or `count` bytes of it: sendfile(2), or read(2) and send(2) for what that does not take. A
   * descriptor or `FileHandle` is positioned behind what has been sent, also after an error.
   *
   * @param file a path, a descriptor, or a `FileHandle`
   * @param offset where to begin, in bytes; null for the position that the file has
   * @param count how many bytes; null for all until the end of the file
   * @returns how many bytes were sent
   * @throws {RangeError} the socket is no stream, or is non-blocking; `count` is 0
   */
  sendfile(file: FileSource, offset: number | null = 0, count: number | null = null): number {
    const endpoint = this[kEndpoint];
    if (endpoint.timeout === 0)
      throw outOfRange('sendfile', 'the timeout', 'other than 0 (non-blocking sockets are not supported)', 0);
    const { source, sending } = this.#sendfile(file, offset, count);
    try {
      return runSync(endpoint, sending);
    } finally {
      source.end(sending.sent);
    }
  }

  /** {@link sendfile} on the event loop, on a non-blocking socket too. The file is opened and read on this thread. */
  async sendfileAsync(
    file: FileSource,
    offset: number | null = 0,
    count: number | null = null,
    options?: AsyncOptions,
  ): Promise<number> {
    const { source, sending } = this.#sendfile(file, offset, count);
    try {
      return await runAsync(this[kEndpoint], this, () => sending, options);
    } finally {
      source.end(sending.sent);
    }
  }

  #sendfile(file: FileSource, offset: number | null, count: number | null) {
    const endpoint = this[kEndpoint];
    if (endpoint.type !== SOCK_STREAM)
      throw new RangeError('sendfile(): only SOCK_STREAM type sockets are supported');
    const from = offset === null ? null : integer('sendfile', 'offset', offset, 0, Number.MAX_SAFE_INTEGER);
    const most = count === null ? Number.POSITIVE_INFINITY : positive(count);
    const source = new Source('sendfile', file, from);
    return { source, sending: new FileSending(endpoint, source, most) };
  }
}

function positive(count: unknown): number {
  if (typeof count !== 'number') throw wrongKind('sendfile', 'count', 'a positive integer', count);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`sendfile(): count must be a positive integer, not ${describe(count)}`);
  return count;
}
