/** Addresses of AF_BLUETOOTH, whose form depends on the socket's protocol. */

import {
  BDADDR_BREDR,
  BTPROTO_HCI,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
  HCI_CHANNEL_RAW,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { integer, textOf, wrongKind } from '../validate.ts';
import { type Domain, isTuple } from './address-fields.ts';

/** The address of a device: six hexadecimal numbers with colons between them. */
function device(caller: string, value: unknown): string {
  const text = textOf(caller, 'bdaddr', value);
  if (!/^[\da-f]{1,2}(:[\da-f]{1,2}){5}$/i.test(text))
    throw new OSError('bad bluetooth address', { address: text });
  return text;
}

const wrongForm = (caller: string, form: string, address: unknown) =>
  wrongKind(caller, 'AF_BLUETOOTH address', form, address);

function l2cap(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 4)) throw wrongForm(caller, '[bdaddr, psm, cid?, bdaddrType?]', address);
  const [bdaddr, psm, cid = 0, type = BDADDR_BREDR] = address;
  return [
    device(caller, bdaddr),
    integer(caller, 'psm', psm, 0, 65535),
    integer(caller, 'cid', cid, 0, 65535),
    integer(caller, 'bdaddrType', type, 0, 255),
  ];
}

function rfcomm(caller: string, address: unknown): unknown[] {
  if (!isTuple(address, 2, 2)) throw wrongForm(caller, '[bdaddr, channel]', address);
  return [device(caller, address[0]), integer(caller, 'channel', address[1], 0, 255)];
}

function hci(caller: string, address: unknown): unknown[] {
  if (typeof address !== 'number' && !isTuple(address, 1, 2))
    throw wrongForm(caller, 'a number or [deviceId, channel?]', address);
  const [deviceId, channel = HCI_CHANNEL_RAW] = typeof address === 'number' ? [address] : address;
  return [integer(caller, 'deviceId', deviceId, 0, 65535), integer(caller, 'channel', channel, 0, 65535)];
}

const protocols = new Map<number, (caller: string, address: unknown) => unknown[]>([
  [BTPROTO_L2CAP, l2cap],
  [BTPROTO_RFCOMM, rfcomm],
  [BTPROTO_HCI, hci],
  [BTPROTO_SCO, (caller, address) => [device(caller, address)]],
]);

export function bluetoothFields(caller: string, address: unknown, { proto }: Domain): unknown[] {
  const check = protocols.get(proto);
  if (check === undefined) throw new OSError(`${caller}(): unknown Bluetooth protocol`);
  return [proto, ...check(caller, address)];
}
