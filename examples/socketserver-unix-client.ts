/**
 * Sends what you type to socketserver-unix-server, line by line over one connection, and prints the answers.
 *
 *     node build/examples/socketserver-unix-client.js [path]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';
import { EOFError, input } from './input.ts';

using sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
sock.connect(argument(1, 'lines.sock'));
using file = sock.makefile('rw');
while (true) {
  let line: string;
  try {
    line = input('> ');
  } catch (error) {
    if (error instanceof EOFError) break;
    throw error;
  }
  file.write(`${line}\n`);
  file.flush();
  const answer = file.readline();
  if (!answer) break;
  console.log(answer.trim());
}
