/** A socket as a `node:stream` Duplex: `SocketDuplex` adds what `node:net` knows beside the stream. */
import { AF_UNIX, ENOTCONN, SHUT_WR } from '../constants.generated.ts';
import { kEndpoint } from '../endpoint.ts';
import { OSError, osError } from '../errors.ts';
import type { AddressInput } from '../family.ts';
import type { Socket } from '../socket/socket.ts';
import { wrongKind } from '../validate.ts';
import { LateDuplex } from './late-duplex.ts';
import { CHUNK, endHalf, handOver } from './stream-socket.ts';

/** Options of `toDuplex`. */
export interface DuplexOptions {
  /** Stay writable after the peer's end, until `end()` is called. False if left out, as in `node:net`. */
  allowHalfOpen?: boolean;
  /** In bytes, for both directions: how much is received ahead, and from how much on `write` returns false. 65536. */
  highWaterMark?: number;
  readableHighWaterMark?: number;
  writableHighWaterMark?: number;
  /** Aborting it destroys the stream. */
  signal?: AbortSignal;
}

// IOV_MAX of Linux: sendmsg(2) takes no more.
const MOST_PIECES = 1024;

type Callback = (error?: Error | null) => void;

/** Whether a socket waits to be connected. One whose connection has been reset has no peer either, but an end. */
function isFresh(socket: Socket): boolean {
  try {
    socket.getpeername();
    return false;
  } catch (error) {
    if (!(error instanceof OSError) || error.errno !== ENOTCONN) throw error;
    const endpoint = socket[kEndpoint];
    return !endpoint.connecting && !endpoint.hasEnded();
  }
}

/**
 * The peer's end is the end of the other direction, too, but not at once, as Duplex would have it: what runs over the
 * stream may have a last word. A TLSSocket answers the end with its close_notify, which node writes in the next turn of the
 * event loop, and then ends the stream itself.
 */
function endLater(this: SocketStream): void {
  if (!this.writable) return;
  // Duplex looks at it as soon as the listeners are done.
  this.allowHalfOpen = true;
  const end = () => {
    this.allowHalfOpen = false;
    if (this.writable) this.end();
  };
  setImmediate(() => setImmediate(end));
}

export class SocketStream extends LateDuplex {
  /** The socket under the stream, which closes it. */
  readonly socket: Socket;
  /** Whether `connect` is at work. */
  connecting = false;
  /** How many bytes have been received. */
  bytesRead = 0;
  #fresh: boolean;
  #sent = 0;

  constructor(socket: Socket, options: DuplexOptions = {}) {
    if (typeof options !== 'object' || options === null)
      throw wrongKind('toDuplex', 'options', 'an object', options);
    const { allowHalfOpen = false, highWaterMark = CHUNK, signal } = options;
    handOver('toDuplex', socket);
    super({
      allowHalfOpen: Boolean(allowHalfOpen),
      readableHighWaterMark: options.readableHighWaterMark ?? highWaterMark,
      writableHighWaterMark: options.writableHighWaterMark ?? highWaterMark,
      // _destroy does, and says more.
      emitClose: false,
      ...(signal === undefined ? {} : { signal }),
    });
    this.socket = socket;
    this.#fresh = isFresh(socket);
    if (!this.allowHalfOpen) this.once('end', endLater);
  }

  /** Whether the socket has no connection yet. */
  get pending(): boolean {
    return this.#fresh;
  }

  /** How many bytes have been written, those included that are still to be sent. */
  get bytesWritten(): number {
    return this.#sent + this.writableLength;
  }

