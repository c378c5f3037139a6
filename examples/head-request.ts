/**
 * An HTTP HEAD request, spelled out: prints the header of a web page.
 *
 *     node build/examples/head-request.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);

s.connect([argument(1, 'webcode.me'), argument(2, 80)]);
s.sendall('HEAD / HTTP/1.1\r\nHost: webcode.me\r\nAccept: text/html\r\n\r\n');
console.log(s.recv(1024).toString());
