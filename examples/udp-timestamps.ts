/**
 * Says of every datagram when it came in, on which interface, and for which of this host's addresses, and answers
 * from there; talk to it with udp-client.
 *
 *     node build/examples/udp-timestamps.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
// Before bind, so that no datagram comes in without.
s.setsockopt(socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, 1);
s.setsockopt(socket.SOL_IP, socket.IP_PKTINFO, 1);
s.bind([argument(1, ''), argument(2, 65432)]);
announce(s);

while (true) {
  const [data, ancdata, , addr] = s.recvmsg(1024, 128);
  console.log('Received', repr(data), 'from', repr(addr));
  const answer: socket.Ancillary[] = [];
  for (const message of socket.decodeAncillary(ancdata)) {
    if (message.kind === 'timestamp') {
      console.log('  at', new Date(Number(message.time / 1_000_000n)).toISOString());
    } else if (message.kind === 'packetInfo') {
      console.log('  for', message.addr, 'on interface', message.ifindex);
      answer.push(socket.ancillary.packetInfo(message));
    }
  }
  s.sendmsg([data], answer, 0, addr);
}
