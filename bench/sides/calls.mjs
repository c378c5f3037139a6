/** calls.mjs CASE COUNT SIZE [PORT]: our blocking calls, in one process that measures itself. */
import {
  AF_INET,
  createConnection,
  IPPROTO_TCP,
  MessageBatch,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
  socketpair,
  TCP_NODELAY,
} from 'bsd-socket';
import { measure, report, start, warmUp } from './measure.mjs';

const MANY = 32;

function datagramPair() {
  const receiver = new Socket(AF_INET, SOCK_DGRAM);
  receiver.bind(['127.0.0.1', 0]);
  const sender = new Socket(AF_INET, SOCK_DGRAM);
  return { receiver, sender, to: receiver.getsockname() };
}

function connected(port) {
  const s = createConnection(['127.0.0.1', port]);
  s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
  return s;
}

const cases = {
  'socketpair-into'(count, size) {
    const [a, b] = socketpair();
    const [out, into] = [Buffer.alloc(size), Buffer.alloc(size)];
    measure(count, () => {
      a.send(out);
      b.recvInto(into);
    });
  },
  'socketpair-recv'(count, size) {
    const [a, b] = socketpair();
    const out = Buffer.alloc(size);
    measure(count, () => {
      a.send(out);
      b.recv(size);
    });
  },
  datagrams(count, size) {
    const { receiver, sender, to } = datagramPair();
    const out = Buffer.alloc(size);
    measure(count, () => {
      sender.sendto(out, to);
      receiver.recvfrom(size);
    });
  },
  'datagrams-into'(count, size) {
    const { receiver, sender, to } = datagramPair();
    const [out, into] = [Buffer.alloc(size), Buffer.alloc(size)];
    measure(count, () => {
      sender.sendto(out, to);
      receiver.recvfromInto(into);
    });
  },
  batches(count, size) {
    const { receiver, sender, to } = datagramPair();
    const out = new MessageBatch(MANY, size);
    const into = new MessageBatch(MANY, size);
    const data = Buffer.alloc(size);
    for (let each = 0; each < MANY; each++) out.set(each, data, to);
    const operation = () => {
      sender.sendmmsg(out);
      if (receiver.recvmmsg(into) !== MANY) throw new Error('datagrams were lost');
    };
    measure(count, operation, MANY);
  },
  'ping-pong'(count, size, port) {
    const s = connected(port);
    const out = Buffer.alloc(size);
    measure(count, () => {
      s.sendall(out);
      s.recv(size);
    });
  },
  'bulk-send'(count, size, port) {
    const s = connected(port);
    const block = Buffer.alloc(size, 'x');
    for (let left = warmUp(count); left > 0; left--) s.sendall(block);
    const started = start();
    for (let left = count; left > 0; left--) s.sendall(block);
    // The sink closes when it has got all.
    s.shutdown(SHUT_WR);
    s.recv(1);
    report(count, started);
  },
  'bulk-recv'(count, size, port) {
    const s = connected(port);
    const block = Buffer.alloc(size, 'x');
    const receive = (blocks) => {
      for (let left = blocks * size; left > 0; ) left -= s.recvInto(block);
    };
    receive(warmUp(count));
    const started = start();
    receive(count);
    report(count, started);
  },
};

const [name, ...numbers] = process.argv.slice(2);
cases[name](...numbers.map(Number));
