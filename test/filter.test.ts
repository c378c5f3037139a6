/** Classic BPF filters: what they let through, and what becomes of wrong ones. */
import {
  AF_INET,
  AF_PACKET,
  BPF_ABS,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_H,
  BPF_IND,
  BPF_JEQ,
  BPF_JMP,
  BPF_JUMP,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_MSH,
  BPF_RET,
  BPF_STMT,
  ETH_P_IP,
  htons,
  type Instruction,
  IPPROTO_UDP,
  MSG_DONTWAIT,
  OSError,
  PACKET_HOST,
  POLLIN,
  SKF_AD_OFF,
  SKF_AD_PKTTYPE,
  SO_GET_FILTER,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  Socket,
} from 'bsd-socket';
import { getsockopt, poll } from 'bsd-socket/binding';
import { expect, test } from 'vitest';
import { type AnySocket, bound, failure, inet, keep, name, open, pair } from './support.ts';

const UDP_HEADER = 8;

/** Takes datagrams that begin with a character. */
const beginsWith = (character: string): Instruction[] => [
  BPF_STMT(BPF_LD | BPF_B | BPF_ABS, UDP_HEADER),
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, character.charCodeAt(0), 0, 1),
  BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  BPF_STMT(BPF_RET | BPF_K, 0),
];

/** What has arrived. On the loopback interface a datagram has arrived when its send has returned. */
function received(sock: AnySocket): string[] {
  const texts: string[] = [];
  const pollfd = Int32Array.of(sock.fileno(), POLLIN);
  while (poll(pollfd, 0) > 0) texts.push(String(sock.recv(100, MSG_DONTWAIT)));
  return texts;
}

test('the helpers are the macros of C', () => {
  expect(BPF_STMT(BPF_RET | BPF_K, 5)).toEqual([6, 0, 0, 5]);
  expect(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 2)).toEqual([0x15, 1, 2, 7]);
});

test('a filter drops what it should', () => {
  const [sender, receiver] = pair(inet, SOCK_DGRAM);
  receiver.attachFilter(beginsWith('y'));
  for (const text of ['yes', 'no', 'yet', '']) sender.send(text);
  expect(received(receiver)).toEqual(['yes', 'yet']);
  // It replaces the one before.
  receiver.attachFilter(beginsWith('n'));
  for (const text of ['yes', 'no']) sender.send(text);
  expect(received(receiver)).toEqual(['no']);
  receiver.detachFilter();
  sender.send('yes');
  expect(received(receiver)).toEqual(['yes']);
});

test('the number that it returns is how many bytes are kept', () => {
  const [sender, receiver] = pair(inet, SOCK_DGRAM);
  receiver.attachFilter([BPF_STMT(BPF_RET | BPF_K, UDP_HEADER + 3)]);
  sender.send('hello');
  expect(received(receiver)).toEqual(['hel']);
});

test('negative offsets: what the kernel knows about the packet', () => {
  const [sender, receiver] = pair(inet, SOCK_DGRAM);
  const onlyFor = (type: number): Instruction[] => [
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, type, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    BPF_STMT(BPF_RET | BPF_K, 0),
  ];
  receiver.attachFilter(onlyFor(PACKET_HOST));
  sender.send('one');
  receiver.attachFilter(onlyFor(PACKET_HOST + 1));
  sender.send('two');
  expect(received(receiver)).toEqual(['one']);
});

test('getFilter returns what attachFilter was given', () => {
  const sock = open(inet, SOCK_DGRAM);
  expect(sock.getFilter()).toBe(null);
  const program = [BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE), ...beginsWith('y')];
  sock.attachFilter(program);
  expect(sock.getFilter()).toEqual(program.map(([code, jt, jf, k]) => [code, jt, jf, k >>> 0]));
  sock.attachFilter(Array.from({ length: 4096 }, () => BPF_STMT(BPF_RET | BPF_K, 1)));
  expect(sock.getFilter()).toHaveLength(4096);
});

test('SO_GET_FILTER by the raw call writes nothing beyond the buffer', async () => {
  const sock = open(inet, SOCK_DGRAM);
  sock.attachFilter(beginsWith('y'));
  const bytes = 8 * 4;
  expect(sock.getsockopt(SOL_SOCKET, SO_GET_FILTER, 1000)).toHaveLength(bytes);
  for (const size of [0, 4, 8, bytes - 1]) {
    expect(await failure(() => sock.getsockopt(SOL_SOCKET, SO_GET_FILTER, size))).toMatchObject({
      code: 'EINVAL',
    });
    // The kernel takes the length for a number of instructions.
    const memory = new Uint8Array(256).fill(0xee);
    expect(getsockopt(sock.fileno(), SOL_SOCKET, SO_GET_FILTER, memory.subarray(0, size))).toBe(-22);
    expect(memory.every((byte) => byte === 0xee)).toBe(true);
  }
  const exact = new Uint8Array(256).fill(0xee);
  expect(getsockopt(sock.fileno(), SOL_SOCKET, SO_GET_FILTER, exact.subarray(0, bytes + 7))).toBe(bytes);
  expect(exact.subarray(bytes).every((byte) => byte === 0xee)).toBe(true);
});

test('a locked filter stays', async () => {
  const [sender, receiver] = pair(inet, SOCK_DGRAM);
  receiver.attachFilter(beginsWith('y'));
  receiver.lockFilter();
  expect(receiver.options.lockFilter).toBe(true);
  const locked = { code: 'EPERM' };
  expect(await failure(() => receiver.attachFilter(beginsWith('n')))).toMatchObject({
    ...locked,
    option: 'SO_ATTACH_FILTER',
  });
  expect(await failure(() => receiver.detachFilter())).toMatchObject({
    ...locked,
    option: 'SO_DETACH_FILTER',
  });
  expect(await failure(() => Object.assign(receiver.options, { lockFilter: false }))).toMatchObject(locked);
  for (const text of ['yes', 'no']) sender.send(text);
  expect(received(receiver)).toEqual(['yes']);
});

