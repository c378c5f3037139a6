/**
 * The forms in which callers hand in addresses: for each family what is checked, and the fields that `native.sockaddr`
 * takes for it. A family is one entry in `forms` here and one in the table of binding/address.cpp.
 */

import {
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_RDS,
  AF_TIPC,
  AF_UNIX,
  AF_VSOCK,
  PACKET_HOST,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
  TIPC_CLUSTER_SCOPE,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { integer, outOfRange, textOf, wrongKind } from '../validate.ts';
import { bluetoothFields } from './address-bluetooth.ts';
import { canFields } from './address-can.ts';
import { type Domain, type Fields, isTuple, unsigned } from './address-fields.ts';

function hostOf(caller: string, host: unknown, any: string): string {
  const text = textOf(caller, 'host', host);
  return text === '' ? any : text;
}

function inetFields(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 2)) throw wrongKind(caller, 'AF_INET address', '[host, port]', address);
  const host = hostOf(caller, address[0], '0.0.0.0');
  const port = integer(caller, 'port', address[1], 0, 65535);
  return [host === '<broadcast>' ? '255.255.255.255' : host, port];
}

function inet6Fields(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 4)) {
    throw wrongKind(caller, 'AF_INET6 address', '[host, port, flowinfo?, scopeId?]', address);
  }
  const [host, port, flowinfo = 0, scopeId = 0] = address;
  if (host === '<broadcast>') throw new OSError('address family mismatched');
  return [
    hostOf(caller, host, '::'),
    integer(caller, 'port', port, 0, 65535),
    integer(caller, 'flowinfo', flowinfo, 0, 0xfffff),
    unsigned(caller, 'scopeId', scopeId),
  ];
}

// sockaddr_un's room for a path with its NUL, or for an abstract name, which has none at its end.
const SUN_PATH = 108;

function unixFields(caller: string, address: unknown): unknown[] {
  if (typeof address !== 'string' && !ArrayBuffer.isView(address)) {
    throw wrongKind(caller, 'AF_UNIX address', 'a string or bytes', address);
  }
  const bytes =
    typeof address === 'string'
      ? Buffer.from(address)
      : Buffer.from(address.buffer, address.byteOffset, address.byteLength);
  const path = bytes.length > 0 && bytes[0] !== 0;
  if (bytes.length > SUN_PATH - (path ? 1 : 0))
    throw new OSError('AF_UNIX path too long', { address: bytes.toString() });
  if (path && bytes.includes(0)) throw wrongKind(caller, 'AF_UNIX path', 'without NUL', address);
  return [bytes];
}

function packetFields(caller: string, address: unknown, { fd }: Domain): unknown[] {
  if (!isTuple(address, 2, 5)) {
    throw wrongKind(caller, 'AF_PACKET address', '[ifname, proto, pkttype?, hatype?, addr?]', address);
  }
  const [name, proto, pkttype = PACKET_HOST, hatype = 0, addr = new Uint8Array(0)] = address;
  if (!ArrayBuffer.isView(addr)) throw wrongKind(caller, 'addr', 'bytes', addr);
  if (addr.byteLength > 8)
    throw outOfRange(caller, 'addr', '8 bytes or less (Hardware address)', addr.byteLength);
  return [
    fd,
    textOf(caller, 'ifname', name),
    integer(caller, 'proto', proto, 0, 65535),
    integer(caller, 'pkttype', pkttype, 0, 255),
    integer(caller, 'hatype', hatype, 0, 65535),
    addr,
  ];
}

/** A family whose addresses are pairs of unsigned numbers. */
const pairOf =
  (family: string, first: string, second: string): Fields =>
  (caller, address) => {
    if (!isTuple(address, 2, 2))
      throw wrongKind(caller, `${family} address`, `[${first}, ${second}]`, address);
    return [unsigned(caller, first, address[0]), unsigned(caller, second, address[1])];
  };

const tipcTypes: readonly unknown[] = [TIPC_ADDR_NAMESEQ, TIPC_ADDR_NAME, TIPC_ADDR_ID];

function tipcFields(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 4, 5))
    throw wrongKind(caller, 'AF_TIPC address', '[addrType, v1, v2, v3, scope?]', address);
  const [type, v1, v2, v3, scope = TIPC_CLUSTER_SCOPE] = address;
  unsigned(caller, 'addrType', type);
  if (!tipcTypes.includes(type)) {
    const expected = 'TIPC_ADDR_NAMESEQ, TIPC_ADDR_NAME or TIPC_ADDR_ID (Invalid address type)';
    throw wrongKind(caller, 'addrType', expected, type);
  }
  return [
    type,
    unsigned(caller, 'v1', v1),
    unsigned(caller, 'v2', v2),
    unsigned(caller, 'v3', v3),
    // A negative one withdraws a name that has been bound.
    integer(caller, 'scope', scope, -128, 127),
  ];
}

/** Text for one of sockaddr_alg's two arrays, which ends with a NUL there. */
function algText(caller: string, name: string, value: unknown, room: number): string {
  const text = textOf(caller, name, value);
  const size = Buffer.byteLength(text);
  if (size >= room)
    throw outOfRange(caller, name, `at most ${room - 1} bytes long (AF_ALG ${name} too long.)`, size);
  return text;
}

function algFields(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 4))
    throw wrongKind(caller, 'AF_ALG address', '[type, name, feat?, mask?]', address);
  const [type, name, feat = 0, mask = 0] = address;
  return [
    algText(caller, 'type', type, 14),
    algText(caller, 'name', name, 64),
    unsigned(caller, 'feat', feat),
    unsigned(caller, 'mask', mask),
  ];
}

/** What calls return for a family without a form of its own is also what they take. */
function unknownFields(caller: string, address: unknown, { family }: Domain): unknown[] {
  const bytes: unknown = isTuple(address, 2, 2) && address[0] === family ? address[1] : undefined;
  if (!ArrayBuffer.isView(bytes)) throw new OSError(`${caller}(): bad family`);
  // A sockaddr_storage without the family.
  if (bytes.byteLength > 126) throw outOfRange(caller, 'data', 'at most 126 bytes', bytes.byteLength);
  return [bytes];
}

const forms = new Map<number, Fields>([
  [AF_INET, inetFields],
  [AF_INET6, inet6Fields],
  [AF_UNIX, unixFields],
  [AF_PACKET, packetFields],
  [AF_NETLINK, pairOf('AF_NETLINK', 'pid', 'groups')],
  [AF_VSOCK, pairOf('AF_VSOCK', 'cid', 'port')],
  [AF_CAN, canFields],
  [AF_TIPC, tipcFields],
  [AF_ALG, algFields],
  [AF_QIPCRTR, pairOf('AF_QIPCRTR', 'node', 'port')],
  [AF_BLUETOOTH, bluetoothFields],
  [AF_RDS, inetFields],
]);

/** Checks an address of the domain's family and lists its fields as `native.sockaddr` takes them. */
export function fieldsOf(caller: string, domain: Domain, address: unknown): unknown[] {
  return (forms.get(domain.family) ?? unknownFields)(caller, address, domain);
}
