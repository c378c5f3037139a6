/** What a stream handler writes to: the connection itself, without a buffer. */
import type { AsyncOptions } from '../abort.ts';
import { type Bytes, readable } from '../buffers.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { closedFile } from '../validate.ts';

/** A file object for writing that holds nothing back: each `write` is a `sendall`. */
export class SocketWriter {
  readonly #sock: Socket<number>;
  #closed = false;

  constructor(sock: Socket<number>) {
    this.#sock = sock;
  }

  get closed(): boolean {
    return this.#closed;
  }

  #check(): void {
    if (this.#closed) throw closedFile();
  }

  /** The connection's descriptor. */
  fileno(): number {
    return this.#sock.fileno();
  }

  readable(): boolean {
    this.#check();
    return false;
  }

  writable(): boolean {
    this.#check();
    return true;
  }

  /** Sends all of the bytes. Returns how many. */
  write(data: Bytes): number {
    this.#check();
    const bytes = readable('write', 'data', data);
    this.#sock.sendall(bytes);
    return bytes.byteLength;
  }

  /** {@link write} on the event loop. The bytes must not change until it is done. */
  async writeAsync(data: Bytes, options?: AsyncOptions): Promise<number> {
    this.#check();
    const bytes = readable('write', 'data', data);
    await this.#sock.sendallAsync(bytes, 0, options);
    return bytes.byteLength;
  }

  /** Writes each of them; adds no line ends. */
  writelines(lines: Iterable<Bytes>): void {
    this.#check();
    for (const line of lines) this.write(line);
  }

  /** {@link writelines} on the event loop. */
  async writelinesAsync(lines: Iterable<Bytes>, options?: AsyncOptions): Promise<void> {
    this.#check();
    for (const line of lines) await this.writeAsync(line, options);
  }

  /** Does nothing: there is nothing to flush. */
  flush(): void {
    this.#check();
  }

  /** As {@link flush}. */
  async flushAsync(): Promise<void> {
    this.#check();
  }

  /** Ends writing here; the connection stays as it is. */
  close(): void {
    this.#closed = true;
  }

  /** As {@link close}. */
  async closeAsync(): Promise<void> {
    this.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
