/** What handles one request: Python's handler classes. */
import { IPPROTO_TCP, TCP_NODELAY } from '../constants.generated.ts';
import type { BinaryFile } from '../files/file-object.ts';
import type { BufferedFile } from '../files/socket-io.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { BytesIO } from './bytes-io.ts';
import { kAsynchronous, type RequestHandler, type ServerHooks } from './server-hooks.ts';
import type { TCPServer, UDPServer } from './socket-servers.ts';
import { SocketWriter } from './socket-writer.ts';
import { type Awaitable, run, type Steps } from './steps.ts';

// biome-ignore lint/suspicious/noExplicitAny: any server will do.
type AnyServer = ServerHooks<any, any, any>;
/** What the server `S` calls a request: a connection, or a datagram with the socket. */
export type RequestOf<S> = S extends { getRequest(): Awaitable<[infer Request, unknown]> } ? Request : never;
/** What the server `S` knows of a client. */
export type ClientAddressOf<S> = S extends { getRequest(): Awaitable<[unknown, infer Client]> }
  ? Client
  : never;

/** An error that has come while another one was on its way, which becomes its cause where it has none. */
function chained(error: unknown, before: unknown): unknown {
  if (!(error instanceof Error) || error.cause !== undefined || error === before)
    return new AggregateError([before, error], 'handle and finish have failed');
  error.cause = before;
  return error;
}

/**
 * Base of all handlers: an instance is made for each request, and `run`. `S` is the class of the server, from which
 * TypeScript knows what a request is.
 *
 * Where the server is asynchronous, each of `setup`, `handle` and `finish` may return a promise.
 */
export class BaseRequestHandler<S extends AnyServer = TCPServer> implements RequestHandler {
  /** The connection; of a datagram server `[data, socket]`. */
  request: RequestOf<S>;
  clientAddress: ClientAddressOf<S>;
  server: S;

  constructor(request: RequestOf<S>, clientAddress: ClientAddressOf<S>, server: S) {
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
  }

  /**
   * Handles the request: `setup`, `handle`, and `finish` in any case but where `setup` has failed. In Python the
   * constructor does so; here the fields of a subclass are not there before the constructor is over.
   */
  run(): Awaitable<void> {
    return run(this.#steps());
  }

  *#steps(): Steps<void> {
    yield this.setup();
    try {
      yield this.handle();
    } catch (error) {
      try {
        yield this.finish();
      } catch (another) {
        throw chained(another, error);
      }
      throw error;
    }
    yield this.finish();
  }

  /** Called before `handle`. */
  setup(): Awaitable<void> {}

  /** Does all that the request asks for. */
  handle(): Awaitable<void> {}

  /** Called after `handle`, whatever came of it. */
  finish(): Awaitable<void> {}
}

/** A handler that reads and writes a connection as files. */
export class StreamRequestHandler<S extends AnyServer = TCPServer> extends BaseRequestHandler<S> {
  /** Bytes of the buffer of `rfile`, as `makefile` takes them: -1 for 8192, 0 for none. */
  rbufsize = -1;
  /** Bytes of the buffer of `wfile`. With 0, none, each `write` sends all that it is given. */
  wbufsize = 0;
  /** Seconds of the connection's timeout; null leaves it as it is. */
  timeout: number | null = null;
  /** Whether to set TCP_NODELAY; of use where `wbufsize` is not 0. */
  disableNagleAlgorithm = false;

  /** The request. */
  declare connection: RequestOf<S> & Socket<number>;
  /** To read from, as a binary file object of `makefile`. */
  declare rfile: BinaryFile;
  /** To write to. */
  declare wfile: SocketWriter | BufferedFile;

  override run(): Awaitable<void> {
    return run(this.#steps());
  }

  *#steps(): Steps<void> {
    try {
      yield super.run();
    } finally {
      // A file that is left open would keep the connection's descriptor.
      yield* this.#closeFiles();
    }
  }

  override setup(): Awaitable<void> {
    this.connection = this.request as RequestOf<S> & Socket<number>;
    const { connection, timeout } = this;
    if (timeout !== null) connection.settimeout(timeout);
    if (this.disableNagleAlgorithm) connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    this.rfile = connection.makefile('rb', this.rbufsize) as BinaryFile;
    this.wfile =
      this.wbufsize === 0
        ? new SocketWriter(connection)
        : (connection.makefile('wb', this.wbufsize) as BufferedFile);
  }

  /** Sends what `wfile` holds back, which fails where the client has gone, and closes both files. */
  override finish(): Awaitable<void> {
    return run(this.#closeFiles());
  }

  *#closeFiles(): Steps<void> {
    const { wfile, rfile, server } = this;
    try {
      if (wfile !== undefined && !wfile.closed)
        yield server[kAsynchronous] ? wfile.closeAsync() : wfile.close();
    } finally {
      rfile?.close();
    }
  }
}

/** A handler that reads a datagram as a file, and answers with one that is written as a file. */
export class DatagramRequestHandler<S extends AnyServer = UDPServer> extends BaseRequestHandler<S> {
  /** The bytes of the datagram. */
  declare packet: Buffer;
  /** The server's socket. */
  declare socket: Socket<number>;
  /** To read the datagram from. */
  declare rfile: BytesIO;
  /** To write the answer to. */
  declare wfile: BytesIO;

  override setup(): Awaitable<void> {
    [this.packet, this.socket] = this.request as unknown as [Buffer, Socket<number>];
    this.rfile = new BytesIO(this.packet);
    this.wfile = new BytesIO();
  }

  /** Sends what was written, be it nothing, to the client. */
  override finish(): Awaitable<void> {
    const [data, address] = [this.wfile.getvalue(), this.clientAddress as [string, number]];
    if (!this.server[kAsynchronous]) this.socket.sendto(data, address);
    else return this.socket.sendtoAsync(data, address).then(() => {});
  }
}
