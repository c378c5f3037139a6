/** How a connection is to be encrypted: the `ssl` option and those beside it, checked as Python does. */
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type TLSSocketOptions,
  type TlsOptions,
} from 'node:tls';
import { describe, wrongKind } from '../validate.ts';

/**
 * Options of `node:tls`, for either side: `ca`, `cert`, `key`, `rejectUnauthorized`, `requestCert`, `ALPNProtocols`,
 * `minVersion` and so on, or a `secureContext` of `tls.createSecureContext` with those about the connection.
 */
export type SslOptions = Omit<
  ConnectionOptions & TLSSocketOptions & TlsOptions,
  'host' | 'isServer' | 'path' | 'port' | 'server' | 'servername' | 'socket' | 'timeout' | 'handshakeTimeout'
>;

/** Keyword arguments about TLS beside `ssl`. */
export interface TlsTimes {
  /** In seconds: how long the handshake may take. 60 if left out. */
  sslHandshakeTimeout?: number | null | undefined;
  /** In seconds: how long `close` waits until all is sent and the peer has closed, too. 30 if left out. */
  sslShutdownTimeout?: number | null | undefined;
}

/** Keyword arguments about TLS of whoever connects. */
export interface ClientTlsOptions extends TlsTimes {
  /** True, or options of `node:tls`. Certificates are verified, unless `rejectUnauthorized` is false. */
  ssl?: boolean | SslOptions | null | undefined;
  /** The name that the peer's certificate must have; the host if left out, `''` for any. */
  serverHostname?: string | null | undefined;
}

/** Keyword arguments of `startTls`. */
export interface StartTlsOptions extends TlsTimes {
  /** The name that the server's certificate must have; `''` for any. On the server's side it means nothing. */
  serverHostname?: string | null | undefined;
}

/** Keyword arguments about TLS of a server. */
export interface ServerTlsOptions extends TlsTimes {
  /** Options of `node:tls`: `cert` and `key`, above all. */
  ssl?: SslOptions | null | undefined;
}

/** What a TLS transport has to know. */
export interface TlsSettings {
  readonly serverSide: boolean;
  readonly context: SecureContext;
  /** Those of `node:tls`, complete. */
  readonly options: ConnectionOptions & TLSSocketOptions;
  /** In seconds. */
  readonly handshakeTimeout: number;
  /** In seconds. */
  readonly shutdownTimeout: number;
}

const HANDSHAKE_TIMEOUT = 60;
const SHUTDOWN_TIMEOUT = 30;
// Without one, a server that asks for certificates cannot take up a session again.
const SESSION_ID_CONTEXT = 'bsd-socket';

function timeOf(caller: string, name: keyof TlsTimes, value: unknown, usual: number): number {
  if (value === null || value === undefined) return usual;
  if (typeof value !== 'number') throw wrongKind(caller, name, 'a number of seconds', value);
  if (value > 0) return value;
  throw new RangeError(`${caller}(): ${name} should be a positive number, got ${describe(value)}`);
}

function timesOf(caller: string, times: TlsTimes) {
  return {
    handshakeTimeout: timeOf(caller, 'sslHandshakeTimeout', times.sslHandshakeTimeout, HANDSHAKE_TIMEOUT),
    shutdownTimeout: timeOf(caller, 'sslShutdownTimeout', times.sslShutdownTimeout, SHUTDOWN_TIMEOUT),
  };
}

function object(caller: string, ssl: unknown, expected: string): SslOptions {
  if (typeof ssl !== 'object' || ssl === null || Array.isArray(ssl))
    throw wrongKind(caller, 'ssl', expected, ssl);
  // Node takes an option that is undefined for one that is given.
  return Object.fromEntries(Object.entries(ssl).filter(([, value]) => value !== undefined));
}

/** Options that say nothing without `ssl`. */
function rejectWithout(caller: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== null && value !== undefined)
      throw new RangeError(`${caller}(): ${name} is only meaningful with ssl`);
  }
}

const TIMES = ['sslHandshakeTimeout', 'sslShutdownTimeout'] as const;

/** The settings of whoever connects to `hostname`, which is `''` where any will do. */
function settingsTo(caller: string, ssl: true | SslOptions, hostname: string, times: TlsTimes): TlsSettings {
  const given = ssl === true ? {} : object(caller, ssl, 'true or an object of tls options');
  const context = given.secureContext ?? createSecureContext(given);
  const options = {
    ...given,
    secureContext: context,
    // The name that is verified; the one that is sent must not be an address. RFC 6066, section 3.
    host: hostname,
    servername: isIP(hostname) === 0 ? hostname : '',
    ...(hostname === '' && given.checkServerIdentity === undefined
      ? { checkServerIdentity: () => undefined }
      : {}),
  };
  return { serverSide: false, context, options, ...timesOf(caller, times) };
}

/**
 * The settings of a connection that is to be made.
 *
 * @param host what `serverHostname` is where it is left out
 * @returns null without `ssl`
 * @throws {RangeError} there is no `ssl` and an option that needs it, or no name
 */
export function clientTls(caller: string, options: ClientTlsOptions, host: unknown): TlsSettings | null {
  const { ssl, serverHostname } = options;
  if (!ssl) {
    rejectWithout(caller, options, ['serverHostname', ...TIMES]);
    return null;
  }
  const hostname = serverHostname ?? (host instanceof Uint8Array ? Buffer.from(host).toString() : host);
  if (hostname === null || hostname === undefined || (hostname === '' && serverHostname !== ''))
    throw new RangeError(`${caller}(): you must set serverHostname when using ssl without a host`);
  if (typeof hostname !== 'string') throw wrongKind(caller, 'serverHostname', 'a string', hostname);
  return settingsTo(caller, ssl, hostname, options);
}

/** The settings of a server's connections; null without `ssl`. */
export function serverTls(caller: string, options: ServerTlsOptions): TlsSettings | null {
  const { ssl } = options;
  if (ssl === null || ssl === undefined) {
    rejectWithout(caller, options, TIMES);
    return null;
  }
  return settingsFor(caller, ssl, options);
}

function settingsFor(caller: string, ssl: SslOptions, times: TlsTimes): TlsSettings {
  const given = object(caller, ssl, 'an object of tls options, with cert and key');
  const context =
    given.secureContext ??
    // As tls.createServer has it.
    createSecureContext({ honorCipherOrder: true, sessionIdContext: SESSION_ID_CONTEXT, ...given });
  const options = {
    ...given,
    secureContext: context,
    isServer: true,
    requestCert: given.requestCert === true,
    rejectUnauthorized: given.rejectUnauthorized !== false,
  };
  return { serverSide: true, context, options, ...timesOf(caller, times) };
}

/** The settings of a connection that there is already, and that is to be encrypted from now on. */
export function upgradeTls(
  caller: string,
  serverSide: boolean,
  ssl: true | SslOptions,
  { serverHostname, ...times }: StartTlsOptions,
): TlsSettings {
  if (serverSide) return settingsFor(caller, ssl as SslOptions, times);
  const given = ssl === true ? {} : object(caller, ssl, 'true or an object of tls options');
  const verified = given.rejectUnauthorized !== false && given.checkServerIdentity === undefined;
  if ((serverHostname === null || serverHostname === undefined) && verified) {
    const text = 'the certificate is verified, which needs serverHostname';
    throw new RangeError(`${caller}(): ${text} (check_hostname requires server_hostname)`);
  }
  if (typeof (serverHostname ?? '') !== 'string')
    throw wrongKind(caller, 'serverHostname', 'a string', serverHostname);
  return settingsTo(caller, ssl, serverHostname ?? '', times);
}
