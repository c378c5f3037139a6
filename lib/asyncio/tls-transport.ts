/** `TlsTransport`: a connection that is encrypted by `node:tls`, over any other transport. Python: `asyncio.sslproto`. */

import { connect, TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { Alarm, deadline } from '../deadline.ts';
import { ConnectionAbortedError, ConnectionResetError, TimeoutError } from '../errors.ts';
import { invalidState } from '../validate.ts';
import { callExceptionHandler } from './exception-handler.ts';
import type { Protocol, Transport, WriteBufferLimits } from './protocols.ts';
import type { TlsSettings } from './tls-settings.ts';
import { type Overlay, TransportDuplex } from './transport-duplex.ts';
import { WriteFlow } from './write-flow.ts';

const HIGH = 512 * 1024;

/** What node's TLS sockets have, and their types and documentation leave out. */
interface Bare {
  /** Whether the peer's certificate is wrong; of servers alone it is not known otherwise. */
  readonly ssl: { verifyError(): Error | null } | null;
  on(event: 'secure', listener: () => void): unknown;
  /** An error of a server's side. */
  on(event: '_tlsError', listener: (error: Error) => void): unknown;
}

export class TlsTransport implements Transport, Overlay {
  readonly #under: Transport;
  readonly #settings: TlsSettings;
  readonly #tls: TLSSocket;
  readonly #flow = new WriteFlow(this, HIGH);
  readonly #extra: Record<string, unknown>;
  #protocol: Protocol;
  /** Of the handshake, and later of the end. */
  readonly #alarm = new Alarm();
  /** The handshake, as long as it is not over. */
  #handshake: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  readonly #secured: Promise<void>;
  #paused = true;
  #closing = false;
  #lost = false;
  /** What has ended the connection, before the transport underneath says that it is over. */
  #failure: Error | undefined;

  /** Begins the handshake; see `beginTls`. */
  constructor(under: Transport, protocol: Protocol, settings: TlsSettings, early: Uint8Array) {
    this.#under = under;
    this.#protocol = protocol;
    this.#settings = settings;
    this.#extra = { sslcontext: settings.context };
    this.#secured = new Promise((resolve, reject) => {
      this.#handshake = { resolve, reject };
    });
    const { handshakeTimeout, options, serverSide } = settings;
    const wire = new TransportDuplex(under, this, early);
    this.#tls = serverSide ? new TLSSocket(wire as never, options) : connect({ ...options, socket: wire });
    this.#alarm.set(deadline(handshakeTimeout * 1000), () => {
      const text = `SSL handshake is taking longer than ${handshakeTimeout} seconds: aborting the connection`;
      this.#fail(new ConnectionAbortedError(text, { code: 'ECONNABORTED', syscall: 'handshake' }));
    });
    this.#listen(serverSide);
  }

  get transport(): Transport {
    return this;
  }

  /** Settles when the handshake is over. */
  secured(): Promise<void> {
    return this.#secured;
  }

  #listen(serverSide: boolean): void {
    const tls = this.#tls;
    const fail = (error: Error) => this.#fail(error);
    tls.on('error', fail);
    const bare = tls as unknown as Bare;
    if (serverSide) {
      bare.on('_tlsError', fail);
      bare.on('secure', () => this.#verify(bare));
    } else tls.on('secureConnect', () => this.#secure());
    tls.on('end', () => this.#ended());
    tls.on('close', () => this.#closed());
  }

  // The handshake

  /** Node's servers look at certificates themselves; its sockets leave that to whoever makes them. */
  #verify({ ssl }: Bare): void {
    const { requestCert, rejectUnauthorized } = this.#settings.options;
    if (requestCert) {
      const error = ssl === null ? new Error('the connection is gone') : (ssl.verifyError() ?? null);
      if (error !== null && rejectUnauthorized) {
        this.#fail(error);
        return;
      }
      // As node's servers leave it, for programs that look at it.
      const authorizationError = error === null ? null : (error as NodeJS.ErrnoException).code;
      Object.assign(this.#tls, { authorized: error === null, authorizationError });
    }
    this.#secure();
  }

  #secure(): void {
    const handshake = this.#handshake;
    if (handshake === undefined || this.#failure !== undefined || this.#lost) return;
    this.#handshake = undefined;
    this.#alarm.cancel();
    const tls = this.#tls;
    const peercert = tls.getPeerCertificate();
    Object.assign(this.#extra, {
      ssl_object: tls,
      cipher: tls.getCipher(),
      peercert: peercert === null || Object.keys(peercert).length === 0 ? null : peercert,
      compression: null,
    });
    // The first of these would let the data flow.
    tls.pause();
    tls.on('data', (data: Buffer) => this.#received(data));
    handshake.resolve();
  }

  wireEnded(): void {
    // What came before, an alert or the end of the handshake, may not have been told yet.
    setImmediate(() => {
      if (this.#handshake !== undefined) this.#fail(connectionReset());
    });
  }

  wireLost(error: Error | null): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#closing = true;
    this.#alarm.cancel();
    this.#tls.destroy();
    const handshake = this.#handshake;
    this.#handshake = undefined;
    const reason = this.#failure ?? error;
    handshake?.reject(reason ?? connectionReset());
    this.#protocol.connectionLost(reason);
  }

  /** Ends the connection because of an error. */
  #fail(error: Error): void {
    if (this.#lost || this.#failure !== undefined) return;
    // How node says that the peer is gone.
    const reset = this.#handshake !== undefined && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    this.#failure = reset ? connectionReset(error) : error;
    this.#closing = true;
    this.#under.abort();
  }

  // Receiving

  #received(data: Buffer): void {
    // What comes after close() is not for anybody.
    if (this.#closing) return;
    try {
      this.#protocol.dataReceived(data);
    } catch (exception) {
      this.#report('Fatal error: the protocol failed to take what was received.', exception);
      this.#fail(exception as Error);
    }
  }

  /** The peer has closed, too, or first. */
  #ended(): void {
    if (this.#handshake !== undefined || this.#lost) return;
    if (!this.#closing) {
      try {
        this.#protocol.eofReceived();
      } catch (exception) {
        this.#report('Error calling eofReceived()', exception);
        this.#fail(exception as Error);
      }
    }
    // TLS has no half of a connection.
    this.close();
  }

  isReading(): boolean {
    return !this.#closing && !this.#paused;
  }

  pauseReading(): void {
    if (!this.isReading()) return;
    this.#paused = true;
    this.#tls.pause();
  }

  resumeReading(): void {
    if (this.#closing || !this.#paused) return;
    this.#paused = false;
    this.#tls.resume();
  }

  // Sending

  write(data: Uint8Array): void {
    if (data.length === 0 || this.#closing) return;
    this.#tls.write(data, () => this.#flow.shrunk());
    this.#flow.grown();
  }

  writelines(list: readonly Uint8Array[]): void {
    if (this.#closing) return;
    this.#tls.cork();
    for (const data of list) this.write(data);
    this.#tls.uncork();
  }

  canWriteEof(): boolean {
    return false;
  }

  writeEof(): never {
    throw invalidState('writeEof() is not possible with TLS');
  }

  getWriteBufferSize(): number {
    return this.#tls.writableLength;
  }

  getWriteBufferLimits(): [low: number, high: number] {
    return this.#flow.limits;
  }

  setWriteBufferLimits(limits?: Partial<WriteBufferLimits>): void {
    this.#flow.setLimits(limits);
  }

  // The end

  isClosing(): boolean {
    return this.#closing;
  }

  close(): void {
    if (this.#handshake !== undefined) {
      this.abort();
      return;
    }
    if (this.#closing) return;
    this.#closing = true;
    this.#alarm.set(deadline(this.#settings.shutdownTimeout * 1000), () =>
      this.#fail(new TimeoutError('SSL shutdown timed out', { code: 'ETIMEDOUT', syscall: 'close' })),
    );
    // The peer's end comes behind its data.
    this.#tls.resume();
    this.#tls.end();
  }

  /** Node's TLS is done. */
  #closed(): void {
    if (this.#handshake !== undefined) this.#fail(connectionReset());
    else this.#under.close();
  }

  abort(): void {
    this.#closing = true;
    this.#under.abort();
  }

  // What is known

  setProtocol(protocol: Protocol): void {
    this.#protocol = protocol;
  }

  getProtocol(): Protocol {
    return this.#protocol;
  }

  getExtraInfo(name: string, missing: unknown = null): unknown {
    return Object.hasOwn(this.#extra, name)
      ? (this.#extra[name] ?? missing)
      : this.#under.getExtraInfo(name, missing);
  }

  #report(message: string, exception: unknown): void {
    callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
  }

  /** `<TlsTransport over ...>` */
  toString(): string {
    return `<TlsTransport${this.#closing ? ' closing' : ''} over ${this.#under}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function connectionReset(cause?: Error): ConnectionResetError {
  const text = 'the connection has ended before its TLS handshake';
  return new ConnectionResetError(text, { code: 'ECONNRESET', syscall: 'handshake', cause });
}
