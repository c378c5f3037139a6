import asyncio
import ssl

from helpers import announce, argument


async def handle(reader, writer):
    peer = writer.get_extra_info('peername')
    async for line in reader:
        print('Received', repr(line), 'from', peer)
        writer.write(line.decode().upper().encode())
        await writer.drain()
    print('Closing', peer)
    writer.close()
    await writer.wait_closed()


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(argument(3, 'cert.pem'), argument(4, 'key.pem'))
    server = await asyncio.start_server(handle, argument(1, 'localhost'), argument(2, 8443), ssl=context)
    announce(server.sockets[0])
    async with server:
        await server.serve_forever()


asyncio.run(main())
