"""The other end of asyncio-peers.test.ts, in CPython's asyncio: a server of one connection, or a client.

    asyncio_peer.py server|client inet|unix [address ...]

Lines are answered by lines in capitals, a number by so many bytes, and the end by the end.
"""
import asyncio
import sys

role, family, *address = sys.argv[1:]


async def answer(reader, writer):
    while line := await reader.readline():
        if line.strip().isdigit():
            writer.write(bytes(i % 251 for i in range(int(line))))
        else:
            writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def serve():
    done = asyncio.Event()

    async def connected(reader, writer):
        try:
            await answer(reader, writer)
        finally:
            done.set()

    if family == 'inet':
        server = await asyncio.start_server(connected, '127.0.0.1', 0)
        print(server.sockets[0].getsockname()[1])
    else:
        server = await asyncio.start_unix_server(connected, *address)
        print('ready')
    sys.stdout.flush()
    async with server:
        await done.wait()


async def ask():
    if family == 'inet':
        reader, writer = await asyncio.open_connection('127.0.0.1', int(address[0]))
    else:
        reader, writer = await asyncio.open_unix_connection(*address)
    writer.writelines([b'hello\n', b'1000000\n'])
    await writer.drain()
    assert await reader.readline() == b'HELLO\n'
    assert await reader.readexactly(1000000) == bytes(i % 251 for i in range(1000000))
    writer.write(b'last')
    writer.write_eof()
    assert await reader.read() == b'LAST'
    writer.close()
    await writer.wait_closed()
    print('ok')


asyncio.run(serve() if role == 'server' else ask())
