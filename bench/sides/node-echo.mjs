/** node-echo.mjs KIND: echo.mjs with what Node.js itself has. */
import dgram from 'node:dgram';
import net from 'node:net';
import './control.mjs';

const host = '127.0.0.1';
const at = { host, port: 0, backlog: 4096 };

const servers = {
  net() {
    const server = net.createServer({ noDelay: true }, (connection) => {
      connection.on('data', (data) => connection.write(data));
      connection.on('error', () => connection.destroy());
    });
    server.listen(at, () => console.log(server.address().port));
  },
  dgram() {
    const server = dgram.createSocket('udp4');
    server.on('message', (data, { address, port }) => server.send(data, port, address));
    server.bind(0, host, () => console.log(server.address().port));
  },
  accept() {
    const server = net.createServer({ pauseOnConnect: true }, (connection) => connection.destroy());
    server.listen(at, () => console.log(server.address().port));
  },
};

servers[process.argv[2]]();
