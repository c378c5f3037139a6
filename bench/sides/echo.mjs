/** echo.mjs KIND: an echo server (`accept`: one that only accepts and closes) of ours. Prints its port. */
import {
  AF_INET,
  ConnectionError,
  createServer,
  IPPROTO_TCP,
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
