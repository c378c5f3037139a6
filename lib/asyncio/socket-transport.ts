/** `SocketTransport`: a connection over a plain stream socket. Python: `_SelectorSocketTransport`. */
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  IPPROTO_MPTCP,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  SHUT_WR,
  TCP_NODELAY,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { endHalf } from '../node/stream-socket.ts';
import { sendSome } from '../socket/socket-attempt.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { Inflow } from '../socket/socket-inflow.ts';
import { invalidState } from '../validate.ts';
import { callExceptionHandler } from './exception-handler.ts';
import type { Protocol, Transport, WriteBufferLimits } from './protocols.ts';
import { WriteFlow } from './write-flow.ts';
import { WriteQueue } from './write-queue.ts';

/** Who keeps a list of transports: a server. */
export interface Attachments {
  attach(transport: Transport): void;
  detach(transport: Transport): void;
}

/** What is known of a connection. */
export interface ConnectionFacts {
  /** The peer's address, where it is known already. */
  peername?: unknown;
  server?: Attachments;
}

/** An address of a socket; null where it has none, or none any more. */
function nameOf(get: () => unknown): unknown {
  try {
    return get();
  } catch (error) {
    if (error instanceof OSError) return null;
    throw error;
  }
}

/** Small writes go out at once, without waiting for the acknowledgment of those before. */
function setNoDelay(socket: Socket): void {
  const { family, proto } = socket;
  const tcp = proto === 0 || proto === IPPROTO_TCP || proto === IPPROTO_MPTCP;
  if (tcp && (family === AF_INET || family === AF_INET6)) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
}

export class SocketTransport implements Transport {
  readonly #socket: Socket;
  readonly #extra: Record<string, unknown>;
  readonly #server: Attachments | undefined;
  #protocol: Protocol;
  readonly #flow = new WriteFlow(this);
  readonly #queue = new WriteQueue();
  #sending = false;
  /** The sending side has ended, or will when the queue is empty. */
  #eof = false;
  readonly #inflow: Inflow;
  #paused = true;
  /** The peer has ended its sending side. */
  #ended = false;
  #closing = false;
  /** `connectionLost` has been called, or is about to be. */
  #lost = false;

