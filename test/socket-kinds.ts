/** Sockets of all kinds that options are for, each closed after the test. */
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
  createServer,
  ETH_P_ALL,
  htons,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_MPTCP,
  IPPROTO_RAW,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  NETLINK_ROUTE,
  PACKET_FANOUT_ROLLOVER,
  RTNLGRP_LINK,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  Socket,
  socketpair,
  TCP_REPAIR_ON,
  TCP_SEND_QUEUE,
} from 'bsd-socket';
import { type AnySocket, inet, keep, name, pair } from './support.ts';

const adopt = (family: number, type: number, proto = 0) => keep(new Socket<number>(family, type, proto));
const connected = (family: number, host: string): AnySocket => {
  const sock = adopt(family, SOCK_DGRAM);
  const peer = adopt(family, SOCK_DGRAM);
  peer.bind([host, 0] as never);
  sock.connect(name(peer));
  return sock;
};

export const kinds = {
  tcp: () => adopt(AF_INET, SOCK_STREAM),
  connection: () => pair(inet)[1],
  listener: () => keep(createServer(['127.0.0.1', 0]) as AnySocket),
  repaired: () => {
    const sock = adopt(AF_INET, SOCK_STREAM);
    const { options } = sock;
    options.tcpRepair = TCP_REPAIR_ON;
    options.tcpRepairQueue = TCP_SEND_QUEUE;
    return sock;
  },
  'saved syn': () => {
    const server = createServer(['127.0.0.1', 0]);
    keep(server).options.tcpSaveSyn = 1;
    keep(new Socket()).connect(server.getsockname());
    return keep(server.accept()[0]) as AnySocket;
  },
  mptcp: () => {
    const server = adopt(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    server.bind(['127.0.0.1', 0]);
    server.listen();
    const client = adopt(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    client.connect(name(server));
    return client;
  },
  udp: () => adopt(AF_INET, SOCK_DGRAM),
  'connected udp': () => connected(AF_INET, '127.0.0.1'),
  udp6: () => adopt(AF_INET6, SOCK_DGRAM),
  'connected udp6': () => connected(AF_INET6, '::1'),
  tcp6: () => adopt(AF_INET6, SOCK_STREAM),
  'connected tcp6': () => {
    const server = adopt(AF_INET6, SOCK_STREAM);
    server.bind(['::1', 0]);
    server.listen();
    const client = adopt(AF_INET6, SOCK_STREAM);
    client.connect(name(server));
    return client;
  },
  udplite: () => adopt(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE),
  raw: () => adopt(AF_INET, SOCK_RAW, IPPROTO_UDP),
  'raw icmp': () => adopt(AF_INET, SOCK_RAW, IPPROTO_ICMP),
  raw6: () => adopt(AF_INET6, SOCK_RAW, IPPROTO_UDP),
  'raw6 of any': () => adopt(AF_INET6, SOCK_RAW, IPPROTO_RAW),
  'raw icmpv6': () => adopt(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6),
  unix: () => {
    const [a, b] = socketpair(AF_UNIX, SOCK_STREAM);
    keep(b);
    return keep(a) as AnySocket;
  },
  packet: () => adopt(AF_PACKET, SOCK_RAW, 0),
  'packet of all': () => adopt(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)),
  rollover: () => {
    const sock = adopt(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    sock.options.packetFanout = (PACKET_FANOUT_ROLLOVER << 16) | 8;
    return sock;
  },
  netlink: () => {
    const sock = adopt(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    sock.options.joinGroup(RTNLGRP_LINK);
    return sock;
  },
  vsock: () => adopt(AF_VSOCK, SOCK_STREAM),
} satisfies Record<string, () => AnySocket>;
