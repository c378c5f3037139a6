/**
 * Opens a file and passes its descriptor to a child process, which reads it without knowing where it is.
 *
 *     node build/examples/pass-parent.js [file] [child's program and arguments]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as socket from 'bsd-socket';

const itself = fileURLToPath(import.meta.url);
const [file = itself, program = process.execPath, ...given] = process.argv.slice(2);
const args = given.length > 0 ? given : [itself.replace('parent', 'child')];

const [ours, theirs] = socket.socketpair();
using _ = ours;
// The child's standard input is its end of the pair.
const child = spawn(program, args, { stdio: [theirs.fileno(), 'inherit', 'inherit'] });
theirs.close();

const fd = openSync(file, 'r');
socket.sendFds(ours, ['a file'], [fd]);
closeSync(fd); // The child has its own by now.
console.log('The child says:', String(ours.recv(1024)));
await once(child, 'exit');
