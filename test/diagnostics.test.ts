/** The channels of node:diagnostics_channel, at the points where Python audits. */
import diagnostics from 'node:diagnostics_channel';
import {
  AF_INET,
  AF_UNIX,
  createConnection,
  createConnectionAsync,
  getaddrinfo,
  getaddrinfoAsync,
  gethostbyaddr,
  gethostbyname,
  gethostbynameAsync,
  gethostbynameEx,
  gethostname,
  getnameinfo,
  getnameinfoAsync,
  getservbyname,
  getservbyport,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  OSError,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  Socket,
  sethostname,
  socketpair,
} from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askPython, child, noPython } from './peers.ts';
import {
  both,
  bound,
  describeMatrix,
  failure,
  families,
  inet,
  keep,
  listening,
  modes,
  name,
  noSuchHost,
  open,
  turns,
} from './support.ts';

/** What a channel tells until the test is over. */
function heard(event: string): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  const listen = (message: unknown) => messages.push(message as Record<string, unknown>);
  diagnostics.subscribe(`bsd-socket:${event}`, listen);
  onTestFinished(() => {
    diagnostics.unsubscribe(`bsd-socket:${event}`, listen);
  });
  return messages;
}

const numeric = NI_NUMERICHOST | NI_NUMERICSERV;

