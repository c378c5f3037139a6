/** echo.mjs KIND: an echo server over TCP (`udp`: over UDP) that prints its port and ends with its input. */
import dgram from 'node:dgram';
import net from 'node:net';
import { AF_INET, createServer, SOCK_DGRAM, Socket } from 'bsd-socket';

const servers = {
  async socket() {
    const server = createServer(['127.0.0.1', 0], { backlog: 4096 });
    console.log(server.getsockname()[1]);
    for await (const [connection] of server.connections()) serve(connection);

    async function serve(connection) {
      for (;;) {
        const data = await connection.recvAsync(65536);
        if (data.length === 0) break;
        await connection.sendallAsync(data);
      }
      connection.close();
    }
  },
  net() {
    const server = net.createServer({ noDelay: true }, (connection) => {
      connection.on('data', (data) => connection.write(data));
      connection.on('error', () => connection.destroy());
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
  },
  async streams() {
    const { startServer } = await import('bsd-socket/asyncio');
    const server = await startServer(
      async (reader, writer) => {
        for (;;) {
          const data = await reader.read(65536);
          if (data.length === 0) break;
          writer.write(data);
          await writer.drain();
        }
        writer.close();
      },
      '127.0.0.1',
      0,
      { backlog: 4096 },
    );
    console.log(server.sockets[0].getsockname()[1]);
  },
  async udp() {
    const server = new Socket(AF_INET, SOCK_DGRAM);
    server.bind(['127.0.0.1', 0]);
    console.log(server.getsockname()[1]);
    for (;;) {
      const [data, peer] = await server.recvfromAsync(65536);
      await server.sendtoAsync(data, peer);
    }
  },
  dgram() {
    const server = dgram.createSocket('udp4');
    server.on('message', (data, { address, port }) => server.send(data, port, address));
    server.bind(0, '127.0.0.1', () => console.log(server.address().port));
  },
};

process.stdin.on('end', () => process.exit()).resume();
await servers[process.argv[2]]();
