/** What runs over toDuplex(): node:http and node:tls at both ends, http2, and node:net at the other end. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import tls from 'node:tls';
import { createConnectionAsync, Socket, type SocketDuplex } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AnySocket,
  families,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  pattern,
  until,
} from './support.ts';

const present = families.filter(({ missing }) => missing === undefined);
const pem = (file: string) => readFileSync(new URL(`fixtures/tls/${file}.pem`, import.meta.url));
const [key, cert] = [pem('key'), pem('certificate')];
const LARGE = pattern(3_000_000);

/** The stream of a socket, destroyed when the test is over. */
function own(socket: AnySocket): SocketDuplex {
  const duplex = socket.toDuplex();
  onTestFinished(() => {
    duplex.destroy();
  });
  return duplex;
}

/** Hands each connection of a listening socket to `take` as a Duplex. */
function serve(server: ReturnType<typeof listening>, take: (duplex: SocketDuplex) => void): void {
  void (async () => {
    for await (const [connection] of server.connections()) take(own(connection));
  })();
}

/** All that a stream receives. (`buffer` would destroy it at its end, with what it still has to send.) */
async function all(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** An agent whose connections are ours. */
class Agent extends http.Agent {
  made = 0;
  readonly #make: () => Promise<Duplex>;

  constructor(make: () => Promise<Duplex>, options?: http.AgentOptions) {
    super(options);
    this.#make = make;
    onTestFinished(() => this.destroy());
  }

  createConnection(_: http.ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void) {
    this.made++;
    this.#make().then(
      (stream) => done!(null, stream),
      (error) => done!(error, undefined as never),
    );
    return undefined as never;
  }
}

