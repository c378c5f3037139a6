import asyncio
import ssl

from helpers import argument


async def main():
    host = argument(1, 'localhost')
    context = ssl.create_default_context(cafile=argument(3, 'cert.pem'))
    reader, writer = await asyncio.open_connection(
        host,
        argument(2, 8443),
        ssl=context,
        server_hostname=argument(4, host),
        happy_eyeballs_delay=0.25,
    )
    for line in [b'Hello, world\n', b'Over TLS\n']:
        writer.write(line)
        await writer.drain()
        print('Received', repr(await reader.readline()))
    writer.close()
    await writer.wait_closed()


asyncio.run(main())
