/**
 * Serves lines over a Unix socket, many clients at once: each line comes back turned round, until an empty one. Talk to
 * it with socketserver-unix-client. The path must not be there yet; the server removes it in the end, by SIGTERM or Ctrl-C.
 *
 *     node build/examples/socketserver-unix-server.js [path]
 */
import { unlinkSync } from 'node:fs';
import * as socketserver from 'bsd-socket/socketserver';
import { argument } from './helpers.ts';

class LineHandler extends socketserver.StreamRequestHandler<socketserver.UnixStreamServer> {
  override async handle(): Promise<void> {
    for await (const line of this.rfile) {
      const text = line.toString().trim();
      if (!text) break;
      await this.wfile.writeAsync(`${[...text].reverse().join('')}\n`);
    }
  }
}

const path = argument(1, 'lines.sock');
await using server = new socketserver.UnixStreamServer(path, LineHandler);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.shutdown());
process.stderr.write(`listening on ${path}\n`);
await server.serveForeverAsync();
unlinkSync(path);
