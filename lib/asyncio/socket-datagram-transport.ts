/** A datagram endpoint over a socket. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Bytes, bytesOf, readable } from '../buffers.ts';
import { AF_INET, AF_INET6, EBADF, ENOTSOCK } from '../constants.generated.ts';
import { BlockingIOError, OSError } from '../errors.ts';
import type { AddressInput } from '../family.ts';
import { MessageBatch } from '../messages/batch.ts';
import { checkDestination } from '../socket/socket-attempt.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { outOfRange } from '../validate.ts';
import type { AnyDatagramProtocol, DatagramTransport } from './datagram-protocol.ts';
import { DatagramQueue } from './datagram-queue.ts';
import { callExceptionHandler } from './exception-handler.ts';
import type { WriteBufferLimits } from './protocols.ts';
import { WriteFlow } from './write-flow.ts';

// So many bytes of memory for what one wake-up receives. They cost nothing until something is written to them.
const ROOM = 2 ** 20;
const LARGEST_UDP = 2 ** 16;
const LARGEST = 2 ** 18;

type Event = Exclude<keyof AnyDatagramProtocol, 'pauseWriting' | 'resumeWriting'>;

/** What a call returns; null where it fails. */
function orNull<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof OSError) return null;
    throw error;
  }
}

/** Whether an address is the remote one, whose form of IPv6 has two numbers more. */
function isSame(addr: unknown, remote: unknown): boolean {
  if (!Array.isArray(addr) || !Array.isArray(remote)) return isDeepStrictEqual(addr, remote);
  return addr.length >= 2 && addr.every((field, index) => field === remote[index]);
}

export class SocketDatagramTransport implements DatagramTransport {
  readonly #sock: Socket;
  readonly #remote: AddressInput | null;
  readonly #extra: Readonly<Record<string, unknown>>;
  readonly #connected: boolean;
  readonly #queue = new DatagramQueue();
  readonly #flow = new WriteFlow(this);
  #protocol: AnyDatagramProtocol;
  #closing = false;
  #lost = false;

  /**
   * Tells the protocol that it is there, and begins to receive.
   *
   * @param sock non-blocking; the transport closes it
   * @param remote where datagrams go whose address is left out
   */
  constructor(sock: Socket, protocol: AnyDatagramProtocol, remote: AddressInput | null) {
    this.#sock = sock;
    this.#protocol = protocol;
    this.#remote = remote;
    const peername = orNull(() => sock.getpeername());
    this.#connected = peername !== null;
    this.#extra = { socket: sock, sockname: orNull(() => sock.getsockname()), peername };
    this.#tell('connectionMade', this);
    void this.#receive();
  }

  setProtocol(protocol: AnyDatagramProtocol): void {
    this.#protocol = protocol;
  }

  getProtocol(): AnyDatagramProtocol {
    return this.#protocol;
  }

  isClosing(): boolean {
    return this.#closing;
  }

  getExtraInfo(name: string, missing: unknown = null): unknown {
    return Object.hasOwn(this.#extra, name) ? this.#extra[name] : missing;
  }

  getWriteBufferSize(): number {
    return this.#queue.size;
  }

  getWriteBufferLimits(): [low: number, high: number] {
    return this.#flow.limits;
  }

  setWriteBufferLimits(limits?: Partial<WriteBufferLimits>): void {
    this.#flow.setLimits(limits);
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#queue.head === undefined) this.#lose(null);
  }

  abort(): void {
    this.#lose(null);
  }

  sendto(data: Bytes, addr: AddressInput | null = null): void {
    const view = bytesOf(readable('sendto', 'data', data));
    const remote = this.#remote;
    if (remote !== null && addr !== null && !isSame(addr, remote))
      throw outOfRange('sendto', 'addr', `null or ${JSON.stringify(remote)} (Invalid address)`, addr);
    if (this.#closing) return;
    const address = addr ?? remote;
    const waits = this.#queue.head !== undefined;
    try {
      if (!waits) {
        this.#send(view, address);
        return;
      }
      // Now, while the caller can be told.
      if (!this.#connected) checkDestination(this.#sock, address);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      if (!(error instanceof BlockingIOError)) {
        this.#tell('errorReceived', error);
        return;
      }
    }
    // Copies: the caller may use both again.
    this.#queue.push([Buffer.from(view), Array.isArray(address) ? ([...address] as never) : address]);
    this.#flow.grown();
    if (!waits) void this.#drain();
  }

  #send(data: Uint8Array, address: AddressInput | null): void {
    if (this.#connected) this.#sock.send(data);
    else this.#sock.sendto(data, address as AddressInput);
  }

  /** Sends what is in the queue, as the socket takes it. */
  async #drain(): Promise<void> {
    for (let head = this.#queue.head; head !== undefined; head = this.#queue.head) {
      const [data, address] = head;
      try {
        if (this.#connected) await this.#sock.sendAsync(data);
        else await this.#sock.sendtoAsync(data, address as AddressInput);
      } catch (error) {
        if (this.#lost) return;
        this.#failed(error);
      }
      if (this.#lost) return;
      this.#queue.shift();
      this.#flow.shrunk();
    }
    if (this.#closing) this.#lose(null);
  }

  async #receive(): Promise<void> {
    const { family } = this.#sock;
    const size = family === AF_INET || family === AF_INET6 ? LARGEST_UDP : LARGEST;
    const batch = new MessageBatch<number>(ROOM / size, size, { family });
    while (!this.#closing) {
      try {
        await this.#sock.recvmmsgAsync(batch);
      } catch (error) {
        if (this.#closing) return;
        this.#failed(error);
        // An error that stays must not keep the event loop busy.
        await nextTurn();
        continue;
      }
      this.#deliver(batch);
    }
  }

  #deliver(batch: MessageBatch<number>): void {
    for (let index = 0; index < batch.length && !this.#closing; index++) {
      // A copy belongs to the protocol; the batch is used again.
      this.#tell('datagramReceived', Buffer.from(batch.data(index)), batch.address(index));
    }
  }

  /** A call of the socket has failed. */
  #failed(error: unknown): void {
    // Somebody has closed the descriptor, or what it is now is not ours.
    const gone = error instanceof OSError && (error.errno === EBADF || error.errno === ENOTSOCK);
    if (!gone && error instanceof OSError && !this.#sock.closed) this.#tell('errorReceived', error);
    else this.#lose(error as Error);
  }

  #lose(error: Error | null): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#closing = true;
    this.#queue.clear();
    // Not before the caller is done, as in asyncio.
    setImmediate(() => {
      this.#tell('connectionLost', error);
      this.#sock.close();
    });
  }

  #tell<E extends Event>(event: E, ...args: Parameters<AnyDatagramProtocol[E]>): void {
    const protocol = this.#protocol;
    try {
      (protocol[event] as (...args: unknown[]) => void).call(protocol, ...args);
    } catch (exception) {
      callExceptionHandler({ message: `protocol.${event}() failed`, exception, transport: this, protocol });
    }
  }
}
