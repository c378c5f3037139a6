import asyncio

from helpers import argument


class EchoClient(asyncio.DatagramProtocol):
    def __init__(self):
        self.lost = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport
        transport.sendto(b'Hello, server')

    def datagram_received(self, data, addr):
        print('Received', repr(data), 'from', addr)
        self.transport.close()

    def error_received(self, exc):
        print('Error received:', exc)

    def connection_lost(self, exc):
        print('Connection closed')
        self.lost.set()


async def main():
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_datagram_endpoint(
        lambda: EchoClient(), remote_addr=(argument(1, 'localhost'), argument(2, 9999))
    )
    await protocol.lost.wait()


asyncio.run(main())
