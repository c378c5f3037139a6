/** node-calls.mjs CASE COUNT SIZE [PORT] [FILE]: the same with what Node.js itself has. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import net from 'node:net';
import { measureAsync, report, same, start, warmUp, whole } from './measure.mjs';

const MANY = 32;
const PARALLEL = 10;
const host = '127.0.0.1';

async function connected(port) {
  const s = net.connect({ host, port, noDelay: true });
  await once(s, 'connect');
  return s;
}

/** What the other end answers before it closes. */
async function ended(s) {
  let text = '';
  s.setEncoding('latin1').on('data', (more) => {
    text += more;
  });
  await once(s, 'close');
  return text;
}

const cases = {
  /** 32 datagrams at a time to another socket of this process. */
  async datagrams(count, size) {
    const [receiver, sender] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
    receiver.bind(0, host);
    await once(receiver, 'listening');
    // A datagram then costs no look-up of its address.
    sender.connect(receiver.address().port, host);
    await once(sender, 'connect');
    const data = Buffer.alloc(size, 'x');
    let came;
    await measureAsync(count, async (datagrams) => {
      for (let left = datagrams; left > 0; left -= MANY) {
        await new Promise((resolve) => {
          let missing = MANY;
          receiver.removeAllListeners('message').on('message', (message) => {
            came = message;
            if (--missing === 0) resolve();
          });
          for (let each = 0; each < MANY; each++) sender.send(data);
        });
      }
      same(came, data);
    });
    receiver.close();
    sender.close();
  },
  async bulk(count, size, port) {
    const s = await connected(port);
    const block = Buffer.alloc(size, 'x');
    const write = (blocks) =>
      new Promise((resolve) => {
        let left = blocks;
        const more = () => {
          while (left > 0) {
            left--;
            if (!s.write(block)) return;
          }
          s.off('drain', more);
          resolve();
        };
        s.on('drain', more);
        more();
      });
    await write(warmUp(count));
    const started = start();
    await write(count);
    // The sink says how much it has got.
    whole(await ended(s.end()), (warmUp(count) + count) * size);
    report(count, started);
  },
  async file(count, size, port, path) {
    await measureAsync(count, async (files) => {
      for (let left = files; left > 0; left--) {
        const s = await connected(port);
        whole(await ended(createReadStream(path).pipe(s)), size);
      }
    });
  },
  /** Connections to a server in this process; both ends close as soon as both have theirs. */
  async connections(count) {
    const accepting = [];
    const server = net.createServer({ pauseOnConnect: true }, (connection) => accepting.shift()(connection));
    server.listen({ host, port: 0, backlog: 4096 });
    await once(server, 'listening');
    const { port } = server.address();
    const accept = () => new Promise((resolve) => accepting.push(resolve));
    const connect = () =>
      new Promise((resolve, reject) => {
        const s = net.connect({ host, port }, () => resolve(s));
        s.on('error', reject);
      });
    await measureAsync(count, async (connections) => {
      let left = connections;
      const one = async () => {
        while (left-- > 0) {
          const [connection, s] = await Promise.all([accept(), connect()]);
          connection.destroy();
          s.destroy();
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, one));
    });
    server.close();
  },
};

const [name, count, size, port, file] = process.argv.slice(2);
await cases[name](Number(count), Number(size), Number(port), file);
