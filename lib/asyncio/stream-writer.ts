/** `StreamWriter`: the sending side of a connection. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type AsyncOptions, signalOf } from '../abort.ts';
import { type Bytes, bytesOf, readable } from '../buffers.ts';
import { ConnectionResetError } from '../errors.ts';
import { items, wrongKind } from '../validate.ts';
import type { Transport } from './protocols.ts';
import { startTls } from './start-tls.ts';
import type { StreamProtocol } from './stream-protocol.ts';
import type { StreamReader } from './stream-reader.ts';
import { type SslOptions, type StartTlsOptions, upgradeTls } from './tls-settings.ts';

/** What a `StreamWriter` is made of. */
interface Connection {
  transport: Transport;
  protocol: StreamProtocol;
  reader: StreamReader;
}

/**
 * Writes to a connection. Python: `asyncio.StreamWriter`, whose coroutines keep their names here and return promises.
 *
 * `write` never waits: what the connection does not take at once is buffered. `await writer.drain()` after it, so that
 * the buffer does not grow without limit. Close the writer at the end, or let `await using` do it.
 */
export class StreamWriter {
  #transport: Transport;
  readonly #protocol: StreamProtocol;
  readonly #reader: StreamReader;

  /** @internal */
  constructor({ transport, protocol, reader }: Connection) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.#reader = reader;
    reader.companion = this;
    protocol.ownedBy(this);
  }

  /** The transport underneath. */
  get transport(): Transport {
    return this.#transport;
  }

  /**
   * Sends bytes, or buffers those that the connection does not take at once; text as UTF-8. The memory must not change
   * until it has been sent. After the connection has been lost they are dropped, and `drain` tells.
   *
   * @throws {Error} ERR_INVALID_STATE: after `writeEof`
   */
  write(data: Bytes): void {
    this.#transport.write(data instanceof Uint8Array ? data : bytesOf(readable('write', 'data', data)));
  }

  /** Sends several pieces of bytes as one, see {@link write}. */
  writelines(list: Iterable<Bytes>): void {
    if (typeof list === 'string' || ArrayBuffer.isView(list))
      throw wrongKind('writelines', 'list', 'an iterable of bytes', list);
    const pieces = items('writelines', 'list', list, 'an iterable of bytes');
    this.#transport.writelines(
      pieces.map((data) => bytesOf(readable('writelines', 'an item of list', data))),
    );
  }

  /** Ends the sending side when the buffer is empty: the peer reads the end of the stream. */
  writeEof(): void {
    this.#transport.writeEof();
  }

  /** Whether {@link writeEof} works: not with TLS. */
  canWriteEof(): boolean {
    return this.#transport.canWriteEof();
  }

  /**
   * Waits until the buffer has room: only where it has grown above the high-water mark, 64 KiB, and then until it is down
   * to the low-water mark, 16 KiB.
   *
   * @throws {Error} what ended the connection
   * @throws {ConnectionResetError} 'Connection lost': it had been closed
   */
  drain(options?: AsyncOptions): Promise<void> {
    const lost = this.#reader.incoming.exception !== null || this.#transport.isClosing();
    return options === undefined && !lost ? this.#protocol.drained() : this.#drain(options);
  }

  async #drain(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('drain', options);
    signal?.throwIfAborted();
    this.#reader.incoming.throwException();
    // Who writes and drains in a loop gets to know that the connection is over.
    if (this.#transport.isClosing()) await nextTurn();
    return this.#protocol.drained(signal);
  }

  /**
   * Encrypts the connection from now on. Nobody may read or write meanwhile. What the peer has sent and nobody has read
   * yet counts as its first encrypted bytes, as in Python since gh-142352.
   *
   * @param ssl as of `openConnection` on the side that has connected, as of `startServer` on the other
   * @throws {RangeError} without `serverHostname`, where the certificate is to be verified
   * @throws what node's TLS fails with. The connection is closed then
   */
  async startTls(ssl: true | SslOptions, options: StartTlsOptions & AsyncOptions = {}): Promise<void> {
    const caller = 'startTls';
    const signal = signalOf(caller, options);
    const settings = upgradeTls(caller, this.#protocol.serverSide, ssl, options);
    await this.#drain({ signal });
    const { incoming } = this.#reader;
    if (incoming.ended) {
      this.#transport.abort();
      const text = 'the peer has ended the connection before its TLS handshake';
      throw new ConnectionResetError(text, { code: 'ECONNRESET', syscall: 'handshake' });
    }
    const early = incoming.take(incoming.bytes.length);
    const transport = await startTls(this.#transport, this.#protocol, settings, early, signal);
    this.#transport = transport;
    this.#protocol.connectionMade(transport);
    transport.resumeReading();
  }

  /** Sends what is buffered, then closes the connection. Nothing is received any more. */
  close(): void {
    this.#transport.close();
  }

  /** Whether the connection is closed, or about to be. */
  isClosing(): boolean {
    return this.#transport.isClosing();
  }

  /** Waits until the connection is closed. Rejects with what has ended it, if that was an error. */
  async waitClosed(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('waitClosed', options);
    signal?.throwIfAborted();
    return this.#protocol.closed(signal);
  }

  /**
   * What is known of the connection: `'peername'`, `'sockname'`, `'socket'`; with TLS `'sslcontext'`, `'cipher'`,
   * `'peercert'`, `'ssl_object'`, too.
   *
   * @param missing what to return where nothing is known; null if left out
   */
  // biome-ignore lint/suspicious/noExplicitAny: each name has a type of its own.
  getExtraInfo(name: string, missing: unknown = null): any {
    return this.#transport.getExtraInfo(name, missing);
  }

  /**
   * Closes the connection and waits until that is done. Rejects with what has ended the connection where no read and no
   * `drain` has done so.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#protocol.over();
  }

  /** `<StreamWriter transport=... reader=...>` */
  toString(): string {
    return `<StreamWriter transport=${this.#transport} reader=${this.#reader}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
