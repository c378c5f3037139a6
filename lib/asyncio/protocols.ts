/**
 * What stands between a connection and those who read and write it: asyncio's transports and protocols. A transport owns
 * the connection and its write buffer; it tells its protocol what arrives. Streams are a protocol over a transport.
 */

/** Told by a transport when to write. */
export interface FlowProtocol {
  /** The write buffer has grown above its high-water mark. */
  pauseWriting(): void;
  /** The write buffer has drained to its low-water mark. */
  resumeWriting(): void;
}

/** Told by a transport what happens to its connection. Python: `asyncio.Protocol`. */
export interface Protocol extends FlowProtocol {
  /** Bytes have arrived; never an empty buffer. The buffer belongs to the protocol from now on. */
  dataReceived(data: Buffer): void;
  /** The peer sends no more. Returns whether the transport stays open for writing; false closes it. */
  eofReceived(): boolean;
  /** The connection is over: called once, last of all. Null after an end of one's own, or the peer's, in good order. */
  connectionLost(error: Error | null): void;
}

/** When the protocol is told to pause and to resume writing, in bytes of buffered data. */
export interface WriteBufferLimits {
  low: number;
  high: number;
}

/** A connection with a write buffer. Python: `asyncio.Transport`. */
export interface Transport {
  /** Replaces the protocol. */
  setProtocol(protocol: Protocol): void;
  getProtocol(): Protocol;
  /** Writes, or buffers what the connection does not take at once; never waits. */
  write(data: Uint8Array): void;
  writelines(list: readonly Uint8Array[]): void;
  /** Ends the sending side once the buffer is empty; the peer sees an end of file. */
  writeEof(): void;
  canWriteEof(): boolean;
  /** Sends what is buffered, then closes. Nothing is received any more. */
  close(): void;
  /** Closes at once; what is buffered is lost. */
  abort(): void;
  isClosing(): boolean;
  pauseReading(): void;
  resumeReading(): void;
  isReading(): boolean;
  /** `'peername'`, `'sockname'`, `'socket'`; with TLS `'sslcontext'`, `'cipher'`, `'peercert'`, `'ssl_object'`, too. */
  getExtraInfo(name: string, missing?: unknown): unknown;
  /** Bytes that wait to be sent. */
  getWriteBufferSize(): number;
  getWriteBufferLimits(): [low: number, high: number];
  /** Python's rules where one is left out: `low` is a quarter of `high`, `high` four times `low`. */
  setWriteBufferLimits(limits?: Partial<WriteBufferLimits>): void;
}
