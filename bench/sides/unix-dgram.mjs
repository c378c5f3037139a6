/** unix-dgram.mjs CASE COUNT SIZE: what the package unix-dgram has of async-calls.mjs. */
import { requirePeer } from '../npm-peers.mjs';
import { measureAsync, same } from './measure.mjs';

const { createSocket } = requirePeer('unix-dgram');

const cases = {
  async 'unix-datagrams'(count, size) {
    const [receiver, sender] = [createSocket('unix_dgram'), createSocket('unix_dgram')];
    // A NUL in front is an abstract name, and no file.
    const name = `\0bsd-socket-bench-${process.pid}`;
    receiver.bind(name);
    const data = Buffer.alloc(size, 'x');
    await measureAsync(count, async (datagrams) => {
      let left = datagrams;
      const next = () => sender.send(data, 0, size, name);
      const last = await new Promise((resolve) => {
        receiver.removeAllListeners('message').on('message', (message) => {
          if (--left > 0) next();
          else resolve(message);
        });
        next();
      });
      same(last, data);
    });
    receiver.close();
    sender.close();
  },
};

const [name, count, size] = process.argv.slice(2);
await cases[name](Number(count), Number(size));
