import asyncio

from helpers import announce, argument


async def handle_client(reader, writer):
    data = (await reader.read(1024))
    writer.write(data)
    writer.close()


async def serve():
    server = await asyncio.start_server(handle_client, argument(1, 'localhost'), argument(2, 8001))
    announce(server.sockets[0])


# The tutorial asks for the loop by get_event_loop(), which makes none any more in Python 3.14.
loop = asyncio.new_event_loop()
loop.create_task(serve())
loop.run_forever()
