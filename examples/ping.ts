/**
 * Pings a host: sends ICMP echoes and prints how long their answers took. A raw socket needs CAP_NET_RAW; a datagram
 * socket of ICMP needs a group that net.ipv4.ping_group_range lists, and leaves the identifier and the checksum to the
 * kernel.
 *
 *     node build/examples/ping.js [host] [raw | dgram] [count]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const HEADER = 8;

/** The Internet checksum: the complement of the sum of all 16-bit words, carries included. */
function checksum(data: Buffer): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += data.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

function echoRequest(identifier: number, sequence: number): Buffer {
  const packet = Buffer.alloc(HEADER + 8, 'bsd-sock');
  packet.writeUInt8(socket.ICMP_ECHO, 0);
  packet.writeUInt8(0, 1);
  packet.writeUInt16BE(0, 2);
  packet.writeUInt16BE(identifier, 4);
  packet.writeUInt16BE(sequence, 6);
  packet.writeUInt16BE(checksum(packet), 2);
  return packet;
}

const host = argument(1, '127.0.0.1');
const kind = argument(2, 'raw');
const count = argument(3, 3);
const type = kind === 'dgram' ? socket.SOCK_DGRAM : socket.SOCK_RAW;

using s = socket.socket(socket.AF_INET, type, socket.getprotobyname('icmp'));
s.settimeout(2);
// The identifier of a datagram socket is its port, which the kernel chooses.
if (kind === 'dgram') s.bind(['', 0]);
const identifier = kind === 'dgram' ? s.getsockname()[1] : process.pid & 0xffff;

for (let sequence = 1; sequence <= count; sequence++) {
  const start = performance.now();
  s.sendto(echoRequest(identifier, sequence), [host, 0]);
  while (true) {
    const [data, addr] = s.recvfrom(2048);
    // A raw socket gets the IP header, too, and everybody's answers.
    const reply = kind === 'dgram' ? data : data.subarray((data[0]! & 15) * 4);
    if (reply.readUInt8(0) !== socket.ICMP_ECHOREPLY) continue;
    if (reply.readUInt16BE(4) !== identifier || reply.readUInt16BE(6) !== sequence) continue;
    const time = (performance.now() - start).toFixed(3);
    console.log(`${reply.length} bytes from ${addr![0]}: icmp_seq=${sequence} time=${time} ms`);
    break;
  }
}
