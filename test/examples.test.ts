/**
 * Runs every program in examples/ from its compiled form, as a process of its own; what it prints must be what the
 * Python original beside it prints. Servers and clients meet in all four combinations of the two languages.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repr } from '../examples/helpers.ts';
import {
  command,
  examples,
  folder,
  LANGUAGES,
  type Language,
  start,
  startServer,
  test,
} from './examples/programs.ts';

/** What was printed, without what differs from run to run and, where it is meant to, between the languages. */
function comparable(printed: string): string {
  return (
    printed
      .replace(/\('127\.0\.0\.1', \d+\)/g, "('127.0.0.1', PORT)")
      .replace(/ {2}at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '  at TIME')
      .replace(/on interface \d+/g, 'on interface NUMBER')
      // As often as the kernel has cut the stream.
      .replace(/(Receiving data...\n)+/g, 'Receiving data...\n')
      // The original of multi-client-server starts threads, the port tasks.
      .replace('Starting thread for', 'Starting task for')
  );
}

// ---- Servers and clients

interface Pair {
  server: string;
  client: string;
  /** What is typed at each. */
  serverInput?: string;
  clientInput?: string;
  /** The address that both are given, 127.0.0.1 if left out, and what they are given after the port. */
  host?: string;
  serverArguments?: unknown[];
  clientArguments?: unknown[];
  /** What each prints. */
  serverOutput: string;
  clientOutput: string;
  /** The server serves on and has to be killed. */
  endless?: boolean;
  before?: () => void;
  after?: () => void;
}

const ADDR = "('127.0.0.1', PORT)";
const file = Buffer.from(Array.from({ length: 100_001 }, (_, index) => (index * index) >> 4));

const pairs: Pair[] = [
  {
    server: 'first-server',
    client: 'first-client',
    clientInput: 'q\n',
    serverOutput: `Connection request from: ${ADDR}\n`,
    clientOutput: 'Type message: ',
  },
  {
    server: 'upper-server',
    client: 'first-client',
    clientInput: 'hello\ngrüße, €\nq\n',
    serverOutput: `Connection from: ${ADDR}\nFrom client: hello\nFrom client: grüße, €\n`,
    clientOutput:
      'Type message: Received from server: HELLO\n' +
      'Type message: Received from server: GRÜSSE, €\n' +
      'Type message: ',
  },
  {
    server: 'chat-server',
    client: 'chat-client',
    serverInput: 'Who is there?\nDo come in.\n',
    clientInput: 'hello\ngrüße, €\nq\n',
    serverOutput:
      `Connection from: ${ADDR}\n` +
      'From client: HELLO\nType message: ' +
      'From client: GRÜSSE, €\nType message: ',
    clientOutput:
      'Type message: Received from server: Who is there?\n' +
      'Type message: Received from server: Do come in.\n' +
      'Type message: ',
  },
  {
    server: 'file-server',
    client: 'file-client',
    serverOutput: `${chunks(file, 1024)
      .map((chunk) => `Sent ${repr(chunk)}\n`)
      .join('')}File transferred\n`,
    clientOutput: 'Receiving data...\nSuccessfully received\nConnection closed\n',
    before: () => writeFileSync(join(folder, 'test.txt'), file),
    after: () => expect(readFileSync(join(folder, 'recv.txt')).equals(file)).toBe(true),
  },
  {
    server: 'sendfile-server',
    client: 'sendfile-client',
    serverOutput: 'Sent 100001 bytes of test.txt to 127.0.0.1\n',
    clientOutput: 'Received 100001 bytes of test.txt\n',
    before: () => writeFileSync(join(folder, 'test.txt'), file),
    after: () => expect(readFileSync(join(folder, 'recv.txt')).equals(file)).toBe(true),
  },
  {
    server: 'echo-server',
    client: 'echo-client',
    serverOutput: 'socket binded to 0\n',
    clientOutput: 'hello there\n',
  },
  {
    server: 'simple-echo-server',
    client: 'simple-echo-client',
    serverOutput: `Server listening on port 65432...\nConnected by ${ADDR}\n`,
    clientOutput: "Received b'Hello, server'\n",
  },
  {
    server: 'udp-server',
    client: 'udp-client',
    serverOutput: `Received b'Hello, server' from ${ADDR}\n`,
    clientOutput: `Received b'Hello, server' from ${ADDR}\n`,
    endless: true,
  },
  {
    server: 'udp-timestamps',
    client: 'udp-client',
    serverOutput: `Received b'Hello, server' from ${ADDR}\n  at TIME\n  for 127.0.0.1 on interface NUMBER\n`,
    clientOutput: `Received b'Hello, server' from ${ADDR}\n`,
    endless: true,
  },
  {
    server: 'receive-server',
    client: 'hello-client',
    clientArguments: [0],
    serverOutput:
      '[INFO] Listening on 127.0.0.1:0\n' +
      `[CONNECTION] Connected to ${ADDR}\n` +
      `[CONNECTION] Disconnected from ${ADDR}\n`,
    clientOutput: '',
    endless: true,
  },
  {
    server: 'multi-client-server',
    client: 'hello-client',
    clientArguments: [0],
    serverOutput:
      '[INFO] Listening on 127.0.0.1:0\n' +
      `[INFO] Starting task for connection ${ADDR}\n` +
      `[CONNECTION] Connected to ${ADDR}\n` +
      `[CONNECTION] Disconnected from ${ADDR}\n`,
    clientOutput: '',
    endless: true,
  },
  {
    server: 'multicast-receiver',
    client: 'multicast-sender',
    host: '239.66.2.1',
    serverArguments: ['127.0.0.1'],
    clientArguments: ['127.0.0.1'],
    serverOutput: ['one', 'two', 'three'].map((text) => `Received b'${text}' from ${ADDR}\n`).join(''),
    clientOutput: "Sent b'one'\nSent b'two'\nSent b'three'\n",
    endless: true,
  },
  {
    server: 'broadcast-receiver',
    client: 'broadcast-sender',
    host: '127.255.255.255',
    serverOutput: ['one', 'two', 'three'].map((text) => `Received b'${text}' from ${ADDR}\n`).join(''),
    clientOutput: "Sent b'one'\nSent b'two'\nSent b'three'\n",
    endless: true,
  },
];