interface Answer {
  status: number | undefined;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

async function ask(options: http.RequestOptions, body?: Buffer): Promise<Answer> {
  const request = http.request({ host: 'localhost', ...options });
  request.end(body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

/** An HTTP server that sends back what it gets; it is closed when the test is over. */
function echoServer<S extends http.Server>(make: (listener: http.RequestListener) => S): S {
  const server = make(async (request, response) => {
    const body = await buffer(request);
    response.setHeader('X-Method', request.method!);
    response.setHeader('X-Peer', `${request.socket.remoteAddress}`);
    response.end(body);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

describe.each(present)('node:http over $name', (family) => {
  const connection = (server: ReturnType<typeof listening>) => async () => {
    const socket = new Socket<number>(family.family);
    await socket.connectAsync(name(server));
    return own(socket);
  };

  test('a client and a server, both over ours', async () => {
    const server = listening(family);
    const web = echoServer(http.createServer);
    serve(server, (duplex) => web.emit('connection', duplex));
    const agent = new Agent(connection(server));
    const small = await ask({ agent, method: 'POST' }, Buffer.from('hello'));
    expect([small.status, String(small.body)]).toEqual([200, 'hello']);
    expect(small.headers).toMatchObject({ 'x-method': 'POST', 'content-length': '5' });
    expect(small.headers['x-peer']).toBe(family.unix ? 'undefined' : name(server)[0]);
    const large = await ask({ agent, method: 'PUT' }, LARGE);
    expect(large.body.equals(LARGE)).toBe(true);
  });

  test('an agent keeps a connection, and gives it up when the server does', async () => {
    const server = listening(family);
    const web = echoServer(http.createServer);
    const streams: SocketDuplex[] = [];
    serve(server, (duplex) => {
      streams.push(duplex);
      web.emit('connection', duplex);
    });
    const agent = new Agent(connection(server), { keepAlive: true, maxSockets: 1 });
    for (let count = 0; count < 5; count++) {
      expect(String((await ask({ agent, method: 'POST' }, Buffer.from(`${count}`))).body)).toBe(`${count}`);
    }
    expect([agent.made, streams.length]).toEqual([1, 1]);
    await until(() => Object.keys(agent.freeSockets).length === 1);
    streams[0]!.end();
    await until(() => Object.keys(agent.freeSockets).length === 0);
    await ask({ agent });
    expect(agent.made).toBe(2);
  });
});

describe('node:http', () => {
  test('a client of ours and a server of node', async () => {
    const web = echoServer(http.createServer).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const createConnection = () => own(open(inet)).connect(port, '127.0.0.1') as never;
    const answer = await ask({ createConnection, method: 'POST' }, LARGE);
    expect(answer.body.equals(LARGE)).toBe(true);
  });

  test('a server of ours and a client of node', async () => {
    const server = listening(inet);
    const web = echoServer(http.createServer);
    serve(server, (duplex) => web.emit('connection', duplex));
    const answer = await fetch(`http://127.0.0.1:${name(server)[1]}/`, { method: 'POST', body: LARGE });
    expect(Buffer.from(await answer.arrayBuffer()).equals(LARGE)).toBe(true);
    expect(answer.headers.get('x-peer')).toBe('127.0.0.1');
  });

  test("a server's timeout destroys the connection", async () => {
    const server = listening(inet);
    const web = http.createServer();
    web.timeout = 20;
    serve(server, (duplex) => web.emit('connection', duplex));
    const client = open(inet);
    await client.connectAsync(name(server));
    await client.sendallAsync('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
    expect((await client.recvAsync(9)).length).toBe(0);
  });

  test('a request that is reset has the error of ours', async () => {
    const server = listening(inet);
    serve(server, (duplex) => duplex.once('data', () => duplex.resetAndDestroy()));
    const createConnection = () => own(open(inet)).connect(name(server)[1], '127.0.0.1') as never;
    const request = http.get({ host: 'localhost', createConnection });
    const [error] = await once(request, 'error');
    expect(error).toMatchObject({ name: 'ConnectionResetError', code: 'ECONNRESET' });
  });

  test('an upgrade hands the stream over', async () => {
    const server = listening(inet);
    const web = echoServer(http.createServer);
    web.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    serve(server, (duplex) => web.emit('connection', duplex));
    const createConnection = () => own(open(inet)).connect(name(server)[1], '127.0.0.1') as never;
    const headers = { Connection: 'Upgrade', Upgrade: 'echo' };
    const request = http.get({ host: 'localhost', createConnection, headers });
    const [, stream] = await once(request, 'upgrade');
    stream.end('echoed');
    expect(await text(stream)).toBe('echoed');
  });
});

describe.each(present)('node:tls over $name', (family) => {
  test('a client and a server, both over ours', async () => {
    const [client, server] = pair(family);
    const secureServer = new tls.TLSSocket(own(server), { isServer: true, key, cert });
    const secureClient = tls.connect({ socket: own(client), ca: cert, servername: 'localhost' });
    await once(secureClient, 'secureConnect');
    expect(secureClient.authorized).toBe(true);
    const received = [all(secureServer), all(secureClient)];
    secureClient.end(LARGE);
    secureServer.end('answer');
    expect((await received[0]!).equals(LARGE)).toBe(true);
    expect(String(await received[1]!)).toBe('answer');
    await until(() => client.closed && server.closed);
  });

  test('https at both ends', async () => {
    const server = listening(family);
    const web = echoServer((listener) => https.createServer({ key, cert }, listener));
    serve(server, (duplex) => web.emit('connection', duplex));
    const socket = open(family);
    await socket.connectAsync(name(server));
    const request = https.request({
      host: 'localhost',
      method: 'POST',
      createConnection: () => tls.connect({ socket: own(socket), ca: cert, servername: 'localhost' }),
    });
    request.end(LARGE);
    const [response] = await once(request, 'response');
    expect((await buffer(response)).equals(LARGE)).toBe(true);
  });
});

describe('node:tls', () => {
  test('a certificate that nobody vouches for is an error', async () => {
    const [client, server] = pair(inet);
    const secureServer = new tls.TLSSocket(own(server), { isServer: true, key, cert });
    secureServer.on('error', () => {});
    const secure = tls.connect({ socket: own(client), servername: 'localhost' });
    const [error] = await once(secure, 'error');
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await until(() => client.closed && server.closed);
  });

  test("a server of node and a client of ours, with the server's end", async () => {
    const server = tls.createServer({ key, cert }, (socket) => socket.end('goodbye')).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = keep(await createConnectionAsync(['localhost', port]));
    const secure = tls.connect({ socket: own(socket), ca: cert, servername: 'localhost' });
    expect(await text(secure)).toBe('goodbye');
    await until(() => socket.closed);
  });

  const lasts = {
    'its end': (connection: tls.TLSSocket) => connection.end('bye'),
    'no close_notify': (connection: tls.TLSSocket) => connection.write('bye', () => connection.destroy()),
  };
  test.each(
    (['TLSv1.2', 'TLSv1.3'] as const).flatMap((version) =>
      (Object.keys(lasts) as (keyof typeof lasts)[]).map((last) => [version, last] as const),
    ),
  )('a server that leaves, %s, with %s: as over a net.Socket', async (maxVersion, last) => {
    const server = tls.createServer({ key, cert, maxVersion }, lasts[last]).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const wire of [net.connect(port, '127.0.0.1'), own(open(inet)).connect(port, '127.0.0.1')]) {
      const secure = tls.connect({ socket: wire as never, ca: cert, servername: 'localhost' });
      const events: string[] = [];
      for (const event of ['data', 'error', 'end', 'close'])
        secure.on(event, (fact) => events.push(event === 'error' ? fact.code : event));
      wire.on('error', ({ code }: NodeJS.ErrnoException) => events.push(`the wire: ${code}`));
      await until(() => events.includes('close') && wire.destroyed);
      expect(events).toEqual(['data', 'end', 'close']);
    }
  });

  test('http2 at both ends', async () => {
    const [client, server] = pair(inet);
    const web = http2.createServer();
    web.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    web.emit('connection', own(server));
    const session = http2.connect('http://localhost', { createConnection: () => own(client) });
    onTestFinished(() => session.destroy());
    const request = session.request({ ':method': 'POST' });
    request.end(LARGE);
    expect((await buffer(request)).equals(LARGE)).toBe(true);
    session.close();
    await until(() => client.closed && server.closed);
  });
});

describe('node:net at the other end', () => {
  test.each([false, true])('sees what it would see of its own, allowHalfOpen %s', async (allowHalfOpen) => {
    const server = net.createServer({ allowHalfOpen }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const duplex = open(inet)
      .toDuplex()
      .connect((server.address() as AddressInfo).port);
    const [connection] = (await once(server, 'connection')) as [net.Socket];
    duplex.end('question');
    connection.resume();
    await once(connection, 'end');
    if (allowHalfOpen) connection.end('answer');
    expect(await text(duplex)).toBe(allowHalfOpen ? 'answer' : '');
    await until(() => duplex.closed && connection.closed);
  });
});