test('there is nothing to detach', async () => {
  const sock = open(inet, SOCK_DGRAM);
  const error = await failure(() => sock.detachFilter());
  expect(error).toMatchObject({ code: 'ENOENT', option: 'SO_DETACH_FILTER', syscall: 'setsockopt' });
});

test('a filter chooses among the sockets of one address', async () => {
  const share = (port: number) => {
    const sock = open(inet, SOCK_DGRAM);
    sock.options.reusePort = true;
    sock.bind(['127.0.0.1', port]);
    return sock;
  };
  const first = share(0);
  const port = name(first)[1] as number;
  const sharers = [first, share(port), share(port)];
  // The first byte of the datagram is the number of the socket.
  first.attachReuseportFilter([
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x0f),
    BPF_STMT(BPF_RET | 0x10, 0),
  ]);
  const sender = bound(inet, SOCK_DGRAM);
  for (const text of ['0a', '1b', '2c', '1d', '0e']) sender.sendto(text, ['127.0.0.1', port]);
  expect(sharers.map(received)).toEqual([['0a', '0e'], ['1b', '1d'], ['2c']]);
  sharers[2]!.detachReuseportFilter();
  const alone = await failure(() => open(inet, SOCK_DGRAM).detachReuseportFilter());
  expect(alone).toMatchObject({ code: 'EINVAL', syscall: 'setsockopt' });
  const error = await failure(() => first.detachReuseportFilter());
  expect(error).toMatchObject({ code: 'ENOENT', option: 'SO_DETACH_REUSEPORT_BPF' });
});

function whyNoPackets(): string | undefined {
  try {
    new Socket<number>(AF_PACKET, SOCK_RAW, 0).close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const noPackets = whyNoPackets();

test.skipIf(noPackets)(`on packets${noPackets ? ` (skipped: ${noPackets})` : ''}`, async () => {
  const receiver = bound(inet, SOCK_DGRAM);
  const port = name(receiver)[1] as number;
  const IP = 14;
  const sniffer = keep(new Socket<number>(AF_PACKET, SOCK_RAW, 0));
  // Before the socket sees any packet; it is a socket of no protocol until it is bound to one.
  sniffer.attachFilter([
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP + 9),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 4),
    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, IP),
    BPF_STMT(BPF_LD | BPF_H | BPF_IND, IP + 2),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0xffff),
    BPF_STMT(BPF_RET | BPF_K, 0),
  ]);
  const all = keep(new Socket<number>(AF_PACKET, SOCK_RAW, htons(ETH_P_IP)));
  all.attachFilter(sniffer.getFilter()!);
  received(all);
  const sender = bound(inet, SOCK_DGRAM);
  const elsewhere = bound(inet, SOCK_DGRAM);
  sender.sendto('to the other', name(elsewhere));
  sender.sendto('to this one', ['127.0.0.1', port]);
  const packets = received(all);
  expect(packets.length).toBeGreaterThan(0);
  for (const packet of packets) expect(packet.endsWith('to this one')).toBe(true);
});

const stop = BPF_STMT(BPF_RET | BPF_K, 0);

test.each([
  [undefined, TypeError],
  [null, TypeError],
  ['text', TypeError],
  [{ length: 1, 0: stop }, TypeError],
  [Buffer.alloc(8), TypeError],
  [[1], TypeError],
  [[null], TypeError],
  [[[6, 0, 0]], TypeError],
  [[[6, 0, 0, 0, 0]], TypeError],
  [[[6, 0, 0, '0']], TypeError],
  [[stop, [65536, 0, 0, 0]], RangeError],
  [[[6, 256, 0, 0]], RangeError],
  [[[6, 0, -1, 0]], RangeError],
  [[[6, 0, 0, 2 ** 32]], RangeError],
  [[[6, 0, 0, 0.5]], RangeError],
  [new Array(3), TypeError],
  [new Array(70_000).fill(stop), TypeError],
  [[], OSError],
  [[BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0)], OSError],
  [[BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 9, 9), stop], OSError],
  [new Array(4097).fill(stop), OSError],
])('attachFilter of what is no program, %#', async (program, type) => {
  for (const call of ['attachFilter', 'attachReuseportFilter'] as const) {
    const sock = open(inet, SOCK_DGRAM);
    sock.options.reusePort = true;
    sock.bind(['127.0.0.1', 0]);
    const error = await failure(() => sock[call](program as never));
    expect(error).toBeInstanceOf(type);
    if (type === OSError) expect(error).toMatchObject({ code: 'EINVAL', syscall: 'setsockopt' });
    else expect(error.message).toMatch(new RegExp(`^${call}\\(\\): program`));
    expect(sock.getFilter()).toBe(null);
  }
});

test('on a closed socket', async () => {
  const sock = new Socket(AF_INET, SOCK_DGRAM);
  sock.close();
  for (const action of [
    () => sock.attachFilter([stop]),
    () => sock.detachFilter(),
    () => sock.lockFilter(),
    () => sock.getFilter(),
    () => sock.attachReuseportFilter([stop]),
    () => sock.detachReuseportFilter(),
  ]) {
    expect(await failure(action)).toMatchObject({ code: 'EBADF' });
  }
});
