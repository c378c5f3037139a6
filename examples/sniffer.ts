/**
 * Shows the UDP datagrams that arrive on a network interface: the fields of Ethernet, IP and UDP. Needs CAP_NET_RAW.
 *
 *     node build/examples/sniffer.js [interface] [port] [count]
 *
 * With a port other than 0 it shows the datagrams to that port alone, with a count other than 0 it ends after so many.
 */
import * as socket from 'bsd-socket';
import { argument, repr } from './helpers.ts';

const ETHERNET = 14;

const mac = (bytes: Buffer) => bytes.toString('hex').match(/../g)!.join(':');

const ifname = argument(1, 'lo');
const port = argument(2, 0);
const count = argument(3, 0);

using s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(socket.ETH_P_ALL));
s.bind([ifname, socket.ETH_P_ALL]);
process.stderr.write(`listening on ${ifname}\n`);

for (let shown = 0; count === 0 || shown < count; ) {
  const [frame, addr] = s.recvfrom(65536);
  const [, proto, pkttype] = addr!;
  // On the loopback interface every packet is seen twice, going and coming.
  if (pkttype === socket.PACKET_OUTGOING || proto !== socket.ETHERTYPE_IP) continue;

  const ip = frame.subarray(ETHERNET);
  if (ip.readUInt8(9) !== socket.IPPROTO_UDP) continue;
  const udp = ip.subarray((ip.readUInt8(0) & 15) * 4);
  const [source, destination, length] = [udp.readUInt16BE(0), udp.readUInt16BE(2), udp.readUInt16BE(4)];
  if (port !== 0 && destination !== port) continue;

  console.log(`Ethernet ${mac(frame.subarray(6, 12))} -> ${mac(frame.subarray(0, 6))}`);
  const [from, to] = [socket.inetNtoa(ip.subarray(12, 16)), socket.inetNtoa(ip.subarray(16, 20))];
  console.log(`  IP ${from} -> ${to}, TTL ${ip.readUInt8(8)}, ${ip.readUInt16BE(2)} bytes`);
  console.log(`  UDP ${source} -> ${destination}: ${repr(udp.subarray(8, length))}`);
  shown++;
}
