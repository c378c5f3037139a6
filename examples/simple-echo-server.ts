/**
 * Another echo server, which says who is connected; talk to it with simple-echo-client.
 *
 *     node build/examples/simple-echo-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

using serverSocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
serverSocket.bind([argument(1, 'localhost'), argument(2, 65432)]);
serverSocket.listen();
announce(serverSocket);
console.log('Server listening on port 65432...');
const [conn, addr] = serverSocket.accept();
{
  using _ = conn;
  console.log('Connected by', repr(addr));
  while (true) {
    const data = conn.recv(1024);
    if (data.length === 0) break;
    conn.sendall(data);
  }
}