describeMatrix(families, (family, mode) => {
  test('bind, connect and sendto say which socket and which address', async () => {
    const [binds, connects, sends] = [heard('bind'), heard('connect'), heard('sendto')];
    const messages = heard('sendmsg');
    const server = bound(family);
    server.listen();
    const address = name(server);
    const [first, second] = [open(family), open(family)];
    await both(mode, first).connect(address);
    expect(await both(mode, second).connectEx(address)).toBe(0);
    const [sender, receiver] = [open(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    await both(mode, sender).sendto('x', 0, name(receiver));
    await both(mode, sender).sendto('x', 0, name(receiver));
    await both(mode, sender).sendmsg(['x'], [], 0, name(receiver));
    expect(messages).toEqual([{ socket: sender, address: name(receiver) }]);
    expect(binds.map(({ socket }) => socket)).toEqual([server, receiver]);
    expect(connects).toEqual([
      { socket: first, address },
      { socket: second, address },
    ]);
    expect(sends).toEqual([1, 2].map(() => ({ socket: sender, address: name(receiver) })));
  });
});

describe.each(modes)('%s', (mode) => {
  test('look-ups say what is asked for', async () => {
    const [lookups, reverses, hosts] = [heard('getaddrinfo'), heard('getnameinfo'), heard('gethostbyname')];
    const run = mode === 'sync';
    await (run ? getaddrinfo : getaddrinfoAsync)('localhost', 80, AF_INET, SOCK_STREAM, 6);
    await (run ? getaddrinfo : getaddrinfoAsync)(null, 'http');
    await (run ? getnameinfo : getnameinfoAsync)(['127.0.0.1', 80], numeric);
    await (run ? gethostbyname : gethostbynameAsync)('localhost');
    expect(lookups).toEqual([
      { host: 'localhost', port: 80, family: AF_INET, type: SOCK_STREAM, protocol: 6 },
      { host: null, port: 'http', family: 0, type: 0, protocol: 0 },
    ]);
    expect(reverses).toEqual([{ sockaddr: ['127.0.0.1', 80] }]);
    expect(hosts).toEqual([{ hostname: 'localhost' }]);
  });

  test('createConnection looks up, makes a socket and connects it', async () => {
    const server = listening(inet);
    const [lookups, sockets, connects] = [heard('getaddrinfo'), heard('new'), heard('connect')];
    const connection = keep(await (mode === 'sync' ? createConnection : createConnectionAsync)(name(server)));
    expect(lookups).toMatchObject([{ host: '127.0.0.1', port: name(server)[1], type: SOCK_STREAM }]);
    expect(sockets).toMatchObject([{ socket: connection, family: AF_INET, type: SOCK_STREAM, protocol: 6 }]);
    expect(connects).toEqual([{ socket: connection, address: name(server) }]);
  });

  test('a host that is not found, and arguments that are wrong, are no connect', async () => {
    const connects = heard('connect');
    const socket = open(inet);
    await failure(() => both(mode, socket).connect([noSuchHost, 1] as never));
    await failure(() => both(mode, socket).connect(['127.0.0.1', -1]));
    expect(connects).toEqual([]);
    await failure(() => both(mode, socket).connect(name(bound(inet))));
    expect(connects.length).toBe(1);
  });
});

test('every new socket is told of, however it was made', () => {
  const sockets = heard('new');
  const server = listening(inet);
  const client = keep(new Socket());
  client.connect(name(server));
  const made = [server, client, keep(server.accept()[0]), keep(client.dup())];
  made.push(...socketpair<number>(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK).map(keep));
  expect(sockets.map(({ socket }) => socket)).toEqual(made);
  expect(sockets.at(-1)).toEqual({ socket: made.at(-1), family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
});

test('gethostname is told of', () => {
  const messages = heard('gethostname');
  gethostname();
  expect(messages).toEqual([{}]);
});

test('a subscriber that closes the socket ends the call with EBADF', async () => {
  const close = (message: unknown) => (message as { socket: Socket }).socket.close();
  for (const event of ['bind', 'connect', 'sendto']) diagnostics.subscribe(`bsd-socket:${event}`, close);
  onTestFinished(() => {
    for (const event of ['bind', 'connect', 'sendto']) diagnostics.unsubscribe(`bsd-socket:${event}`, close);
  });
  for (const mode of modes) {
    const address: [string, number] = ['127.0.0.1', 9];
    expect(await failure(() => open(inet).bind(address))).toMatchObject({ code: 'EBADF' });
    expect(await failure(() => both(mode, open(inet)).connect(address))).toMatchObject({ code: 'EBADF' });
    expect(await failure(() => both(mode, open(inet, SOCK_DGRAM)).sendto('x', 0, address))).toMatchObject({
      code: 'EBADF',
    });
  }
});

test('what a subscriber throws is an uncaught exception, and the call goes on', async () => {
  const { ended } = child(({ Socket }) => {
    const { subscribe } = process.getBuiltinModule('node:diagnostics_channel');
    process.on('uncaughtException', ({ message }) => console.log(message));
    subscribe('bsd-socket:bind', () => {
      throw new Error('thrown by a subscriber');
    });
    const socket = new Socket();
    socket.bind(['127.0.0.1', 0]);
    console.log(socket.getsockname()[0]);
    socket.close();
  });
  expect((await ended).stdout).toBe('127.0.0.1\nthrown by a subscriber\n');
});

test('without subscribers nothing is published, and with one only what it asked for', async () => {
  const binds = heard('bind');
  bound(inet);
  await turns();
  expect(binds.length).toBe(1);
  expect(diagnostics.hasSubscribers('bsd-socket:bind')).toBe(true);
  expect(diagnostics.hasSubscribers('bsd-socket:connect')).toBe(false);
});

const PYTHON = `
import json, socket, sys
events = []
def hook(event, args):
    if event.startswith('socket.'):
        events.append([event[7:], [a if isinstance(a, (int, str)) else None for a in args]])
sys.addaudithook(hook)
server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen()
port = server.getsockname()[1]
client = socket.create_connection(('127.0.0.1', port))
server.accept()[0].close()
client.dup().close()
one, other = socket.socketpair()
one.sendmsg([b'x'])
one.close()
other.close()
client.close()
try: socket.socket().connect((${JSON.stringify(noSuchHost)}, 1))
except Exception: pass
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect_ex(('127.0.0.1', port))
udp.sendto(b'x', ('127.0.0.1', port))
socket.getaddrinfo('localhost', None, socket.AF_INET)
socket.getnameinfo(('127.0.0.1', 80), 3)
socket.gethostbyname('localhost')
socket.gethostname()
def attempt(call, *args):
    try: call(*args)
    except OSError: pass
attempt(socket.gethostbyname_ex, 'localhost')
attempt(socket.gethostbyaddr, '127.0.0.1')
attempt(socket.getservbyname, 'http')
attempt(socket.getservbyname, 'no such service', 'tcp')
attempt(socket.getservbyport, 80)
attempt(socket.getservbyport, 80, 'tcp')
attempt(socket.sethostname, b'x' * 65)
print(json.dumps([port, events]))
`;

test.skipIf(noPython)(`events come as Python's do${noPython}`, () => {
  const [port, expected] = askPython(PYTHON) as [number, [string, unknown[]][]];
  const events: [string, unknown[]][] = [];
  let ours = -1;
  const record = (message: unknown, channel: string | symbol) => {
    const args = Object.values(message as object).map((arg) =>
      typeof arg === 'number' || typeof arg === 'string' ? (arg === ours ? port : arg) : null,
    );
    events.push([String(channel).slice('bsd-socket:'.length), args]);
  };
  const names = [...new Set(expected.map(([event]) => event.replace('__new__', 'new')))];
  for (const event of names) diagnostics.subscribe(`bsd-socket:${event}`, record);
  onTestFinished(() => {
    for (const event of names) diagnostics.unsubscribe(`bsd-socket:${event}`, record);
  });
  const server = keep(new Socket());
  server.bind(['127.0.0.1', 0]);
  server.listen();
  ours = server.getsockname()[1];
  const client = keep(createConnection(['127.0.0.1', ours]));
  server.accept()[0].close();
  client.dup().close();
  const [one, other] = socketpair();
  one.sendmsg(['x']);
  one.close();
  other.close();
  client.close();
  expect(() => keep(new Socket()).connect([noSuchHost, 1] as never)).toThrow();
  const udp = keep(new Socket(AF_INET, SOCK_DGRAM));
  udp.connectEx(['127.0.0.1', ours]);
  udp.sendto('x', ['127.0.0.1', ours]);
  getaddrinfo('localhost', null, AF_INET);
  getnameinfo(['127.0.0.1', 80], 3);
  gethostbyname('localhost');
  gethostname();
  // What they come to depends on the databases of the machine.
  const attempt = (call: () => unknown) => {
    try {
      call();
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
  };
  attempt(() => gethostbynameEx('localhost'));
  attempt(() => gethostbyaddr('127.0.0.1'));
  attempt(() => getservbyname('http'));
  attempt(() => getservbyname('no such service', 'tcp'));
  attempt(() => getservbyport(80));
  attempt(() => getservbyport(80, 'tcp'));
  attempt(() => sethostname(Buffer.alloc(65, 'x')));
  expect(events).toEqual(expected.map(([event, args]) => [event.replace('__new__', 'new'), args]));
});
