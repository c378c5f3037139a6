/**
 * Sends a datagram to asyncio-udp-server, prints the one that comes back, and ends.
 *
 *     node build/examples/asyncio-udp-client.js [host] [port]
 */
import type { InetAddress } from 'bsd-socket';
import * as asyncio from 'bsd-socket/asyncio';
import { argument, repr } from './helpers.ts';

class EchoClient extends asyncio.DatagramProtocol {
  transport!: asyncio.DatagramTransport;

  override connectionMade(transport: asyncio.DatagramTransport) {
    this.transport = transport;
    transport.sendto('Hello, server');
  }

  override datagramReceived(data: Buffer, addr: InetAddress) {
    console.log('Received', repr(data), 'from', repr(addr));
    this.transport.close();
  }

  override errorReceived(error: Error) {
    console.log('Error received:', error.message);
  }

  override connectionLost() {
    console.log('Connection closed');
  }
}

await asyncio.createDatagramEndpoint(() => new EchoClient(), {
  remoteAddr: [argument(1, 'localhost'), argument(2, 9999)],
});
