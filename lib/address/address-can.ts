/** Addresses of AF_CAN, whose form depends on the socket's protocol. */

import { CAN_BCM, CAN_ISOTP, CAN_J1939, CAN_RAW, IFNAMSIZ } from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { integer, outOfRange, textOf, wrongKind } from '../validate.ts';
import { type Domain, isTuple, unsigned } from './address-fields.ts';

function interfaceName(caller: string, value: unknown): string {
  const name = textOf(caller, 'ifname', value);
  if (Buffer.byteLength(name) >= IFNAMSIZ) throw new OSError('AF_CAN interface name too long');
  return name;
}

const UINT64_MAX = 2n ** 64n - 1n;

/** The name of a J1939 node: 64 bits. */
function nodeName(caller: string, value: unknown): bigint {
  if (typeof value !== 'bigint') return BigInt(integer(caller, 'name', value, 0, Number.MAX_SAFE_INTEGER));
  if (value < 0n || value > UINT64_MAX)
    throw outOfRange(caller, 'name', 'an integer from 0 to 2 ** 64 - 1', value);
  return value;
}

type Rest = (caller: string, rest: unknown[]) => unknown[];

/** For each protocol how an address reads, and what it has beside the interface. */
const protocols = new Map<number, [form: string, rest: Rest]>([
  [CAN_RAW, ['[ifname]', () => []]],
  [CAN_BCM, ['[ifname]', () => []]],
  [
    CAN_ISOTP,
    [
      '[ifname, rxId, txId]',
      (caller, [rxId, txId]) => [unsigned(caller, 'rxId', rxId), unsigned(caller, 'txId', txId)],
    ],
  ],
  [
    CAN_J1939,
    [
      '[ifname, name, pgn, addr]',
      (caller, [name, pgn, addr]) => [
        nodeName(caller, name),
        unsigned(caller, 'pgn', pgn),
        integer(caller, 'addr', addr, 0, 255),
      ],
    ],
  ],
]);

export function canFields(caller: string, address: unknown, { fd, proto }: Domain): unknown[] {
  const [form, rest] = protocols.get(proto) ?? [];
  if (form === undefined || rest === undefined) throw new OSError(`${caller}(): unsupported CAN protocol`);
  const { length } = form.split(',');
  if (!isTuple(address, length, length)) throw wrongKind(caller, 'AF_CAN address', form, address);
  const [name, ...others] = address;
  return [fd, proto, interfaceName(caller, name), ...rest(caller, others)];
}
