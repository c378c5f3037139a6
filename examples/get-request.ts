/**
 * An HTTP GET request, spelled out: prints a web page with its header.
 *
 *     node build/examples/get-request.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);

s.connect([argument(1, 'webcode.me'), argument(2, 80)]);
s.sendall('GET / HTTP/1.1\r\nHost: webcode.me\r\nAccept: text/html\r\nConnection: close\r\n\r\n');

while (true) {
  const data = s.recv(1024);

  if (data.length === 0) break;

  console.log(data.toString());
}
