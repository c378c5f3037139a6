"""echo.py KIND: asyncio's echo servers: `sock` (loop.sock_*) and `streams`. Prints its port; ends with its input."""
import asyncio
import socket
import sys


async def sock():
    loop = asyncio.get_running_loop()
    server = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server.setblocking(False)
    print(server.getsockname()[1], flush=True)

    async def serve(connection):
        while data := await loop.sock_recv(connection, 65536):
            await loop.sock_sendall(connection, data)
        connection.close()

    tasks = set()
    while True:
        connection, _ = await loop.sock_accept(server)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tasks.add(asyncio.create_task(serve(connection)))


async def streams():
    async def serve(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task({"sock": sock, "streams": streams}[sys.argv[1]]())
    loop.add_reader(sys.stdin, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass


asyncio.run(main())
