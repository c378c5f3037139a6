/** bind(2) with the address in the text of its error. */
import { inspect } from 'node:util';
import { OSError } from '../errors.ts';
import type { Address } from '../family.ts';
import type { Socket } from '../socket/socket-constructor.ts';

/** An error with another text. */
export function retold(error: OSError, text: string): OSError {
  const { errno, code, syscall, address, port } = error;
  const Class = error.constructor as typeof OSError;
  return new Class(text, { errno, code, syscall, address, port, cause: error });
}

/** Binds a socket; an error names the address as Python's servers do. */
export function bindTo(socket: Socket, address: Address): void {
  try {
    socket.bind(address as never);
  } catch (error) {
    if (!(error instanceof OSError) || error.syscall !== 'bind') throw error;
    const where = `error while attempting to bind on address ${inspect(address)}`;
    throw retold(error, `${where}: ${error.strerror.toLowerCase()}`);
  }
}
