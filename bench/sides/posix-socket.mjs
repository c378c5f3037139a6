/** posix-socket.mjs CASE COUNT SIZE: what the package posix-socket has of calls.mjs. */
import { requirePeer } from '../npm-peers.mjs';
import { measure, same } from './measure.mjs';

const posix = requirePeer('posix-socket');
const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = posix;

/** It has no socketpair, and no getsockname: a free port is found by trying. */
function bound(fd) {
  for (let port = 49152 + (process.pid % 8192); ; port++) {
    const address = { sin_family: AF_INET, sin_addr: '127.0.0.1', sin_port: port };
    try {
      posix.bind(fd, address);
      return address;
    } catch (error) {
      if (port === 65535) throw error;
    }
  }
}

const cases = {
  'socketpair-into'(count, size) {
    const address = { sun_family: AF_UNIX, sun_path: `\0bsd-socket-bench-${process.pid}` };
    const server = posix.socket(AF_UNIX, SOCK_STREAM, 0);
    posix.bind(server, address);
    posix.listen(server, 1);
    const a = posix.socket(AF_UNIX, SOCK_STREAM, 0);
    posix.connect(a, address);
    const b = posix.accept(server, {});
    const [out, into] = [new ArrayBuffer(size), new ArrayBuffer(size)];
    const sent = Buffer.from(out).fill('x');
    const operation = () => {
      posix.send(a, out, size, 0);
      return posix.recv(b, into, size, 0);
    };
    measure(count, operation, () => same(Buffer.from(into), sent));
  },
  'datagrams-into'(count, size) {
    const [receiver, sender] = [posix.socket(AF_INET, SOCK_DGRAM, 0), posix.socket(AF_INET, SOCK_DGRAM, 0)];
    const to = bound(receiver);
    const [out, into] = [new ArrayBuffer(size), new ArrayBuffer(size)];
    const sent = Buffer.from(out).fill('x');
    const operation = () => {
      posix.sendto(sender, out, size, 0, to);
      return posix.recvfrom(receiver, into, size, 0, {});
    };
    measure(count, operation, () => same(Buffer.from(into), sent));
  },
};

const [name, count, size] = process.argv.slice(2);
cases[name](Number(count), Number(size));
