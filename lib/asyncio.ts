/** `bsd-socket/asyncio`: the streams, the datagram endpoints and the socket calls of Python's `asyncio`. */

export type { DatagramOptions } from './asyncio/datagram-endpoint.ts';
export { createDatagramEndpoint } from './asyncio/datagram-endpoint.ts';
export type { AnyDatagramProtocol, DatagramTransport } from './asyncio/datagram-protocol.ts';
export { DatagramProtocol } from './asyncio/datagram-protocol.ts';
export {
  SendfileNotAvailableError,
  type SendfileOptions,
  sockAccept,
  sockConnect,
  sockRecv,
  sockRecvfrom,
  sockRecvfromInto,
  sockRecvInto,
  sockSendall,
  sockSendfile,
  sockSendto,
} from './asyncio/sock-calls.ts';
