/** Receives a descriptor from its parent and reads from it; pass-parent starts it. */
import { readFileSync } from 'node:fs';
import * as socket from 'bsd-socket';

// Standard input is a Unix socket.
using parent = new socket.Socket(null, null, null, 0);
const [name, fds] = socket.recvFds(parent, 1024, 1);
const text = readFileSync(fds[0]!, 'utf8');
socket.close(fds[0]!);
parent.sendall(`${name} of ${text.split('\n').length} lines`);