  /**
   * Connects the socket, as `net.Socket` does: `connect(port[, host])`, `connect(path)` for a Unix socket, or an object
   * `{ port, host }` or `{ path }`. Emits 'connect' and 'ready', or destroys the stream with the error.
   *
   * @param listener for 'connect'
   * @throws {Error} ERR_STREAM_DESTROYED: there is no socket any more. (A `net.Socket` would make another one.)
   */
  connect(options: { port?: number | string; host?: string; path?: string }, listener?: () => void): this;
  connect(port: number | string, host?: string, listener?: () => void): this;
  connect(where: number | string, listener?: () => void): this;
  connect(...args: unknown[]): this {
    if (this.destroyed) {
      const error = new Error('connect(): the stream has been destroyed, and its socket is closed');
      throw Object.assign(error, { code: 'ERR_STREAM_DESTROYED' });
    }
    const listener = args.findLast((arg) => typeof arg === 'function');
    if (listener !== undefined) this.once('connect', listener as () => void);
    const [target, host] = args;
    const {
      path,
      port,
      host: name = 'localhost',
    } = (
      typeof target === 'object' && target !== null
        ? target
        : { path: target, port: target, host: typeof host === 'string' ? host : undefined }
    ) as Record<string, unknown>;
    const address = this.socket.family === AF_UNIX ? path : [name, Number(port)];
    this.connecting = true;
    this.#fresh = true;
    this.socket.connectAsync(address as AddressInput).then(
      () => process.nextTick(() => this.#connected()),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  #connected(): void {
    if (this.destroyed) return;
    this.connecting = false;
    this.#fresh = false;
    this.active();
    this.emit('connect');
    this.emit('ready');
  }

  /** Acts at once, or, on a socket that waits to be connected, as soon as it is; `ended` is told that it never will. */
  #whenConnected(action: () => void, ended: Callback): void {
    if (!this.#fresh) {
      action();
      return;
    }
    const connect = () => {
      this.off('close', close);
      action();
    };
    const close = () => {
      this.off('connect', connect);
      ended(osError(ENOTCONN, 'send'));
    };
    this.once('connect', connect).once('close', close);
  }

  /** Something has moved. */
  protected active(): void {}

  override _read(): void {
    // Called by read(), which may take something out of a full buffer right after.
    const receive = () => {
      if (this.#room() > 0 || this.readableHighWaterMark === 0) this.#receive();
      else process.nextTick(() => this.#receive());
    };
    this.#whenConnected(receive, () => {});
  }

  /** What has been received and not been taken yet counts: there is never more of it than the high-water mark. */
  #room(): number {
    return this.readableHighWaterMark - this.readableLength;
  }

  #receive(): void {
    if (this.destroyed) return;
    // A mark of 0 receives when somebody reads, and any size will do then.
    const size = this.readableHighWaterMark === 0 ? CHUNK : Math.max(1, this.#room());
    this.socket.recvAsync(Math.min(size, CHUNK)).then(
      // In a turn of its own: what a listener throws is an uncaught exception and no rejection.
      (data) => process.nextTick(() => this.#received(data)),
      (error: Error) => this.destroy(error),
    );
  }

  #received(data: Buffer): void {
    if (this.destroyed) return;
    this.bytesRead += data.length;
    this.active();
    try {
      this.push(data.length === 0 ? null : data);
    } catch (error) {
      // A listener's. The stream goes on, as push() would have made it do after the listener.
      process.nextTick(() => this.read(0));
      throw error;
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this._writev([{ chunk }], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    const pieces = chunks.map(({ chunk }) => chunk).filter(({ length }) => length > 0);
    const total = pieces.reduce((sum, { length }) => sum + length, 0);
    const done: Callback = (error) => {
      if (!error) this.#sent += total;
      callback(error);
    };
    this.#whenConnected(() => this.#send(pieces, 0, done), done);
  }

  /**
   * Sends the pieces from the one of that index on, as many in a call as it takes, and takes note of each part that is
   * gone, for those who watch for inactivity.
   */
  #send(pieces: Buffer[], first: number, callback: Callback): void {
    this.active();
    if (first === pieces.length) {
      callback();
      return;
    }
    const one = first === pieces.length - 1;
    const sent = one
      ? this.socket.sendAsync(pieces[first]!)
      : this.socket.sendmsgAsync(pieces.slice(first, first + MOST_PIECES));
    sent.then(
      (count) => process.nextTick(() => this.#send(pieces, this.#advance(pieces, first, count), callback)),
      (error: Error) => callback(error),
    );
  }

  /** Takes so many bytes off the pieces. Returns the index of the first one that is left. */
  #advance(pieces: Buffer[], first: number, count: number): number {
    let [index, rest] = [first, count];
    while (rest > 0 && rest >= pieces[index]!.length) rest -= pieces[index++]!.length;
    if (rest > 0) pieces[index] = pieces[index]!.subarray(rest);
    return index;
  }

  override _final(callback: Callback): void {
    if (this.connecting) {
      this.#whenConnected(() => this._final(callback), callback);
      return;
    }
    try {
      endHalf(this.socket, SHUT_WR);
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.connecting = false;
    let failure = error;
    try {
      this.socket.close();
    } catch (closing) {
      failure ??= closing as Error;
    }
    callback(failure);
    // Behind 'error', as in `node:net`, which says whether there was one.
    process.nextTick(() => this.emit('close', failure !== null));
  }
}
