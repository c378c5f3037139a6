/** calls.mjs CASE COUNT SIZE: our side of the cases that one process measures by itself. */
import {
  AF_INET,
  createConnection,
  IPPROTO_TCP,
  MessageBatch,
  SOCK_DGRAM,
  Socket,
  socketpair,
  TCP_NODELAY,
} from 'bsd-socket';
import { measure } from './measure.mjs';

const MANY = 32;

function datagramPair() {
  const receiver = new Socket(AF_INET, SOCK_DGRAM);
  receiver.bind(['127.0.0.1', 0]);
  const sender = new Socket(AF_INET, SOCK_DGRAM);
  return { receiver, sender, to: receiver.getsockname() };
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
      receiver.recvmmsg(into);
    };
    measure(count, operation, MANY);
  },
  'ping-pong'(count, size, port) {
    const s = createConnection(['127.0.0.1', port]);
    s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    const out = Buffer.alloc(size);
    measure(count, () => {
      s.sendall(out);
      s.recv(size);
    });
  },
};

const [name, ...numbers] = process.argv.slice(2);
cases[name](...numbers.map(Number));
