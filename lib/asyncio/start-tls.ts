/** Encrypts connections: the handshake, from its beginning to its end. */
import { type Abortable, unwatch, watch } from '../abort.ts';
import type { Protocol, Transport } from './protocols.ts';
import type { TlsSettings } from './tls-settings.ts';
import { TlsTransport } from './tls-transport.ts';

/**
 * Begins a handshake. Where that cannot be, as the options are wrong, the connection is ended.
 *
 * @param under is the new transport's own from now on
 * @param protocol is told of the end of the connection, be it in the handshake; the rest after `resumeReading`
 * @param early bytes of the peer that have been received already
 */
export function beginTls(
  under: Transport,
  protocol: Protocol,
  settings: TlsSettings,
  early: Uint8Array = new Uint8Array(0),
): TlsTransport {
  try {
    return new TlsTransport(under, protocol, settings, early);
  } catch (error) {
    under.setProtocol(protocol);
    under.abort();
    throw error;
  }
}

/**
 * {@link beginTls}, and waits for the end of the handshake. Python: `loop.start_tls`.
 *
 * @param signal aborting it ends the connection as long as the handshake lasts
 * @throws what node's TLS fails with; ConnectionResetError, ConnectionAbortedError, the signal's reason
 */
export async function startTls(
  under: Transport,
  protocol: Protocol,
  settings: TlsSettings,
  early?: Uint8Array,
  signal?: AbortSignal,
): Promise<TlsTransport> {
  if (signal?.aborted) {
    under.abort();
    throw signal.reason;
  }
  const transport = beginTls(under, protocol, settings, early);
  let aborted = false;
  const aborting: Abortable = {
    aborted: () => {
      aborted = true;
      transport.abort();
    },
  };
  if (signal !== undefined) watch(signal, aborting);
  try {
    await transport.secured();
    return transport;
  } catch (error) {
    throw aborted ? signal?.reason : error;
  } finally {
    if (signal !== undefined) unwatch(signal, aborting);
  }
}
