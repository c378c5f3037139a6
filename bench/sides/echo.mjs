/** echo.mjs KIND: an echo server (`accept`: one that only accepts and closes) of ours. Prints its port. */
import {
  AF_INET,
  ConnectionError,
  createServer,
  IPPROTO_TCP,
  MessageBatch,
  SOCK_DGRAM,
  Socket,
  TCP_NODELAY,
} from 'bsd-socket';
import { startServer } from 'bsd-socket/asyncio';
import './control.mjs';

const host = '127.0.0.1';
const backlog = 4096;

const servers = {
  async socket() {
    const server = createServer([host, 0], { backlog });
    console.log(server.getsockname()[1]);
    for await (const [connection] of server.connections()) serve(connection);

    async function serve(connection) {
      try {
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
        for (;;) {
          const data = await connection.recvAsync(65536);
          if (data.length === 0) break;
          await connection.sendallAsync(data);
        }
      } catch (error) {
        // The client is gone.
        if (!(error instanceof ConnectionError)) throw error;
      } finally {
        connection.close();
      }
    }
  },
  async streams() {
    const server = await startServer(serve, host, 0, { backlog });
    console.log(server.sockets[0].getsockname()[1]);

    async function serve(reader, writer) {
      try {
        for (;;) {
          const data = await reader.read(65536);
          if (data.length === 0) break;
          writer.write(data);
          await writer.drain();
        }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
      } finally {
        writer.close();
      }
    }
  },
  async udp() {
    const server = new Socket(AF_INET, SOCK_DGRAM);
    server.bind([host, 0]);
    console.log(server.getsockname()[1]);
    for (;;) {
      const [data, peer] = await server.recvfromAsync(65536);
      await server.sendtoAsync(data, peer);
    }
  },
  async 'udp-batches'() {
    const server = new Socket(AF_INET, SOCK_DGRAM);
    server.bind([host, 0]);
    console.log(server.getsockname()[1]);
    const batch = new MessageBatch(32, 2048);
    for (;;) {
      await server.recvmmsgAsync(batch);
      for (let sent = 0; sent < batch.length; ) sent += await server.sendmmsgAsync(batch, 0, sent);
    }
  },
  async selectors() {
    const { DefaultSelector, EVENT_READ } = await import('bsd-socket/selectors');
    const server = createServer([host, 0], { backlog });
    console.log(server.getsockname()[1]);
    const selector = new DefaultSelector();
    selector.register(server, EVENT_READ);
    for (;;) {
      for (const [{ fileobj: ready }] of await selector.selectAsync()) {
        if (ready === server) {
          const [connection] = server.accept();
          connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
          connection.setblocking(false);
          selector.register(connection, EVENT_READ);
          continue;
        }
        const data = ready.recv(65536);
        if (data.length > 0) ready.sendall(data);
        else {
          selector.unregister(ready);
          ready.close();
        }
      }
    }
  },
  async accept() {
    const server = createServer([host, 0], { backlog });
    console.log(server.getsockname()[1]);
    for (;;) {
      const [connection] = await server.acceptAsync();
      connection.close();
    }
  },
};

await servers[process.argv[2]]();
