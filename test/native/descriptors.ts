/** Plain descriptors for the tests of the native functions, closed when the test is over. */
import { constants, readFileSync } from 'node:fs';
import { AF_INET, AF_UNIX, SOCK_STREAM } from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { onTestFinished } from 'vitest';

/** Closes a descriptor after the test, unless the test has done that. */
export function keep(fd: number): number {
  if (fd < 0) throw new Error(`no descriptor: ${binding.strerror(-fd)}`);
  onTestFinished(() => {
    binding.close(fd);
  });
  return fd;
}

export const open = (domain: number, type: number = SOCK_STREAM, protocol = 0): number =>
  keep(binding.socket(domain, type, protocol));

export function pair(type: number = SOCK_STREAM): [number, number] {
  const [first, second] = binding.socketpair(AF_UNIX, type, 0) as [number, number];
  return [keep(first), keep(second)];
}

export const storage = (): Uint8Array => new Uint8Array(binding.STORAGE_SIZE);

export const loopback = (port = 0): Buffer => binding.sockaddr(AF_INET, '127.0.0.1', port) as Buffer;
export const unix = (name: string | Buffer = ''): Buffer =>
  binding.sockaddr(AF_UNIX, Buffer.from(name)) as Buffer;

/** What a call has stored, as JavaScript's form of an address. */
export function stored(call: (storage: Uint8Array) => number): binding.Address | null {
  const into = storage();
  const result = call(into);
  if (result < 0) throw new Error(binding.strerror(-result));
  return binding.address(into);
}

export const nameOf = (fd: number) => stored((into) => binding.getsockname(fd, into));

/** The sockaddr of a socket's own name. */
export function sockaddrOf(fd: number): Buffer {
  const name = nameOf(fd);
  if (Array.isArray(name)) return binding.sockaddr(AF_INET, ...name) as Buffer;
  return unix(name as Buffer);
}

export function bound(domain: number, type: number = SOCK_STREAM): number {
  const fd = open(domain, type);
  binding.bind(fd, domain === AF_INET ? loopback() : unix());
  return fd;
}

export function listening(domain: number, backlog = 5): number {
  const fd = bound(domain);
  binding.listen(fd, backlog);
  return fd;
}

/** A listening socket with a connection that waits to be accepted, and that connection. */
export function called(domain: number): [server: number, client: number] {
  const server = listening(domain);
  const client = open(domain);
  binding.connect(client, sockaddrOf(server));
  return [server, client];
}

/** The flags of a descriptor as the kernel shows them in its fdinfo. */
export function flagsOf(fd: number): number {
  const [, octal] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))!;
  return Number.parseInt(octal!, 8);
}

export const isNonblocking = (fd: number): boolean => (flagsOf(fd) & constants.O_NONBLOCK) !== 0;

/** Sends until the kernel takes no more. Returns how many bytes it has taken. */
export function fill(fd: number): number {
  const chunk = new Uint8Array(65536);
  let total = 0;
  for (;;) {
    const count = binding.send(fd, chunk, 0);
    if (count < 0) return total;
    total += count;
  }
}
