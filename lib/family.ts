/**
 * Address families as types, so that TypeScript knows the form of a socket's addresses from its family:
 * `new Socket(AF_INET6)` hands out `[host, port, flowinfo, scopeId]`. docs/addresses.md describes the forms.
 */

declare const family: unique symbol;

/** The type of the constant of a family. */
type Constant<Name extends string> = number & { readonly [family]: Name };

/** The type of the constant `AF_INET`. */
export type InetFamily = Constant<'AF_INET'>;
/** The type of the constant `AF_INET6`. */
export type Inet6Family = Constant<'AF_INET6'>;
/** The type of the constants `AF_UNIX` and `AF_LOCAL`. */
export type UnixFamily = Constant<'AF_UNIX'>;
/** The type of the constants `AF_PACKET` and `PF_PACKET`. */
export type PacketFamily = Constant<'AF_PACKET'>;
/** The type of the constants `AF_NETLINK` and `AF_ROUTE`. */
export type NetlinkFamily = Constant<'AF_NETLINK'>;
/** The type of the constant `AF_VSOCK`. */
export type VsockFamily = Constant<'AF_VSOCK'>;
/** The type of the constants `AF_CAN` and `PF_CAN`. */
export type CanFamily = Constant<'AF_CAN'>;
/** The type of the constant `AF_TIPC`. */
export type TipcFamily = Constant<'AF_TIPC'>;
/** The type of the constant `AF_ALG`. */
export type AlgFamily = Constant<'AF_ALG'>;
/** The type of the constant `AF_QIPCRTR`. */
export type QipcrtrFamily = Constant<'AF_QIPCRTR'>;
/** The type of the constant `AF_BLUETOOTH`. */
export type BluetoothFamily = Constant<'AF_BLUETOOTH'>;
/** The type of the constants `AF_RDS` and `PF_RDS`. */
export type RdsFamily = Constant<'AF_RDS'>;

/** An IPv4 address as calls return it. */
export type InetAddress = [host: string, port: number];
/** An IPv6 address as calls return it. */
export type Inet6Address = [host: string, port: number, flowinfo: number, scopeId: number];
/** A Unix address as calls return it: a path, `''` for an unnamed socket, bytes for an abstract name or a path that is not UTF-8. */
export type UnixAddress = string | Buffer;
/** A link-layer address as calls return it; `proto` in the host's byte order. */
export type PacketAddress = [ifname: string, proto: number, pkttype: number, hatype: number, addr: Buffer];
export type NetlinkAddress = [pid: number, groups: number];
export type VsockAddress = [cid: number, port: number];
/** A CAN address as calls return it: of CAN_RAW and CAN_BCM, of CAN_ISOTP, or of CAN_J1939. */
export type CanAddress =
  | [ifname: string]
  | [ifname: string, rxId: number, txId: number]
  | [ifname: string, name: bigint, pgn: number, addr: number];
export type TipcAddress = [addrType: number, v1: number, v2: number, v3: number, scope: number];
export type AlgAddress = [type: string, name: string, feat: number, mask: number];
export type QipcrtrAddress = [node: number, port: number];
/** A Bluetooth address as calls return it: of BTPROTO_L2CAP, of BTPROTO_RFCOMM, of BTPROTO_HCI, or of BTPROTO_SCO. */
export type BluetoothAddress =
  | [bdaddr: string, psm: number]
  | [bdaddr: string, psm: number, cid: number]
  | [bdaddr: string, psm: number, cid: number, bdaddrType: number]
  | [bdaddr: string, channel: number]
  | number
  | [deviceId: number, channel: number]
  | string;
/** An address of a family without a form of its own here: its number and the bytes behind it. */
export type UnknownAddress = [family: number, data: Buffer];

/** A host as calls take it: a name or a numeric address, `''` for any, `'<broadcast>'` for 255.255.255.255. */
export type Host = string | Uint8Array;
/** The name of a network interface as calls take it. */
export type Interface = string | Uint8Array;
export type InetAddressInput = readonly [host: Host, port: number];
export type Inet6AddressInput = readonly [host: Host, port: number, flowinfo?: number, scopeId?: number];
export type UnixAddressInput = string | NodeJS.ArrayBufferView;
export type PacketAddressInput = readonly [
  ifname: Interface,
  proto: number,
  pkttype?: number,
  hatype?: number,
  addr?: NodeJS.ArrayBufferView,
];
export type NetlinkAddressInput = readonly [pid: number, groups: number];
export type VsockAddressInput = readonly [cid: number, port: number];
export type CanAddressInput =
  | readonly [ifname: Interface]
  | readonly [ifname: Interface, rxId: number, txId: number]
  | readonly [ifname: Interface, name: bigint | number, pgn: number, addr: number];
export type TipcAddressInput = readonly [
  addrType: number,
  v1: number,
  v2: number,
  v3: number,
  scope?: number,
];
export type AlgAddressInput = readonly [
  type: string | Uint8Array,
  name: string | Uint8Array,
  feat?: number,
  mask?: number,
];
export type QipcrtrAddressInput = readonly [node: number, port: number];
export type BluetoothAddressInput =
  | readonly [bdaddr: string | Uint8Array, psmOrChannel: number, cid?: number, bdaddrType?: number]
  | readonly [deviceId: number, channel?: number]
  | number
  | string
  | Uint8Array;

/** For each family the form in which calls return an address, and the one in which they take it. */
interface Forms {
  AF_INET: [InetAddress, InetAddressInput];
  AF_INET6: [Inet6Address, Inet6AddressInput];
  AF_UNIX: [UnixAddress, UnixAddressInput];
  AF_PACKET: [PacketAddress, PacketAddressInput];
  AF_NETLINK: [NetlinkAddress, NetlinkAddressInput];
  AF_VSOCK: [VsockAddress, VsockAddressInput];
  AF_CAN: [CanAddress, CanAddressInput];
  AF_TIPC: [TipcAddress, TipcAddressInput];
  AF_ALG: [AlgAddress, AlgAddressInput];
  AF_QIPCRTR: [QipcrtrAddress, QipcrtrAddressInput];
  AF_BLUETOOTH: [BluetoothAddress, BluetoothAddressInput];
  AF_RDS: [InetAddress, InetAddressInput];
}

/**
 * An address in any form that calls return. The bare number of BTPROTO_HCI is left out: for its sake alone nobody could
 * write `const [host, port] = sock.getsockname()` where the family is not known.
 */
export type Address = Exclude<Forms[keyof Forms][0], number> | UnknownAddress;
/** An address in any form that calls take. */
export type AddressInput = Forms[keyof Forms][1];

/** The form in which a socket of the family `F` returns addresses. */
export type AddressOf<F extends number> =
  F extends Constant<infer Name> ? (Name extends keyof Forms ? Forms[Name][0] : Address) : Address;

type InputOf<F extends number> =
  F extends Constant<infer Name> ? (Name extends keyof Forms ? Forms[Name][1] : AddressInput) : AddressInput;

/** The forms in which a socket of the family `F` takes addresses: any that it returns, and shorter ones. */
export type AddressInputOf<F extends number> = InputOf<F> | AddressOf<F>;

/** The address that comes with a datagram: where the socket need not be bound to send, as with AF_UNIX, there may be none. */
export type SenderOf<F extends number> = F extends InetFamily | Inet6Family
  ? AddressOf<F>
  : AddressOf<F> | null;

/** The address that comes with a connection: AF_ALG's have none. */
export type PeerOf<F extends number> = F extends AlgFamily ? null : AddressOf<F>;
