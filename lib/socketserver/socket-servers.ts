/** The servers over sockets: TCP, UDP, and their Unix counterparts. */
import {
  AF_INET,
  AF_UNIX,
  SHUT_WR,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { AddressInputOf, AddressOf, InetFamily, PeerOf, SenderOf, UnixFamily } from '../family.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { BaseServer } from './base-server.ts';
import { classAttribute, kCheck, type RequestHandlerClass } from './server-hooks.ts';
import type { Awaitable } from './steps.ts';

/** What only the constructor looks at, unless it is told not to bind. */
const AT_CONSTRUCTION = [
  'addressFamily',
  'socketType',
  'requestQueueSize',
  'allowReuseAddress',
  'allowReusePort',
] as const;

type Attributes = Pick<SocketServer<number, unknown, unknown>, (typeof AT_CONSTRUCTION)[number]>;

/** What stream servers and datagram servers have in common: all but the form of a request. */
export abstract class SocketServer<F extends number, Request, ClientAddress> extends BaseServer<
  Request,
  ClientAddress,
  AddressOf<F>
> {
  /** AF_INET and so on. */
  static addressFamily: number = AF_INET;
  /** SOCK_STREAM or SOCK_DGRAM. */
  static socketType: number = SOCK_STREAM;
  /** The backlog of a stream server: see `listen`. */
  static requestQueueSize = 5;
  /** Whether to set SO_REUSEADDR before the socket is bound. */
  static allowReuseAddress = false;
  /** Whether to set SO_REUSEPORT before the socket is bound; not on Unix sockets, which do not know it. */
  static allowReusePort = false;

  declare socket: Socket<F>;
  readonly #attributes: Partial<Attributes> = {};
  /** The constructor has bound the socket. */
  #bound = false;

  /**
   * @param serverAddress to bind to
   * @param RequestHandlerClass of which an instance is made for each request
   * @param bindAndActivate false leaves it to the caller to call `serverBind` and `serverActivate`
   * @throws {OSError} what bind(2) and so on fail with; the socket is closed then
   */
  constructor(
    serverAddress: AddressInputOf<F>,
    RequestHandlerClass: RequestHandlerClass<Request, ClientAddress>,
    bindAndActivate = true,
  ) {
    super(serverAddress as AddressOf<F>, RequestHandlerClass);
    this.socket = new Socket<F>(this.addressFamily as F, this.socketType);
    if (!bindAndActivate) return;
    this.#bound = true;
    try {
      this.serverBind();
      this.serverActivate();
    } catch (error) {
      try {
        this.serverClose();
      } finally {
        // One that is overridden may want fields which only come after this.
        this.socket.close();
      }
      throw error;
    }
  }

  /** @internal */
  override [kCheck](): void {
    // A field of a subclass, which shadows the accessors here, has come too late to count.
    const late = this.#bound ? AT_CONSTRUCTION.find((name) => Object.hasOwn(this, name)) : undefined;
    if (late === undefined) return;
    const { name } = this.constructor;
    throw new TypeError(
      `${name}: ${late} must be static: the socket was bound before the class's own fields were there`,
    );
  }

  #attribute<K extends keyof Attributes>(name: K): Attributes[K] {
    return this.#attributes[name] ?? classAttribute(this, name);
  }

  /** That of the class, as all the following, unless this server has been given one of its own. */
  get addressFamily(): number {
    return this.#attribute('addressFamily');
  }
  set addressFamily(family: number) {
    this.#attributes.addressFamily = family;
  }

  get socketType(): number {
    return this.#attribute('socketType');
  }
  set socketType(type: number) {
    this.#attributes.socketType = type;
  }

  get requestQueueSize(): number {
    return this.#attribute('requestQueueSize');
  }
  set requestQueueSize(size: number) {
    this.#attributes.requestQueueSize = size;
  }

  get allowReuseAddress(): boolean {
    return this.#attribute('allowReuseAddress');
  }
  set allowReuseAddress(allow: boolean) {
    this.#attributes.allowReuseAddress = allow;
  }

  get allowReusePort(): boolean {
    return this.#attribute('allowReusePort');
  }
  set allowReusePort(allow: boolean) {
    this.#attributes.allowReusePort = allow;
  }

  /** The socket's descriptor, -1 once it is closed. */
  fileno(): number {
    return this.socket.fileno();
  }

  /** Called by the constructor: binds the socket, and makes its name the `serverAddress`. */
  serverBind(): void {
    const { socket } = this;
    if (this.allowReuseAddress) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (this.allowReusePort && this.addressFamily !== AF_UNIX) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    socket.bind(this.serverAddress);
    this.serverAddress = socket.getsockname();
  }

  override serverClose(): void {
    super.serverClose();
    this.socket.close();
  }
}

/** Says to the other side of a connection that nothing more will come. */
export function sayEnd(request: Socket<number>): void {
  try {
    request.shutdown(SHUT_WR);
  } catch (error) {
    // ENOTCONN after a reset, EBADF where the handler has closed it.
    if (!(error instanceof OSError)) throw error;
  }
}

/** A server of connections, on Internet addresses unless `addressFamily` says otherwise. Python: `TCPServer`. */
export class TCPServer<F extends number = InetFamily> extends SocketServer<F, Socket<F>, PeerOf<F>> {
  /** Lets the socket listen. */
  override serverActivate(): void {
    this.socket.listen(this.requestQueueSize);
  }

  /** Accepts a connection. */
  override getRequest(): Awaitable<[request: Socket<F>, clientAddress: PeerOf<F>]> {
    return this.socket.accept();
  }

  /** Says to the client that nothing more will come, and calls `closeRequest`. */
  override shutdownRequest(request: Socket<F>): Awaitable<void> {
    sayEnd(request);
    return this.closeRequest(request);
  }

  /** Closes the connection. */
  override closeRequest(request: Socket<F>): Awaitable<void> {
    request.close();
  }
}

/** A datagram as a request: its bytes, and the server's socket to answer with. */
export type DatagramRequest<F extends number = InetFamily> = [data: Buffer, socket: Socket<F>];

/** A server of datagrams, on Internet addresses unless `addressFamily` says otherwise. Python: `UDPServer`. */
export class UDPServer<F extends number = InetFamily> extends SocketServer<
  F,
  DatagramRequest<F>,
  SenderOf<F>
> {
  static override socketType: number = SOCK_DGRAM;
  /** Bytes of the longest datagram; what is more is cut off. */
  static maxPacketSize = 8192;
  #maxPacketSize: number | undefined;

  get maxPacketSize(): number {
    return this.#maxPacketSize ?? classAttribute(this, 'maxPacketSize');
  }
  set maxPacketSize(size: number) {
    this.#maxPacketSize = size;
  }

  /** Receives a datagram. */
  override getRequest(): Awaitable<[request: DatagramRequest<F>, clientAddress: SenderOf<F>]> {
    const [data, clientAddress] = this.socket.recvfrom(this.maxPacketSize);
    return [[data, this.socket], clientAddress as SenderOf<F>];
  }
}

/** A {@link TCPServer} on Unix sockets. Nobody removes its path. Python: `UnixStreamServer`. */
export class UnixStreamServer extends TCPServer<UnixFamily> {
  static override addressFamily: number = AF_UNIX;
}

/** A {@link UDPServer} on Unix sockets. Nobody removes its path. Python: `UnixDatagramServer`. */
export class UnixDatagramServer extends UDPServer<UnixFamily> {
  static override addressFamily: number = AF_UNIX;
}
