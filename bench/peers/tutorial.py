"""tutorial.py KIND: the tutorial's server for `ab`, in three forms: sync, threaded, asyncio. Prints its port."""
import asyncio
import socket
import sys
import threading


def handle(con):
    data = con.recv(1024)
    con.sendall(data)
    con.close()


def listening():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    print(s.getsockname()[1], flush=True)
    return s


def sync():
    s = listening()
    while True:
        con, _ = s.accept()
        handle(con)


def threaded():
    s = listening()
    while True:
        con, _ = s.accept()
        threading.Thread(target=handle, args=(con,)).start()


def streams():
    async def handle_client(reader, writer):
        data = await reader.read(1024)
        writer.write(data)
        writer.close()

    async def main():
        server = await asyncio.start_server(handle_client, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())


{"sync": sync, "threaded": threaded, "asyncio": streams}[sys.argv[1]]()
