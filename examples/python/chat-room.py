import asyncio

from helpers import announce, argument

HOST = argument(1) or "127.0.0.1"
PORT = argument(2, 8765)

members = {}


async def tell(text, but=None):
    others = [writer for writer in members if writer is not but]
    for writer in others:
        writer.write(text.encode())
    # A member who has gone meanwhile must not end the others' round.
    await asyncio.gather(*(writer.drain() for writer in others), return_exceptions=True)


async def member(reader, writer):
    addr = writer.get_extra_info("peername")
    print(f"Connected by {addr}", flush=True)
    try:
        writer.write(b"Your name? ")
        await writer.drain()
        name = (await reader.readline()).decode().strip()
        members[writer] = name
        await tell(f"{name} has joined, we are {len(members)}\n")
        async for line in reader:
            await tell(f"{name}: {line.decode()}", but=writer)
    except ConnectionResetError:
        print(f"Lost {addr}", flush=True)
    finally:
        name = members.pop(writer, None)
        if name is not None:
            await tell(f"{name} has left\n")
        writer.close()


async def main():
    server = await asyncio.start_server(member, HOST, PORT)
    async with server:
        announce(server.sockets[0])
        await server.serve_forever()


asyncio.run(main())
