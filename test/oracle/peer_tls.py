"""A peer with TLS for the tests: `peer_tls.py server|client ssl|asyncio|starttls CERTIFICATE KEY [PORT]`.

A server prints its port first, and echoes what one client sends until its end. A client sends what it wants to have
back, and prints "ok" when all came back and the connection has ended well.
"""
import asyncio
import socket
import ssl
import sys
import threading

role, kind, certificate, key = sys.argv[1:5]
LARGE = bytes(range(256)) * 4096
# No end without close_notify goes unnoticed.
STRICT = {'suppress_ragged_eofs': False}


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def client_context():
    return ssl.create_default_context(cafile=certificate)


def ssl_server():
    listening = socket.create_server(('127.0.0.1', 0))
    print(listening.getsockname()[1], flush=True)
    connection, peer = listening.accept()
    with server_context().wrap_socket(connection, server_side=True, **STRICT) as secure:
        while data := secure.recv(65536):
            secure.sendall(data)
        secure.unwrap()


def ssl_client():
    plain = socket.create_connection(('127.0.0.1', int(sys.argv[5])))
    with client_context().wrap_socket(plain, server_hostname='localhost', **STRICT) as secure:
        sender = threading.Thread(target=lambda: secure.sendall(LARGE))
        sender.start()
        received = b''
        while len(received) < len(LARGE):
            received += secure.recv(65536)
        sender.join()
        assert received == LARGE
        secure.unwrap()
    print('ok')


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def swap(reader, writer):
    writer.write(LARGE)
    assert await reader.readexactly(len(LARGE)) == LARGE
    writer.close()
    await writer.wait_closed()
    print('ok')


async def asyncio_server():
    done = asyncio.Event()

    async def serve(reader, writer):
        if kind == 'starttls':
            assert await reader.readline() == b'STARTTLS\n'
            writer.write(b'OK\n')
            await writer.start_tls(server_context())
        await echo(reader, writer)
        done.set()

    context = server_context() if kind == 'asyncio' else None
    server = await asyncio.start_server(serve, '127.0.0.1', 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()
    server.close()


async def asyncio_client():
    port = int(sys.argv[5])
    if kind == 'asyncio':
        streams = await asyncio.open_connection('127.0.0.1', port, ssl=client_context())
    else:
        streams = await asyncio.open_connection('127.0.0.1', port)
        streams[1].write(b'STARTTLS\n')
        assert await streams[0].readline() == b'OK\n'
        await streams[1].start_tls(client_context(), server_hostname='localhost')
    await swap(*streams)


if kind == 'ssl':
    ssl_server() if role == 'server' else ssl_client()
else:
    asyncio.run(asyncio_server() if role == 'server' else asyncio_client())
