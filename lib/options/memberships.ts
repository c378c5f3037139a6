/** Membership in multicast groups, of IPv4, IPv6 and netlink, and in those of a link. */

import { type Bytes, readable } from '../buffers.ts';
import { builtins } from '../builtins.ts';
import { AF_INET, AF_INET6, SOL_NETLINK, SOL_PACKET } from '../constants.generated.ts';
import type { Endpoint } from '../endpoint.ts';
import { native } from '../native.ts';
import { integer, wrongKind } from '../validate.ts';
import { optionNumber, setOption } from './option-access.ts';
import { interfaceIndex } from './option-codecs.ts';
import { i32, LITTLE_ENDIAN, Struct, u16, u32 } from './struct.ts';

/** Keyword arguments of the calls about multicast groups. */
export interface MembershipOptions {
  /** The interface: its name, its index, or (IPv4) one of its addresses. Without one the routing table chooses it. */
  interface?: string | number;
  /** Only what this host sends: a source-specific membership. */
  source?: string;
}

/** What is done, as the options that do it: for a group, and for a group and a source. */
interface Request {
  readonly caller: string;
  readonly any?: { readonly index: string; readonly address: string; readonly netlink: string };
  readonly source: { readonly index: string; readonly address: string };
}

export const join: Request = {
  caller: 'joinGroup',
  any: { index: 'MCAST_JOIN_GROUP', address: 'IP_ADD_MEMBERSHIP', netlink: 'NETLINK_ADD_MEMBERSHIP' },
  source: { index: 'MCAST_JOIN_SOURCE_GROUP', address: 'IP_ADD_SOURCE_MEMBERSHIP' },
};
export const leave: Request = {
  caller: 'leaveGroup',
  any: { index: 'MCAST_LEAVE_GROUP', address: 'IP_DROP_MEMBERSHIP', netlink: 'NETLINK_DROP_MEMBERSHIP' },
  source: { index: 'MCAST_LEAVE_SOURCE_GROUP', address: 'IP_DROP_SOURCE_MEMBERSHIP' },
};
export const block: Request = {
  caller: 'blockSource',
  source: { index: 'MCAST_BLOCK_SOURCE', address: 'IP_BLOCK_SOURCE' },
};
export const unblock: Request = {
  caller: 'unblockSource',
  source: { index: 'MCAST_UNBLOCK_SOURCE', address: 'IP_UNBLOCK_SOURCE' },
};

// struct group_req and struct group_source_req: an index, and one or two sockaddr_storage, aligned to 8.
const STORAGE = 128;
const FIRST = 8;
const SCOPE = 24;

/** Joins, leaves, blocks or unblocks. */
export function membership(
  endpoint: Endpoint,
  request: Request,
  group: unknown,
  options: MembershipOptions = {},
): void {
  if (typeof group === 'number' && request.any !== undefined) {
    const number = integer(request.caller, 'group', group, 1, 0x7fffffff);
    setByName(endpoint, SOL_NETLINK, request.any.netlink, number);
    return;
  }
  if (typeof options !== 'object' || options === null) {
    throw wrongKind(request.caller, 'options', 'an object', options);
  }
  const { interface: where, source } = options;
  const groupAddress = numeric(request.caller, 'group', group);
  const inet = groupAddress.length === 16;
  const anySource = source === undefined && request.any !== undefined;
  const sourceAddress = anySource ? undefined : numeric(request.caller, 'source', source);
  if (sourceAddress !== undefined && sourceAddress.length !== groupAddress.length) {
    throw wrongKind(request.caller, 'source', 'of the family of the group', source);
  }
  const names = sourceAddress === undefined ? request.any! : request.source;
  const level = optionNumber('setsockopt', inet ? 'IPPROTO_IP' : 'IPPROTO_IPV6');
  if (inet && typeof where === 'string' && builtins.net.isIPv4(where)) {
    const local = numeric(request.caller, 'interface', where);
    // struct ip_mreq, or struct ip_mreq_source: bare addresses, those of sockaddr_in from its fifth byte on.
    const addresses = [groupAddress, local, ...(sourceAddress === undefined ? [] : [sourceAddress])];
    setByName(endpoint, level, names.address, Buffer.concat(addresses.map((each) => each.subarray(4, 8))));
    return;
  }
  const bytes = Buffer.alloc(FIRST + (sourceAddress === undefined ? STORAGE : 2 * STORAGE));
  const scope = inet ? 0 : Number(u32.read(dataView(groupAddress), SCOPE));
  const forms = inet ? 'a name, an index or an IPv4 address' : 'a name or an index';
  const index = where === undefined ? scope : indexOf(request.caller, where, forms);
  dataView(bytes).setUint32(0, index, LITTLE_ENDIAN);
  groupAddress.copy(bytes, FIRST);
  sourceAddress?.copy(bytes, FIRST + STORAGE);
  setByName(endpoint, level, names.index, bytes);
}

function dataView(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function setByName(endpoint: Endpoint, level: number, name: string, value: number | Buffer): void {
  setOption(endpoint, level, optionNumber('setsockopt', name), value, name);
}

/** The sockaddr of a numeric address. */
function numeric(caller: string, name: string, address: unknown): Buffer {
  const { isIPv4, isIPv6 } = builtins.net;
  let packed: unknown;
  if (typeof address === 'string' && isIPv4(address)) packed = native.sockaddr(AF_INET, address, 0);
  if (typeof address === 'string' && isIPv6(address)) packed = native.sockaddr(AF_INET6, address, 0, 0, 0);
  if (!Buffer.isBuffer(packed)) throw wrongKind(caller, name, 'a numeric IPv4 or IPv6 address', address);
  return packed;
}

function indexOf(caller: string, where: unknown, forms: string): number {
  if (typeof where === 'string') return interfaceIndex(where);
  if (typeof where !== 'number') throw wrongKind(caller, 'interface', forms, where);
  return integer(caller, 'interface', where, 0, 0x7fffffff);
}

// struct packet_mreq, before its address.
const linkRequest = new Struct({ ifindex: i32, type: u16, alen: u16 });
const LINK_ADDRESS = 8;

/** Joins (PACKET_ADD_MEMBERSHIP) or leaves (PACKET_DROP_MEMBERSHIP) a group of a link. */
export function linkMembership(
  endpoint: Endpoint,
  caller: string,
  name: string,
  where: unknown,
  type: unknown,
  address: Bytes | undefined,
): void {
  const view = address === undefined ? new Uint8Array(0) : readable(caller, 'address', address);
  const given = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  if (given.length > LINK_ADDRESS) throw wrongKind(caller, 'address', 'at most 8 bytes', address);
  const fields = {
    ifindex: indexOf(caller, where, 'a name or an index'),
    type: integer(caller, 'type', type, 0, 0xffff),
    alen: given.length,
  };
  const bytes = Buffer.concat([linkRequest.write(fields), given, Buffer.alloc(LINK_ADDRESS - given.length)]);
  setByName(endpoint, SOL_PACKET, name, bytes);
}
