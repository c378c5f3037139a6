/** Which families and protocols this machine and this user have, and why not. */
import {
  AF_INET,
  AF_PACKET,
  AF_VSOCK,
  IPPROTO_ICMP,
  IPPROTO_MPTCP,
  IPPROTO_UDPLITE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  Socket,
} from 'bsd-socket';

/** Why no such socket can be made; undefined where it can. */
function whyNo(name: string, family: number, type: number, proto = 0): string | undefined {
  try {
    new Socket<number>(family, type, proto).close();
    return undefined;
  } catch (error) {
    return `no ${name} here: ${(error as Error).message}`;
  }
}

export const noPacket = whyNo('AF_PACKET', AF_PACKET, SOCK_RAW);
export const noRaw = noPacket ?? whyNo('raw socket', AF_INET, SOCK_RAW, IPPROTO_ICMP);
export const noPing = whyNo('ICMP datagram socket', AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
export const noVsock = whyNo('AF_VSOCK', AF_VSOCK, SOCK_STREAM);
export const noUdpLite = whyNo('UDP-Lite', AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
export const noMptcp = whyNo('MPTCP', AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
