/** The program of a child process of `ForkingMixIn`, which handles one request. */
import { closeSync, readFileSync } from 'node:fs';
import { Socket } from '../socket/socket-constructor.ts';
import { PARCEL, REQUEST, unpacked } from './request-parcel.ts';
import { handleHere } from './request-server.ts';

const parcel = unpacked(readFileSync(PARCEL));
closeSync(PARCEL);
const { family, type, proto, timeout } = parcel.socket!;
const socket = new Socket(family, type, proto, REQUEST);
// A child was handed it, but programs that the handler starts are not.
socket.setInheritable(false);
socket.settimeout(timeout);
const done = await handleHere(socket, parcel);
// Whatever the handler has left on the event loop does not count: Python's child ends here, too.
process.exit(done ? 0 : 1);
