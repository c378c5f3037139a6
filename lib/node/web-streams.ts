/** A socket as a pair of Web Streams. */
import type {
  ReadableStream,
  UnderlyingByteSource,
  WritableStream,
  WritableStreamDefaultController,
} from 'node:stream/web';
import { type Bytes, readable as bytesOf } from '../buffers.ts';
import { builtins } from '../builtins.ts';
import { SHUT_RD, SHUT_WR } from '../constants.generated.ts';
import type { Socket } from '../socket/socket.ts';
import { integer, wrongKind } from '../validate.ts';
import { CHUNK, endHalf, handOver } from './stream-socket.ts';

/** What `toWeb` returns. */
export interface SocketStreams {
  /** A byte stream: it has BYOB readers beside the default ones. */
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Bytes>;
}

/** Options of `toWeb`. */
export interface WebOptions {
  /** How many bytes are received before somebody reads. 0 if left out: nothing is received that nobody asked for. */
  readableHighWaterMark?: number;
  /** From how many bytes on `writer.ready` waits. 65536 if left out. */
  writableHighWaterMark?: number;
}

// The types of Node know less of the controllers than Node itself.
interface ByteController {
  readonly byobRequest: { readonly view: Uint8Array | null; respond(count: number): void } | null;
  readonly desiredSize: number | null;
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}
type Sink = WritableStreamDefaultController & { readonly signal: AbortSignal };

/** What was received, as memory of its own, which the stream hands on: the slab of small receives is shared. */
function owned(data: Buffer): Uint8Array {
  return data.byteLength === data.buffer.byteLength ? data : new Uint8Array(data);
}

/** How much a chunk counts. What is no bytes counts nothing: to write it fails, and that ends the other direction, too. */
function sizeOf(chunk: unknown): number {
  try {
    return bytesOf('write', 'chunk', chunk).byteLength;
  } catch {
    return 0;
  }
}

/** A high-water mark among the options of `toWeb`. */
function mark(name: string, value: unknown, fallback: number): number {
  return value === undefined ? fallback : integer('toWeb', name, value, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Makes the two streams. The socket is closed when both directions are over, and as soon as one fails; then the other
 * fails too.
 */
export function toWeb(socket: Socket, options: WebOptions = {}): SocketStreams {
  if (typeof options !== 'object' || options === null)
    throw wrongKind('toWeb', 'options', 'an object', options);
  const ahead = mark('readableHighWaterMark', options.readableHighWaterMark, 0);
  const behind = mark('writableHighWaterMark', options.writableHighWaterMark, CHUNK);
  handOver('toWeb', socket);

  const { ReadableStream, WritableStream } = builtins.webStreams;
  let source: ByteController;
  let sink: Sink;
  const cancelled = new AbortController();
  let directions = 2;

  const over = () => {
    if (--directions === 0) socket.close();
  };
  const fail = (reason: unknown) => {
    source.error(reason);
    sink.error(reason);
    socket.close();
  };

  /** Receives once, straight into the reader's memory where it has brought some. */
  const receive = async () => {
    const { signal } = cancelled;
    const { byobRequest } = source;
    if (byobRequest?.view) {
      const count = await socket.recvIntoAsync(byobRequest.view, 0, 0, { signal });
      if (count > 0) byobRequest.respond(count);
      return count;
    }
    // Never more than is missing to the high-water mark; without one somebody reads, and any size will do.
    const data = await socket.recvAsync(Math.min(source.desiredSize || CHUNK, CHUNK), 0, { signal });
    // The stream takes the memory away, and with it the length.
    const count = data.length;
    if (count > 0) source.enqueue(owned(data));
    return count;
  };

  const readable = new ReadableStream<Uint8Array>(
    {
      type: 'bytes',
      start: (controller) => {
        source = controller as unknown as ByteController;
      },
      async pull() {
        try {
          if ((await receive()) > 0) return;
          source.close();
          source.byobRequest?.respond(0);
          over();
        } catch (error) {
          // Whoever has cancelled wants to hear of nothing any more.
          if (!cancelled.signal.aborted) fail(error);
        }
      },
      cancel() {
        cancelled.abort();
        endHalf(socket, SHUT_RD);
        over();
      },
    } satisfies UnderlyingByteSource as object,
    { highWaterMark: ahead },
  );

  const writable = new WritableStream<Bytes>(
    {
      start: (controller) => {
        sink = controller as Sink;
      },
      async write(chunk) {
        try {
          await socket.sendallAsync(bytesOf('write', 'chunk', chunk), 0, { signal: sink.signal });
        } catch (error) {
          if (!sink.signal.aborted) fail(error);
          throw error;
        }
      },
      close() {
        endHalf(socket, SHUT_WR);
        over();
      },
      // What has been written so far is no whole, so the connection ends with it.
      abort: fail,
    },
    { highWaterMark: behind, size: sizeOf },
  );

  return { readable, writable };
}
