/** async-calls.mjs CASE COUNT SIZE [PORT] [FILE]: our asynchronous calls, in one process that measures itself. */
import { open } from 'node:fs/promises';
import {
  AF_UNIX,
  createConnectionAsync,
  createServer,
  IPPROTO_TCP,
  MSG_WAITALL,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
  TCP_NODELAY,
} from 'bsd-socket';
import { measureAsync, report, same, start, warmUp, whole } from './measure.mjs';

const PARALLEL = 10;

async function connected(port) {
  const s = await createConnectionAsync(['127.0.0.1', port]);
  s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
  return s;
}

const cases = {
  /** One datagram at a time to another socket of this process. */
  async 'unix-datagrams'(count, size) {
    const [receiver, sender] = [new Socket(AF_UNIX, SOCK_DGRAM), new Socket(AF_UNIX, SOCK_DGRAM)];
    const name = Buffer.from(`\0bsd-socket-bench\0${process.pid}`);
    receiver.bind(name);
    const data = Buffer.alloc(size, 'x');
    let came;
    await measureAsync(count, async (datagrams) => {
      for (let left = datagrams; left > 0; left--) {
        sender.sendto(data, name);
        came = await receiver.recvAsync(size);
      }
      same(came, data);
    });
  },
  async bulk(count, size, port) {
    const s = await connected(port);
    const block = Buffer.alloc(size, 'x');
    for (let left = warmUp(count); left > 0; left--) await s.sendallAsync(block);
    const started = start();
    for (let left = count; left > 0; left--) await s.sendallAsync(block);
    // The sink says how much it has got.
    s.shutdown(SHUT_WR);
    whole(await s.recvAsync(32, MSG_WAITALL), (warmUp(count) + count) * size);
    report(count, started);
  },
  async file(count, size, port, path) {
    await measureAsync(count, async (files) => {
      for (let left = files; left > 0; left--) {
        const s = await connected(port);
        const file = await open(path);
        await s.sendfileAsync(file);
        await file.close();
        s.shutdown(SHUT_WR);
        whole(await s.recvAsync(32, MSG_WAITALL), size);
        s.close();
      }
    });
  },
  /** Connections to a server in this process; both ends close as soon as both have theirs. */
  async connections(count) {
    const server = createServer(['127.0.0.1', 0], { backlog: 4096 });
    const address = server.getsockname();
    await measureAsync(count, async (connections) => {
      let left = connections;
      const one = async () => {
        while (left-- > 0) {
          const s = new Socket();
          const [[connection]] = await Promise.all([server.acceptAsync(), s.connectAsync(address)]);
          connection.close();
          s.close();
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, one));
    });
    server.close();
  },
};

const [name, count, size, port, file] = process.argv.slice(2);
await cases[name](Number(count), Number(size), Number(port), file);
