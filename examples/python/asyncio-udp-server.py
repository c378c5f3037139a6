import asyncio

from helpers import announce, argument


class EchoServer(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        print('Received', repr(data), 'from', addr)
        self.transport.sendto(data, addr)


async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: EchoServer(), local_addr=(argument(1, 'localhost'), argument(2, 9999))
    )
    announce(transport.get_extra_info('socket'))
    await asyncio.Event().wait()


asyncio.run(main())
