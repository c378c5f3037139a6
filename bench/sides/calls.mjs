/** calls.mjs CASE COUNT SIZE [PORT]: our blocking calls, in one process that measures itself. */
import {
  AF_INET,
  createConnection,
  IPPROTO_TCP,
  MessageBatch,
  MSG_WAITALL,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
  socketpair,
  TCP_NODELAY,
} from 'bsd-socket';
import { measure, report, same, start, warmUp, whole } from './measure.mjs';

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
    const [out, into] = [Buffer.alloc(size, 'x'), Buffer.alloc(size)];
    const operation = () => {
      a.send(out);
      return b.recvInto(into);
    };
    measure(count, operation, (length) => same(into.subarray(0, length), out));
  },
  'socketpair-recv'(count, size) {
    const [a, b] = socketpair();
    const out = Buffer.alloc(size, 'x');
    const operation = () => {
      a.send(out);
      return b.recv(size);
    };
    measure(count, operation, (data) => same(data, out));
  },
  datagrams(count, size) {
    const { receiver, sender, to } = datagramPair();
    const out = Buffer.alloc(size, 'x');
    const operation = () => {
      sender.sendto(out, to);
      return receiver.recvfrom(size);
    };
    measure(count, operation, ([data]) => same(data, out));
  },
  'datagrams-into'(count, size) {
    const { receiver, sender, to } = datagramPair();
    const [out, into] = [Buffer.alloc(size, 'x'), Buffer.alloc(size)];
    const operation = () => {
      sender.sendto(out, to);
      return receiver.recvfromInto(into);
    };
    measure(count, operation, ([length]) => same(into.subarray(0, length), out));
  },
  batches(count, size) {
    const { receiver, sender, to } = datagramPair();
    const out = new MessageBatch(MANY, size);
    const into = new MessageBatch(MANY, size);
    const data = Buffer.alloc(size, 'x');
    for (let each = 0; each < MANY; each++) out.set(each, data, to);
    const operation = () => {
      sender.sendmmsg(out);
      if (receiver.recvmmsg(into) !== MANY) throw new Error('datagrams were lost');
    };
    const check = () => {
      for (let each = 0; each < MANY; each++) same(into.data(each), data);
    };
    measure(count, operation, check, MANY);
  },
  'ping-pong'(count, size, port) {
    const s = connected(port);
    const out = Buffer.alloc(size, 'x');
    const operation = () => {
      s.sendall(out);
      return s.recv(size);
    };
    measure(count, operation, (data) => same(data, out));
  },
  'bulk-send'(count, size, port) {
    const s = connected(port);
    const block = Buffer.alloc(size, 'x');
    for (let left = warmUp(count); left > 0; left--) s.sendall(block);
    const started = start();
    for (let left = count; left > 0; left--) s.sendall(block);
    // The sink says how much it has got.
    s.shutdown(SHUT_WR);
    whole(s.recv(32, MSG_WAITALL), (warmUp(count) + count) * size);
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
