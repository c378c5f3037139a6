/** Every call that waits, each in a situation in which it has to. */
import { type AsyncOptions, MessageBatch, MSG_DONTWAIT, SOCK_DGRAM } from 'bsd-socket';
import {
  type AnySocket,
  both,
  bound,
  fill,
  fullBacklog,
  inet,
  listening,
  type Mode,
  name,
  open,
  pair,
  unixPath,
} from './support.ts';

export interface Situation {
  /** The socket that the call waits on. */
  sock: AnySocket;
  /** Makes the call. */
  call(mode: Mode, options?: AsyncOptions): Promise<unknown>;
  /** Lets the waiting call succeed. */
  release(): void;
}

interface Waiting {
  name: string;
  syscall: string;
  /** Waits for something to read, or for room to write. */
  direction: 'read' | 'write';
  situation(): Situation;
}

function waiting(
  method: string,
  direction: Waiting['direction'],
  prepare: () => [sock: AnySocket, args: unknown[], release: () => void],
  title = method,
): Waiting {
  const situation = () => {
    const [sock, args, release] = prepare();
    const call = async (mode: Mode, options?: AsyncOptions) => {
      // biome-ignore lint/suspicious/noExplicitAny: the method is one of many.
      const methods = sock as any;
      return mode === 'sync' ? methods[method](...args) : methods[`${method}Async`](...args, options);
    };
    return { sock, call, release };
  };
  return { name: title, syscall: method.replace(/(Into|all|Ex)$/, ''), direction, situation };
}

function receiving(method: string, args: () => unknown[]): Waiting {
  return waiting(method, 'read', () => {
    const [sock, other] = pair(unixPath);
    return [sock, args(), () => other.send('x')];
  });
}

/** The receiving calls, each to what it received as text. */
export const receive = {
  recv: async (mode: Mode, sock: AnySocket, size: number, flags = 0) =>
    String(await both(mode, sock).recv(size, flags)),
  recvfrom: async (mode: Mode, sock: AnySocket, size: number, flags = 0) =>
    String((await both(mode, sock).recvfrom(size, flags))[0]),
  recvInto: async (mode: Mode, sock: AnySocket, size: number, flags = 0) => {
    const memory = Buffer.alloc(size + 5);
    return String(memory.subarray(0, await both(mode, sock).recvInto(memory, size, flags)));
  },
  recvfromInto: async (mode: Mode, sock: AnySocket, size: number, flags = 0) => {
    const memory = Buffer.alloc(size + 5);
    return String(memory.subarray(0, (await both(mode, sock).recvfromInto(memory, size, flags))[0]));
  },
  recvmsg: async (mode: Mode, sock: AnySocket, size: number, flags = 0) =>
    String((await both(mode, sock).recvmsg(size, 64, flags))[0]),
  recvmsgInto: async (mode: Mode, sock: AnySocket, size: number, flags = 0) => {
    const memory = Buffer.alloc(size);
    const pieces = [memory.subarray(0, 1), memory.subarray(1)];
    return String(memory.subarray(0, (await both(mode, sock).recvmsgInto(pieces, 64, flags))[0]));
  },
};
export const receivers = Object.keys(receive) as (keyof typeof receive)[];

/** Receives until nothing is left. */
export function empty(sock: AnySocket): void {
  try {
    while (sock.recv(1 << 20, MSG_DONTWAIT).length > 0);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EAGAIN') throw error;
  }
}

function sending(method: string, args: unknown[] = ['x', 0]): Waiting {
  return waiting(method, 'write', () => {
    const [sock, other] = pair(unixPath);
    fill(sock);
    return [sock, args, () => empty(other)];
  });
}

function connecting(method: string): Waiting {
  return waiting(method, 'write', () => {
    const { server, queued } = fullBacklog(unixPath);
    const release = () => {
      for (let left = queued; left > 0; left--) server.accept()[0].close();
    };
    return [open(unixPath), [name(server)], release];
  });
}

export const waitingCalls: readonly Waiting[] = [
  waiting('accept', 'read', () => {
    const server = listening(inet);
    return [server, [], () => open(inet).connect(name(server))];
  }),
  connecting('connect'),
  receiving('recv', () => [1, 0]),
  receiving('recvInto', () => [Buffer.alloc(1), 0, 0]),
  receiving('recvfrom', () => [1, 0]),
  receiving('recvfromInto', () => [Buffer.alloc(1), 0, 0]),
  receiving('recvmmsg', () => [new MessageBatch(2, 1), 0]),
  receiving('recvmsg', () => [1, 0, 0]),
  receiving('recvmsgInto', () => [[Buffer.alloc(1)], 0, 0]),
  sending('send'),
  sending('sendall'),
  sending('sendmmsg', [['x'], 0, 0]),
  sending('sendmsg', [['x'], [], 0, null]),
  waiting('sendto', 'write', () => {
    const [sock, receiver] = [open(unixPath, SOCK_DGRAM), bound(unixPath, SOCK_DGRAM)];
    const filler = open(unixPath, SOCK_DGRAM);
    filler.connect(name(receiver));
    fill(filler, 1);
    return [sock, ['x', 0, name(receiver)], () => receiver.recv(1)];
  }),
];

/** A TCP connect that gets no answer: the server's queue is full. */
export const unansweredConnect: Waiting = waiting(
  'connect',
  'write',
  () => {
    const { server, queued } = fullBacklog(inet);
    const release = () => {
      for (let left = queued; left > 0; left--) server.accept()[0].close();
    };
    return [open(inet), [name(server)], release];
  },
  'connect (TCP)',
);
