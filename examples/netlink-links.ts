/**
 * Lists the network interfaces with their state, MTU and hardware address, as `ip link` does: asks the kernel over a
 * netlink socket.
 *
 *     node build/examples/netlink-links.js
 */
import { endianness } from 'node:os';
import * as socket from 'bsd-socket';

// Netlink speaks the byte order of the machine; this program knows one of them.
if (endianness() !== 'LE') throw new Error('This example is for little-endian machines.');

const HEADER = 16; // struct nlmsghdr: length, type, flags, sequence, port id
const LINK = 16; // struct ifinfomsg: family, type, index, flags, change

/** Blocks that begin with their length, a multiple of four apart. */
function* blocks(data: Buffer, readLength: (at: number) => number): Generator<Buffer> {
  for (let at = 0; at < data.length; at += (readLength(at) + 3) & ~3) {
    yield data.subarray(at, at + readLength(at));
  }
}

function showLink(message: Buffer): void {
  const link = message.subarray(HEADER);
  const index = link.readInt32LE(4);
  const state = link.readUInt32LE(8) & socket.IFF_UP ? 'up' : 'down';
  let [name, mtu, address] = ['', 0, ''];
  const attributes = link.subarray(LINK);
  for (const attribute of blocks(attributes, (at) => attributes.readUInt16LE(at))) {
    const type = attribute.readUInt16LE(2);
    const value = attribute.subarray(4);
    if (type === socket.IFLA_IFNAME) name = value.toString('utf8', 0, value.indexOf(0));
    if (type === socket.IFLA_MTU) mtu = value.readUInt32LE();
    if (type === socket.IFLA_ADDRESS) address = value.toString('hex').match(/../g)!.join(':');
  }
  console.log(`${index}: ${name}: ${state}, mtu ${mtu}, ${address || 'no address'}`);
}

using s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE);
s.bind([0, 0]);

const request = Buffer.alloc(HEADER + LINK);
request.writeUInt32LE(request.length, 0);
request.writeUInt16LE(socket.RTM_GETLINK, 4);
request.writeUInt16LE(socket.NLM_F_REQUEST | socket.NLM_F_DUMP, 6);
s.sendto(request, [0, 0]);

for (let done = false; !done; ) {
  const data = s.recv(65536);
  for (const message of blocks(data, (at) => data.readUInt32LE(at))) {
    const type = message.readUInt16LE(4);
    if (type === socket.NLMSG_DONE || type === socket.NLMSG_ERROR) done = true;
    else showLink(message);
  }
}
