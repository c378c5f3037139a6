/**
 * An HTTP GET request whose answer is read as a file: the header line by line, then the body.
 *
 *     node build/examples/http-lines.js [host] [port] [path]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const host = argument(1, 'webcode.me');
using s = socket.createConnection([host, argument(2, 80)]);
using f = s.makefile('rwb');
f.write(`GET ${argument(3, '/')} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
f.flush();

const [version, status] = f.readline().toString().split(' ');
console.log(`${version} says ${status}`);
const headers = new Map<string, string>();
for (const line of f) {
  if (line.toString() === '\r\n') break;
  const [, name, value] = /^(.*?): (.*)\r\n$/.exec(line.toString())!;
  headers.set(name!.toLowerCase(), value!);
}
for (const [name, value] of headers) console.log(`${name} = ${value}`);

const body = f.read(Number(headers.get('content-length') ?? -1))!;
console.log(`${body.length} bytes:`);
console.log(body.toString());
