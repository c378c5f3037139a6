/** The examples that talk to a service of the machine, which the test plays: the logger, systemd, a secure web server. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AF_UNIX, SOCK_DGRAM, Socket } from 'bsd-socket';
import { describe, expect, onTestFinished } from 'vitest';
import { folder, LANGUAGES, start, test } from './programs.ts';

/** A datagram socket that the programs send to. */
function service(address: string): Socket {
  const socket = new Socket(AF_UNIX, SOCK_DGRAM);
  onTestFinished(() => socket.close());
  socket.bind(address);
  return socket;
}

const tls = (file: string) => fileURLToPath(new URL(`../fixtures/tls/${file}.pem`, import.meta.url));

describe.each(LANGUAGES)('in %s', (language) => {
  test('syslog-client logs a line', [language], async () => {
    const path = join(folder, 'log');
    const log = service(path);
    const before = new Date();
    const program = start(language, 'syslog-client', [path, 'grüße']);
    expect(await program.end()).toBe('');
    const line = String(log.recv(2048));
    const [, priority, time, pid, message] =
      /^<(\d+)>(\w{3} [ \d]\d [\d:]{8}) syslog-client\[(\d+)\]: (.*)$/.exec(line)!;
    expect([priority, Number(pid), message]).toEqual(['14', program.child.pid, 'grüße']);
    const logged = new Date(`${time} ${before.getFullYear()}`).getTime();
    expect(logged).toBeGreaterThanOrEqual(before.getTime() - 1000);
    expect(logged).toBeLessThanOrEqual(Date.now());
  });

  test('syslog-client says that there is no logger', [language], async () => {
    const program = start(language, 'syslog-client', [join(folder, 'nothing')]);
    await program.until('stderr', /FileNotFoundError/);
  });

  test('sd-notify tells systemd, on a path and on an abstract name', [language], async () => {
    const path = join(folder, 'notify');
    const name = `bsd-socket-test-${process.pid}-${language}`;
    for (const [variable, address] of [
      [path, path],
      [`@${name}`, `\0${name}`],
    ] as const) {
      const systemd = service(address);
      const program = start(language, 'sd-notify', [], '', { NOTIFY_SOCKET: variable });
      expect(await program.end()).toBe('notified\n');
      expect(String(systemd.recv(2048))).toBe(`READY=1\nMAINPID=${program.child.pid}`);
      const status = start(language, 'sd-notify', ['STATUS=all is well', 'X=1'], '', {
        NOTIFY_SOCKET: variable,
      });
      await status.end();
      expect(String(systemd.recv(2048))).toBe('STATUS=all is well\nX=1');
    }
    const alone = start(language, 'sd-notify', [], '', { NOTIFY_SOCKET: '' });
    expect(await alone.end()).toBe('NOTIFY_SOCKET is not set\n');
  });

  test('https-over-duplex gets a page, and trusts nobody by itself', [language], async () => {
    const options = { key: readFileSync(tls('key')), cert: readFileSync(tls('certificate')) };
    const server = https.createServer(options, (request, response) => response.end(`this is ${request.url}`));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const program = start(language, 'https-over-duplex', ['localhost', port, tls('certificate')]);
    expect(await program.end()).toBe('200 OK\nthis is /\n');
    const careful = start(language, 'https-over-duplex', ['localhost', port]);
    await careful.until('stderr', /self.signed certificate/);
  });
});