  /** @param socket connected; it belongs to the transport from now on, which receives when reading is resumed */
  constructor(socket: Socket, protocol: Protocol, { peername, server }: ConnectionFacts = {}) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#server = server;
    socket.settimeout(0);
    setNoDelay(socket);
    this.#extra = {
      socket,
      sockname: nameOf(() => socket.getsockname()),
      peername: peername ?? nameOf(() => socket.getpeername()),
    };
    this.#inflow = new Inflow(socket, {
      received: (data) => this.#received(data),
      failed: (error) => this.#fatal(error, 'Fatal read error on socket transport'),
    });
    server?.attach(this);
  }

  setProtocol(protocol: Protocol): void {
    this.#protocol = protocol;
  }

  getProtocol(): Protocol {
    return this.#protocol;
  }

  getExtraInfo(name: string, missing: unknown = null): unknown {
    return Object.hasOwn(this.#extra, name) ? (this.#extra[name] ?? missing) : missing;
  }

  // Receiving

  isReading(): boolean {
    return !this.#closing && !this.#paused;
  }

  pauseReading(): void {
    if (!this.isReading()) return;
    this.#paused = true;
    this.#inflow.shut();
  }

  resumeReading(): void {
    if (this.#closing || !this.#paused) return;
    this.#paused = false;
    if (!this.#ended) this.#inflow.open();
  }

  #received(data: Buffer): void {
    try {
      if (data.length > 0) this.#protocol.dataReceived(data);
      else this.#end();
    } catch (error) {
      this.#fatal(error as Error, 'Fatal error: the protocol failed to take what was received.');
    }
  }

  #end(): void {
    this.#ended = true;
    if (!this.#protocol.eofReceived()) this.close();
  }

  // Sending

  getWriteBufferSize(): number {
    return this.#queue.size;
  }

  getWriteBufferLimits(): [low: number, high: number] {
    return this.#flow.limits;
  }

  setWriteBufferLimits(limits?: Partial<WriteBufferLimits>): void {
    this.#flow.setLimits(limits);
  }

  write(data: Uint8Array): void {
    if (this.#eof) throw invalidState('Cannot call write() after writeEof()');
    if (data.length === 0 || this.#lost) return;
    let sent = 0;
    if (this.#queue.size === 0) {
      try {
        sent = sendSome(this.#socket, data);
      } catch (error) {
        this.#fatal(error as Error, 'Fatal write error on socket transport');
        return;
      }
      if (sent === data.length) return;
    }
    this.#queue.push(sent === 0 ? data : data.subarray(sent));
    this.#flush();
  }

  writelines(list: readonly Uint8Array[]): void {
    if (this.#eof) throw invalidState('Cannot call writelines() after writeEof()');
    if (this.#lost) return;
    const queue = this.#queue;
    const first = queue.size === 0;
    for (const piece of list) if (piece.length > 0) queue.push(piece);
    if (queue.size === 0) return;
    if (first) {
      queue.skip(this.#trySend(() => this.#socket.sendmsg(queue.next(), [], MSG_DONTWAIT)));
      if (queue.size === 0 || this.#lost) return;
    }
    this.#flush();
  }

  /** How many bytes the connection takes at once. */
  #trySend(send: () => number): number {
    try {
      return send();
    } catch (error) {
      if ((error as OSError).errno !== EAGAIN)
        this.#fatal(error as Error, 'Fatal write error on socket transport');
      return 0;
    }
  }

  /** Sends what is queued as soon as the connection takes it. */
  #flush(): void {
    this.#flow.grown();
    if (this.#sending) return;
    this.#sending = true;
    const pieces = this.#queue.next();
    const sent = pieces.length === 1 ? this.#socket.sendAsync(pieces[0]!) : this.#socket.sendmsgAsync(pieces);
    sent.then(this.#sent, this.#unsent);
  }

  readonly #sent = (count: number): void => {
    this.#sending = false;
    if (this.#lost) return;
    this.#queue.skip(count);
    this.#flow.shrunk();
    if (this.#queue.size > 0) this.#flush();
    else if (this.#closing) this.#lose(null);
    else if (this.#eof) this.#shutdown();
  };

  readonly #unsent = (error: Error): void => {
    this.#sending = false;
    this.#fatal(error, 'Fatal write error on socket transport');
  };

  canWriteEof(): boolean {
    return true;
  }

  writeEof(): void {
    if (this.#closing || this.#eof) return;
    this.#eof = true;
    if (this.#queue.size === 0) this.#shutdown();
  }

  #shutdown(): void {
    try {
      endHalf(this.#socket, SHUT_WR);
    } catch (error) {
      this.#fatal(error as Error, 'Fatal write error on socket transport');
    }
  }

  // The end

  isClosing(): boolean {
    return this.#closing;
  }

  close(): void {
    if (this.#closing) return;
    this.#close();
    if (this.#queue.size === 0) this.#lose(null);
  }

  abort(): void {
    this.#close();
    this.#lose(null);
  }

  /** Ends the connection because of an error. Those of the system are for the protocol; others are nobody's but ours. */
  #fatal(error: Error, message: string): void {
    if (this.#lost) return;
    if (!(error instanceof OSError)) {
      callExceptionHandler({ message, exception: error, transport: this, protocol: this.#protocol });
    }
    this.#close();
    this.#lose(error);
  }

  /** Nothing is received any more. */
  #close(): void {
    this.#closing = true;
    this.#inflow.shut();
  }

  /** Gives the connection up, in a turn of its own: whoever has just made a call need not expect that. */
  #lose(error: Error | null): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#queue.clear();
    setImmediate(() => this.#over(error));
  }

  #over(error: Error | null): void {
    const protocol = this.#protocol;
    try {
      protocol.connectionLost(error);
    } catch (exception) {
      const message = 'protocol.connectionLost() failed';
      callExceptionHandler({ message, exception, transport: this, protocol });
    }
    try {
      this.#socket.close();
    } catch (exception) {
      callExceptionHandler({ message: 'socket.close() failed', exception, transport: this });
    }
    this.#server?.detach(this);
  }

  /** `<SocketTransport fd=7 read=polling write=<idle, bufsize=0>>` */
  toString(): string {
    const state = this.#socket.closed ? ' closed' : this.#closing ? ' closing' : '';
    const read = this.isReading() && !this.#ended ? 'polling' : 'idle';
    const write = `<${this.#sending ? 'polling' : 'idle'}, bufsize=${this.#queue.size}>`;
    return `<SocketTransport${state} fd=${this.#socket.fileno()} read=${read} write=${write}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
