/**
 * The points at which Python audits, as channels of `node:diagnostics_channel`: `bsd-socket:connect` for
 * `socket.connect`, with a message that has Python's arguments by their names.
 *
 * A channel costs one look at `hasSubscribers` as long as nobody subscribes, so publish like this:
 *
 *     if (audit.connect.hasSubscribers) audit.connect.publish({ socket: this, address });
 */
import { channel } from 'node:diagnostics_channel';

export const audit = {
  new: channel('bsd-socket:new'),
  bind: channel('bsd-socket:bind'),
  connect: channel('bsd-socket:connect'),
  sendto: channel('bsd-socket:sendto'),
  sendmsg: channel('bsd-socket:sendmsg'),
  getaddrinfo: channel('bsd-socket:getaddrinfo'),
  getnameinfo: channel('bsd-socket:getnameinfo'),
  gethostbyname: channel('bsd-socket:gethostbyname'),
  gethostbyaddr: channel('bsd-socket:gethostbyaddr'),
  gethostname: channel('bsd-socket:gethostname'),
  sethostname: channel('bsd-socket:sethostname'),
  getservbyname: channel('bsd-socket:getservbyname'),
  getservbyport: channel('bsd-socket:getservbyport'),
};

/** Publishes a look-up by getaddrinfo. */
export function auditLookup(
  host: unknown,
  port: unknown,
  family: unknown,
  type: unknown,
  proto: unknown,
): void {
  if (audit.getaddrinfo.hasSubscribers)
    audit.getaddrinfo.publish({ host, port, family, type, protocol: proto });
}
