/** `SocketTransport`: a connection over a plain stream socket. Python: `_SelectorSocketTransport`. */
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_MPTCP,
  IPPROTO_TCP,
  SHUT_WR,
  TCP_NODELAY,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { endHalf } from '../node/stream-socket.ts';
import { sendSome } from '../socket/socket-attempt.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { Inflow } from '../socket/socket-inflow.ts';
import { invalidState, wrongKind } from '../validate.ts';
import { Backlog } from './backlog.ts';
import { callExceptionHandler } from './exception-handler.ts';
import type { Protocol, Transport, WriteBufferLimits } from './protocols.ts';
import type { Listed } from './roster.ts';

/** A transport that is on somebody's list. */
export interface Attached extends Transport, Listed {}

/** Who keeps a list of transports: a server. */
export interface Attachments {
  attach(transport: Attached): void;
  detach(transport: Attached): void;
}

/** What is known of a connection. */
export interface ConnectionFacts {
  /** The peer's address, where it is known already. */
  peername?: unknown;
  server?: Attachments;
}

/** An address of a socket; null where it has none. */
function nameOf(get: () => unknown): unknown {
  try {
    return get();
  } catch (error) {
    if (error instanceof OSError) return null;
    throw error;
  }
}

/** What is not to be written is the caller's error, and no end of the connection. */
function bytes(caller: string, data: unknown): void {
  if (!(data instanceof Uint8Array)) throw wrongKind(caller, 'data', 'a Uint8Array', data);
}

/** Small writes go out at once, without waiting for the acknowledgment of those before. */
function setNoDelay(socket: Socket): void {
  const { family, proto } = socket;
  const tcp = proto === 0 || proto === IPPROTO_TCP || proto === IPPROTO_MPTCP;
  if (tcp && (family === AF_INET || family === AF_INET6)) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
}

export class SocketTransport implements Attached {
  place = -1;
  readonly #socket: Socket;
  readonly #peername: unknown;
  readonly #sockname: unknown;
  readonly #server: Attachments | undefined;
  #protocol: Protocol;
  /** What has been written and waits; undefined until something has to. */
  #backlog: Backlog | undefined;
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
    this.#peername = peername ?? nameOf(() => socket.getpeername());
    this.#sockname = nameOf(() => socket.getsockname());
    this.#inflow = new Inflow(socket, this);
    server?.attach(this);
  }

  setProtocol(protocol: Protocol): void {
    this.#protocol = protocol;
  }

  getProtocol(): Protocol {
    return this.#protocol;
  }

  getExtraInfo(name: string, missing: unknown = null): unknown {
    switch (name) {
      case 'socket':
        return this.#socket;
      case 'peername':
        return this.#peername ?? missing;
      case 'sockname':
        return this.#sockname ?? missing;
      default:
        return missing;
    }
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

  /** @internal */
  received(data: Buffer): void {
    try {
      if (data.length > 0) this.#protocol.dataReceived(data);
      else this.#end();
    } catch (error) {
      this.#fatal(error as Error, 'Fatal error: the protocol failed to take what was received.');
    }
  }

  /** @internal */
  unreceived(error: Error): void {
    this.#fatal(error, 'Fatal read error on socket transport');
  }

  #end(): void {
    this.#ended = true;
    if (!this.#protocol.eofReceived()) this.close();
  }

  // Sending

  getWriteBufferSize(): number {
    return this.#backlog?.size ?? 0;
  }

  getWriteBufferLimits(): [low: number, high: number] {
    return this.#waiting().flow.limits;
  }

  setWriteBufferLimits(limits?: Partial<WriteBufferLimits>): void {
    this.#waiting().flow.setLimits(limits);
  }

  write(data: Uint8Array): void {
    bytes('write', data);
    if (this.#eof) throw invalidState('Cannot call write() after writeEof()');
    if (data.length === 0 || this.#lost) return;
    let sent = 0;
    if (this.getWriteBufferSize() === 0) {
      try {
        sent = sendSome(this.#socket, data);
      } catch (error) {
        this.#unsent(error as Error);
        return;
      }
      if (sent === data.length) return;
    }
    this.#waiting().push(sent === 0 ? data : data.subarray(sent));
  }

  writelines(list: readonly Uint8Array[]): void {
    for (const data of list) bytes('writelines', data);
    if (this.#eof) throw invalidState('Cannot call writelines() after writeEof()');
    if (!this.#lost) this.#waiting().pushAll(list);
  }

  #waiting(): Backlog {
    this.#backlog ??= new Backlog(this.#socket, this, {
      emptied: () => this.#emptied(),
      failed: (error) => this.#unsent(error),
    });
    return this.#backlog;
  }

  #emptied(): void {
    if (this.#closing) this.#lose(null);
    else if (this.#eof) this.#shutdown();
  }

  #unsent(error: Error): void {
    this.#fatal(error, 'Fatal write error on socket transport');
  }

  canWriteEof(): boolean {
    return true;
  }

  writeEof(): void {
    if (this.#closing || this.#eof) return;
    this.#eof = true;
    if (this.getWriteBufferSize() === 0) this.#shutdown();
  }

  #shutdown(): void {
    try {
      endHalf(this.#socket, SHUT_WR);
    } catch (error) {
      this.#unsent(error as Error);
    }
  }

  // The end

  isClosing(): boolean {
    return this.#closing;
  }

  close(): void {
    if (this.#closing) return;
    this.#close();
    if (this.getWriteBufferSize() === 0) this.#lose(null);
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
    this.#backlog?.clear();
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
    const write = `<${this.#backlog?.sending ? 'polling' : 'idle'}, bufsize=${this.getWriteBufferSize()}>`;
    return `<SocketTransport${state} fd=${this.#socket.fileno()} read=${read} write=${write}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