function chunks(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

async function meet(pair: Pair, serverLanguage: Language, clientLanguage: Language): Promise<void> {
  pair.before?.();
  const { host = '127.0.0.1' } = pair;
  const serverArgs = [host, 0, ...(pair.serverArguments ?? [])];
  const [server, port] = await startServer(serverLanguage, pair.server, pair.serverInput, serverArgs);
  const args = [host, port, ...(pair.clientArguments ?? [])];
  const client = start(clientLanguage, pair.client, args, pair.clientInput);
  expect(comparable(await client.end())).toBe(pair.clientOutput);
  if (pair.endless) {
    const lines = pair.serverOutput.split('\n').length - 1;
    await server.until('stdout', new RegExp(`^(.*\n){${lines}}`));
    expect(server.child.exitCode).toBeNull();
  } else {
    await server.end();
  }
  expect(comparable(server.stdout)).toBe(pair.serverOutput);
  expect(server.stderr).toBe(`listening on ${host}:${port}\n`);
  expect(client.stderr).toBe('');
  pair.after?.();
}

describe.each(pairs)('$server and $client', (pair) => {
  for (const server of LANGUAGES) {
    for (const client of LANGUAGES) {
      test(`${server} serves ${client}`, [server, client], () => meet(pair, server, client));
    }
  }
});

// ---- Servers that the tutorials' clients and pairs do not show fully

describe.each(LANGUAGES)('a server in %s', (language) => {
  test('receive-server answers once it has received all', [language], async () => {
    const [, port] = await startServer(language, 'receive-server');
    const client = net.connect(port, '127.0.0.1').setEncoding('utf8');
    await once(client, 'connect');
    const { localPort } = client;
    client.end('Hello world!');
    const [answer] = await once(client, 'data');
    expect(answer).toBe(`[CONNECTION] Received b'' from ('127.0.0.1', ${localPort})`);
    await once(client, 'close');
  });

  test(
    'multi-client-server serves its clients in turn, and outlives one that resets',
    [language],
    async () => {
      const [server, port] = await startServer(language, 'multi-client-server');
      const clients = [1, 2, 3].map(() => net.connect(port, '127.0.0.1').setEncoding('utf8'));
      await Promise.all(clients.map((client) => once(client, 'connect')));
      for (const message of ['one', "it's", '\0\n\xff']) {
        for (const client of clients) {
          const from = `('127.0.0.1', ${client.localPort})`;
          client.write(message, 'latin1');
          const [answer] = await once(client, 'data');
          expect(answer).toBe(`[CONNECTION] Received ${repr(Buffer.from(message, 'latin1'))} from ${from}`);
        }
      }
      const [first, second, third] = clients;
      first!.resetAndDestroy();
      await server.until('stderr', /ConnectionResetError/);
      for (const client of [second!, third!]) {
        const { localPort } = client;
        client.end();
        await server.until('stdout', new RegExp(`Disconnected from \\('127.0.0.1', ${localPort}\\)`));
      }
    },
  );
});

// ---- Clients of public services, which have a stand-in here

interface Service {
  port: number;
  close(): void;
}

async function listening(server: net.Server): Promise<Service> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function quoteOfTheDay(): Promise<Service> {
  const server = dgram.createSocket('udp4');
  server.on('message', (message, { port, address }) => {
    server.send(`"${message.length} bytes"\r\n  Nobody (1900)`, port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: () => server.close() };
}

function daytime(): Promise<Service> {
  return listening(net.createServer((client) => client.end('\n60000 23-02-25 12:00:00 UTC(NIST) * \n')));
}

function web(): Promise<Service> {
  return listening(
    http.createServer((request, response) => {
      response.sendDate = false;
      response.writeHead(200, {
        'X-Request': [request.method, request.url, ...request.rawHeaders].join(' '),
        'Content-Length': 22,
        Connection: 'close',
      });
      response.end('<p>beautiful day</p>\r\n');
    }),
  );
}

const clients: { name: string; service?: () => Promise<Service>; host?: string; output: string }[] = [
  { name: 'get-ip', host: 'localhost', output: '127.0.0.1\n' },
  { name: 'qotd-client', service: quoteOfTheDay, output: '"0 bytes"\r\n  Nobody (1900)\n' },
  { name: 'time-client', service: daytime, output: '\n60000 23-02-25 12:00:00 UTC(NIST) * \n\n' },
  {
    name: 'head-request',
    service: web,
    output:
      'HTTP/1.1 200 OK\r\n' +
      'X-Request: HEAD / Host webcode.me Accept text/html\r\n' +
      'Content-Length: 22\r\nConnection: close\r\n\r\n\n',
  },
  {
    name: 'http-lines',
    service: web,
    output:
      'HTTP/1.1 says 200\n' +
      'x-request = GET / Host 127.0.0.1 Connection close\n' +
      'content-length = 22\nconnection = close\n22 bytes:\n<p>beautiful day</p>\r\n\n',
  },
  {
    name: 'get-request',
    service: web,
    output:
      'HTTP/1.1 200 OK\r\n' +
      'X-Request: GET / Host webcode.me Accept text/html Connection close\r\n' +
      'Content-Length: 22\r\nConnection: close\r\n\r\n<p>beautiful day</p>\r\n\n',
  },
];

describe.each(clients)('$name', ({ name, service, host = '127.0.0.1', output }) => {
  for (const language of LANGUAGES) {
    test(`in ${language}`, [language], async () => {
      const peer = await service?.();
      try {
        const client = start(language, name, peer ? [host, peer.port] : [host]);
        expect(await client.end()).toBe(output);
        expect(client.stderr).toBe('');
      } finally {
        peer?.close();
      }
    });
  }
});

// ---- A parent that passes a descriptor to its child

for (const parent of LANGUAGES) {
  for (const child of LANGUAGES) {
    test(`pass-parent in ${parent} and pass-child in ${child}`, [parent, child], async () => {
      const file = join(folder, 'secret.txt');
      writeFileSync(file, 'one\ntwo\nthree');
      const program = start(parent, 'pass-parent', [file, ...command(child, 'pass-child', [])]);
      expect(await program.end()).toBe('The child says: a file of 3 lines\n');
      expect(program.stderr).toBe('');
    });
  }
}

// ---- The demo, and whether anything was forgotten

it('the demo shows eight conversations and ends by itself', async () => {
  const demo = start('TypeScript', 'demo');
  const lines = (await demo.end()).split('\n');
  expect(lines.filter((line) => / at .*, (a?)synchronous calls/.test(line))).toHaveLength(8);
  expect(lines.filter((line) => / sent "(.*)" and got "\1"$/.test(line))).toHaveLength(16);
  expect(lines.at(-2)).toBe('All answers were right.');
  expect(demo.stderr).toBe('');
});

it('every example has been run, and stands beside its original', () => {
  const run = [
    ...pairs.flatMap(({ server, client }) => [server, client]),
    ...clients.map(({ name }) => name),
    // By test/examples/families.test.ts.
    ...['ping', 'sniffer', 'netlink-links', 'port-scanner'],
    // By test/examples/threads.test.ts.
    ...['threaded-server', 'threaded-file-server', 'threaded-file-client'],
    // By test/examples/services.test.ts.
    ...['https-over-duplex', 'sd-notify', 'syslog-client'],
    // By test/examples/chat-room.test.ts, asyncio-streams.test.ts and asyncio-transports.test.ts.
    ...['chat-room', 'async-server'],
    ...['echo', 'tls', 'udp'].flatMap((kind) => [`asyncio-${kind}-server`, `asyncio-${kind}-client`]),
    // By test/examples/selecting.test.ts.
    ...['select-chat-client', 'select-chat-server', 'selectors-echo-server'],
    // By test/examples/socketserver.test.ts.
    ...['tcp', 'udp', 'unix'].flatMap((kind) => [
      `socketserver-${kind}-server`,
      `socketserver-${kind}-client`,
    ]),
    ...['prefork-server', 'prefork-client'],
    'pass-parent',
    'pass-child',
  ];
  const names = (dir: string, ending: string) =>
    readdirSync(join(examples, dir))
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length));
  const sorted = (list: string[]) => [...new Set(list)].sort();
  expect(names('.', '.ts').sort()).toEqual(sorted([...run, 'demo', 'helpers', 'input']));
  expect(names('python', '.py').sort()).toEqual(sorted([...run, 'helpers']));
});
