/**
 * Serves one port by several processes, each with a socket of its own: with SO_REUSEPORT the kernel spreads the
 * connections. SIGTERM or Ctrl-C ends them all. Talk to it with prefork-client.
 *
 *     node build/examples/prefork-server.js [host] [port] [processes]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { InterruptedError } from 'bsd-socket';
import * as socketserver from 'bsd-socket/socketserver';
import { announce, argument } from './helpers.ts';

class PidHandler extends socketserver.StreamRequestHandler {
  override handle(): void {
    const line = this.rfile.readline();
    this.wfile.write(`${process.pid} ${line}`);
  }
}

class ReusePortServer extends socketserver.TCPServer {
  static override allowReusePort = true;
}

function serve(address: [string, number]): void {
  // With a listener the signal ends serveForever, and not the process.
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => {});
  using server = new ReusePortServer(address, PidHandler);
  process.send!('ready');
  try {
    server.serveForever();
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
  process.disconnect();
}

async function main(address: [string, number]): Promise<void> {
  // It has the port and does not listen, so that no connection comes here.
  using reserved = new ReusePortServer(address, PidHandler, false);
  reserved.serverBind();
  const args = [...reserved.serverAddress, 'child'].map(String);
  const children = Array.from({ length: argument(3, 2) }, () => fork(fileURLToPath(import.meta.url), args));
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map((child) => once(child, 'message')));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      for (const child of children) child.kill('SIGTERM');
    });
  }
  announce(reserved.socket);
  const codes = await Promise.all(ended);
  console.log(`${codes.length} processes have ended`);
}

const address: [string, number] = [argument(1, 'localhost'), argument(2, 9999)];
if (argument(3) === 'child') serve(address);
else await main(address);
