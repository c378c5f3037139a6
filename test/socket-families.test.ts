/** Exchanges over the families and protocols that the kernel has: PACKET, NETLINK, VSOCK, raw and datagram ICMP, UDP-Lite, MPTCP. */
import {
  AF_INET,
  AF_NETLINK,
  AF_PACKET,
  AF_VSOCK,
  BPF_ABS,
  BPF_H,
  BPF_JEQ,
  BPF_JMP,
  BPF_JUMP,
  BPF_K,
  BPF_LD,
  BPF_RET,
  BPF_STMT,
  ETH_P_ALL,
  htons,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  IPPROTO_ICMP,
  IPPROTO_MPTCP,
  IPPROTO_UDPLITE,
  ifNameindex,
  NETLINK_ROUTE,
  NETLINK_USERSOCK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  PACKET_HOST,
  PACKET_OUTGOING,
  RTM_GETLINK,
  SO_PROTOCOL,
  SO_VM_SOCKETS_BUFFER_SIZE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  UDPLITE_SEND_CSCOV,
  VMADDR_CID_ANY,
  VMADDR_CID_LOCAL,
  VMADDR_PORT_ANY,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { noMptcp, noPacket, noRaw, noUdpLite, noVsock } from './families.ts';
import { both, failure, keep, modes } from './support.ts';

const ARPHRD_LOOPBACK = 772;
// An ethertype for experiments, which nobody else on the loopback interface uses.
const ETHERTYPE = 0x88b5;
const title = (name: string, missing: string | undefined) =>
  missing ? `${name} (skipped: ${missing})` : name;

describe.each(modes)('%s', (mode) => {
  describe.skipIf(noPacket)(title('AF_PACKET', noPacket), () => {
    const lo = Buffer.alloc(6);

    test('frames on the loopback interface, by sendto and by send', async () => {
      const receiver = keep(new Socket(AF_PACKET, SOCK_DGRAM, htons(ETHERTYPE)));
      receiver.bind(['lo', ETHERTYPE]);
      expect(receiver.getsockname()).toEqual(['lo', ETHERTYPE, PACKET_HOST, ARPHRD_LOOPBACK, lo]);
      const sender = keep(new Socket(AF_PACKET, SOCK_DGRAM));
      expect(await both(mode, sender).sendto('first', 0, ['lo', ETHERTYPE, 0, 0, lo])).toBe(5);
      expect(await both(mode, receiver).recvfrom(100)).toEqual([
        Buffer.from('first'),
        ['lo', ETHERTYPE, PACKET_HOST, ARPHRD_LOOPBACK, lo],
      ]);
      sender.bind(['lo', ETHERTYPE]);
      await both(mode, sender).sendto('second', 0, receiver.getsockname());
      const buffer = Buffer.alloc(20);
      const [count, address] = await both(mode, receiver).recvfromInto(buffer);
      expect([buffer.toString('latin1', 0, count), address?.[0]]).toEqual(['second', 'lo']);
    });

    test('each address is the caller’s own', async () => {
      const receiver = keep(new Socket(AF_PACKET, SOCK_DGRAM, htons(ETHERTYPE)));
      receiver.bind(['lo', ETHERTYPE]);
      const sender = keep(new Socket(AF_PACKET, SOCK_DGRAM));
      for (const text of ['1', '2']) {
        sender.sendto(text, ['lo', ETHERTYPE, 0, 0, lo]);
        const [data, address] = await both(mode, receiver).recvfrom(100);
        expect(String(data)).toBe(text);
        expect(address?.[4]).toEqual(lo);
        address?.[4].fill(255);
      }
    });

    test('a raw frame carries its header, and is seen going and coming', async () => {
      const sniffer = keep(new Socket(AF_PACKET, SOCK_RAW));
      // Before it sees any: the frames of everybody else on the interface would fill its buffer, and ours be lost.
      sniffer.attachFilter([
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
      ]);
      sniffer.bind(['lo', ETH_P_ALL]);
      const frame = Buffer.concat([Buffer.alloc(12), Buffer.from([0x88, 0xb5]), Buffer.from(`raw ${mode}`)]);
      // A socket does not see the going of its own.
      keep(new Socket(AF_PACKET, SOCK_RAW)).sendto(frame, ['lo', 0]);
      const types = new Set<number>();
      while (types.size < 2) {
        const [data, address] = await both(mode, sniffer).recvfrom(2048);
        if (data.equals(frame)) types.add(address![2]);
      }
      expect([...types].sort()).toEqual([PACKET_HOST, PACKET_OUTGOING]);
    });
  });

  describe('AF_NETLINK', () => {
    test('two sockets of NETLINK_USERSOCK', async () => {
      const [a, b] = [0, 1].map(() => keep(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK)));
      for (const sock of [a!, b!]) {
        expect(sock.getsockname()).toEqual([0, 0]);
        sock.bind([0, 0]);
        expect(sock.getsockname()[0]).toBeGreaterThan(0);
      }
      expect(a!.getsockname()).not.toEqual(b!.getsockname());
      expect(await both(mode, a!).sendto('hello', 0, b!.getsockname())).toBe(5);
      expect(await both(mode, b!).recvfrom(100)).toEqual([Buffer.from('hello'), a!.getsockname()]);
      await both(mode, b!).connect(a!.getsockname());
      expect(b!.getpeername()).toEqual(a!.getsockname());
      await both(mode, b!).send('there');
      expect(await both(mode, a!).recvfrom(100)).toEqual([Buffer.from('there'), b!.getsockname()]);
    });

    test('the port id may be any 32 bits', () => {
      const sock = keep(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
      sock.bind([0xfffffff0, 0]);
      expect(sock.getsockname()).toEqual([0xfffffff0, 0]);
    });

    test('NETLINK_ROUTE lists the interfaces', async () => {
      const sock = keep(new Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
      const request = Buffer.alloc(32);
      request.writeUInt32LE(request.length, 0);
      request.writeUInt16LE(RTM_GETLINK, 4);
      request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
      await both(mode, sock).sendto(request, 0, [0, 0]);
      const found: number[] = [];
      for (let done = false; !done; ) {
        const [data, address] = await both(mode, sock).recvfrom(65536);
        expect(address).toEqual([0, 0]);
        for (let at = 0; at < data.length && !done; at += (data.readUInt32LE(at) + 3) & ~3) {
          done = data.readUInt16LE(at + 4) === NLMSG_DONE;
          if (!done) found.push(data.readInt32LE(at + 20));
        }
      }
      expect(found.sort()).toEqual(
        ifNameindex()
          .map(([index]) => index)
          .sort(),
      );
    });
  });

  describe.skipIf(noVsock)(title('AF_VSOCK', noVsock), () => {
    test('a listening socket has a port', () => {
      const server = keep(new Socket(AF_VSOCK, SOCK_STREAM));
      expect(server.getsockname()).toEqual([VMADDR_CID_ANY, VMADDR_PORT_ANY]);
      server.bind([VMADDR_CID_ANY, VMADDR_PORT_ANY]);
      const [cid, port] = server.getsockname();
      expect(cid).toBe(VMADDR_CID_ANY);
      expect(port).toBeLessThan(VMADDR_PORT_ANY);
      server.listen();
      expect(server.getsockname()).toEqual([cid, port]);
    });

    test('options have 64 bits', () => {
      const sock = keep(new Socket(AF_VSOCK, SOCK_STREAM));
      sock.setsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, 123_456);
      expect(sock.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE)).toBe(123_456);
      expect(sock.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, 8)).toEqual(
        Buffer.from(BigUint64Array.of(123_456n).buffer),
      );
      sock.setsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, BigUint64Array.of(99_999n));
      expect(sock.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE)).toBe(99_999);
      for (const value of [-1, 2 ** 53, 1.5]) {
        expect(() => sock.setsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, value)).toThrow(RangeError);
      }
    });

    const noLoopback = whyNoLoopback();
    test.skipIf(noLoopback)(title('a connection to itself', noLoopback), async () => {
      const server = keep(new Socket(AF_VSOCK, SOCK_STREAM));
      server.bind([VMADDR_CID_LOCAL, VMADDR_PORT_ANY]);
      server.listen();
      const client = keep(new Socket(AF_VSOCK, SOCK_STREAM));
      await both(mode, client).connect(server.getsockname());
      const [connection, address] = await both(mode, server).accept();
      keep(connection);
      expect(address).toEqual(client.getsockname());
      await both(mode, client).sendall('hello');
      expect(String(await both(mode, connection).recv(10))).toBe('hello');
    });
  });

  describe.skipIf(noRaw)(title('raw ICMP', noRaw), () => {
    test('an echo on the loopback address comes back, with the IP header', async () => {
      const sock = keep(new Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
      const id = process.pid & 0xffff;
      const request = Buffer.alloc(16);
      request[0] = ICMP_ECHO;
      request.writeUInt16BE(id, 4);
      request.write('bsd', 8);
      let sum = 0;
      for (let at = 0; at < request.length; at += 2) sum += request.readUInt16BE(at);
      request.writeUInt16BE(~((sum >> 16) + sum) & 0xffff, 2);
      await both(mode, sock).sendto(request, 0, ['127.0.0.1', 0]);
      for (;;) {
        const [data, address] = await both(mode, sock).recvfrom(2048);
        expect(address).toEqual(['127.0.0.1', 0]);
        const icmp = data.subarray((data[0]! & 15) * 4);
        if (icmp[0] !== ICMP_ECHOREPLY || icmp.readUInt16BE(4) !== id) continue;
        expect(icmp.toString('latin1', 8, 11)).toBe('bsd');
        break;
      }
    });
  });

  test.skipIf(noUdpLite)(title('UDP-Lite', noUdpLite), async () => {
    const [a, b] = [0, 1].map(() => keep(new Socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE)));
    b!.bind(['127.0.0.1', 0]);
    a!.setsockopt(IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, 8);
    await both(mode, a!).sendto('partly covered', 0, b!.getsockname());
    const [data, address] = await both(mode, b!).recvfrom(100);
    expect([String(data), address?.[0]]).toEqual(['partly covered', '127.0.0.1']);
    await both(mode, b!).sendto(data, 0, address!);
    expect(String(await both(mode, a!).recv(100))).toBe('partly covered');
    expect(a!.getsockopt(SOL_SOCKET, SO_PROTOCOL)).toBe(IPPROTO_UDPLITE);
  });

  test.skipIf(noMptcp)(title('MPTCP', noMptcp), async () => {
    const server = keep(new Socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
    server.bind(['127.0.0.1', 0]);
    server.listen();
    const client = keep(new Socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
    await both(mode, client).connect(server.getsockname());
    const [connection, address] = await both(mode, server).accept();
    keep(connection);
    expect(address).toEqual(client.getsockname());
    expect(connection.proto).toBe(IPPROTO_MPTCP);
    await both(mode, client).sendall('many paths');
    await both(mode, connection).sendall(await both(mode, connection).recv(100));
    expect(String(await both(mode, client).recv(100))).toBe('many paths');
    client.close();
    expect(await both(mode, connection).recv(100)).toHaveLength(0);
  });
});

/** Whether the kernel has a loopback transport for vsock. */
function whyNoLoopback(): string | undefined {
  using probe = new Socket(AF_VSOCK, SOCK_STREAM);
  const reason = tryBind(probe);
  return reason && `no loopback transport of vsock: ${reason}`;
}

function tryBind(sock: Socket<typeof AF_VSOCK>): string | undefined {
  try {
    sock.bind([VMADDR_CID_LOCAL, VMADDR_PORT_ANY]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test.skipIf(noPacket)(title('a closed packet socket looks no interface up', noPacket), async () => {
  const sock = new Socket(AF_PACKET, SOCK_DGRAM);
  sock.close();
  expect(await failure(() => sock.bind(['lo', ETH_P_ALL]))).toMatchObject({ code: 'EBADF' });
});
