/**
 * Sends every datagram back to where it came from; talk to it with asyncio-udp-client.
 *
 *     node build/examples/asyncio-udp-server.js [host] [port]
 */
import type { InetAddress } from 'bsd-socket';
import * as asyncio from 'bsd-socket/asyncio';
import { announce, argument, repr } from './helpers.ts';

class EchoServer extends asyncio.DatagramProtocol {
  transport!: asyncio.DatagramTransport;

  override connectionMade(transport: asyncio.DatagramTransport) {
    this.transport = transport;
  }

  override datagramReceived(data: Buffer, addr: InetAddress) {
    console.log('Received', repr(data), 'from', repr(addr));
    this.transport.sendto(data, addr);
  }
}

const [transport] = await asyncio.createDatagramEndpoint(() => new EchoServer(), {
  localAddr: [argument(1, 'localhost'), argument(2, 9999)],
});
announce(transport.getExtraInfo('socket'));
