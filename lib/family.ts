/**
 * Address families as types, so that TypeScript knows the form of a socket's addresses from its family:
 * `new Socket(AF_INET6)` hands out `[host, port, flowinfo, scopeId]`.
 */

declare const family: unique symbol;

/** The type of the constant `AF_INET`. */
export type InetFamily = number & { readonly [family]: 'AF_INET' };
/** The type of the constant `AF_INET6`. */
export type Inet6Family = number & { readonly [family]: 'AF_INET6' };
/** The type of the constants `AF_UNIX` and `AF_LOCAL`. */
export type UnixFamily = number & { readonly [family]: 'AF_UNIX' };

/** An IPv4 address as calls return it. */
export type InetAddress = [host: string, port: number];
/** An IPv6 address as calls return it. */
export type Inet6Address = [host: string, port: number, flowinfo: number, scopeId: number];
/** A Unix address as calls return it: a path, `''` for an unnamed socket, bytes for an abstract name or a path that is not UTF-8. */
export type UnixAddress = string | Buffer;
/** An address of a family without a form of its own here: its number and the bytes behind it. */
export type UnknownAddress = [family: number, data: Buffer];
export type Address = InetAddress | Inet6Address | UnixAddress | UnknownAddress;

/** A host as calls take it: a name or a numeric address, `''` for any, `'<broadcast>'` for 255.255.255.255. */
export type Host = string | Uint8Array;
export type InetAddressInput = readonly [host: Host, port: number];
export type Inet6AddressInput = readonly [host: Host, port: number, flowinfo?: number, scopeId?: number];
export type UnixAddressInput = string | NodeJS.ArrayBufferView;
export type AddressInput = InetAddressInput | Inet6AddressInput | UnixAddressInput;

/** The form in which a socket of the family `F` returns addresses. */
export type AddressOf<F extends number> = F extends InetFamily
  ? InetAddress
  : F extends Inet6Family
    ? Inet6Address
    : F extends UnixFamily
      ? UnixAddress
      : Address;

type InputOf<F extends number> = F extends InetFamily
  ? InetAddressInput
  : F extends Inet6Family
    ? Inet6AddressInput
    : F extends UnixFamily
      ? UnixAddressInput
      : AddressInput;

/** The forms in which a socket of the family `F` takes addresses: any that it returns, and shorter ones. */
export type AddressInputOf<F extends number> = InputOf<F> | AddressOf<F>;
