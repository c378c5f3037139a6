/** The examples of socketserver, as processes: servers and clients meet in all four combinations of the two languages. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { folder, LANGUAGES, start, startServer, test } from './programs.ts';

describe.each(LANGUAGES)('a server in %s', (language) => {
  for (const other of LANGUAGES) {
    const languages = [language, other];

    test(`socketserver-tcp-server serves ${other}`, languages, async () => {
      const [server, port] = await startServer(language, 'socketserver-tcp-server', 'one\ngrüße\n');
      const client = start(other, 'socketserver-tcp-client', ['127.0.0.1', port], 'hello\n you \n');
      expect(await client.end()).toBe(
        'Enter text: Sent: hello\nReceived: one\nEnter text: Sent:  you \nReceived: grüße\nEnter text: ',
      );
      const text = '127.0.0.1 wrote:\nhello\nEnter text: 127.0.0.1 wrote:\nyou\nEnter text: ';
      await server.until('stdout', /you\nEnter text: $/);
      expect(server.stdout).toBe(text);
      // Nobody types any more: that request fails, and the server goes on.
      const last = start(other, 'socketserver-tcp-client', ['127.0.0.1', port], 'hello\n');
      expect(await last.end()).toContain('Received: \n');
      await server.until('stderr', /-{40}\nException occurred.*EOFError.*\n-{40}\n/s);
      expect(server.child.exitCode).toBeNull();
    });

    test(`socketserver-udp-server serves ${other}`, languages, async () => {
      const [server, port] = await startServer(language, 'socketserver-udp-server');
      const client = start(other, 'socketserver-udp-client', ['127.0.0.1', port, 'hello', 'there']);
      expect(await client.end()).toBe('Sent:     hello there\nReceived: HELLO THERE\n');
      await server.until('stdout', /^127\.0\.0\.1 wrote:\nhello there\n$/);
    });

    test(`socketserver-unix-server serves ${other}, and ends by SIGTERM`, languages, async () => {
      const path = join(folder, 'lines.sock');
      const server = start(language, 'socketserver-unix-server', [path]);
      await server.until('stderr', /^listening on .*\n/);
      const patient = start(other, 'socketserver-unix-client', [path], null);
      await patient.until('stdout', /^> $/);
      const client = start(other, 'socketserver-unix-client', [path], 'hello\nyou\n');
      expect(await client.end()).toBe('> olleh\n> uoy\n> ');
      server.child.kill('SIGTERM');
      patient.child.stdin!.end('still here\n');
      expect(await patient.end()).toBe('> ereh llits\n> ');
      await server.end();
      expect(existsSync(path)).toBe(false);
    });

    test(`prefork-server serves ${other}, and ends by SIGTERM`, languages, async () => {
      const [server, port] = await startServer(language, 'prefork-server', '', ['127.0.0.1', 0, 3]);
      const client = start(other, 'prefork-client', ['127.0.0.1', port, 3]);
      expect(await client.end()).toBe('Served by 3 processes\n');
      server.child.kill('SIGTERM');
      expect(await server.end()).toBe('3 processes have ended\n');
    });
  }
});
