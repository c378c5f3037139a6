import http.client
import socket
import ssl

from helpers import argument

host = argument(1, 'example.com')
context = ssl.create_default_context(cafile=argument(3) or None)

sock = socket.create_connection((host, argument(2, 443)))
connection = http.client.HTTPSConnection(host)
connection.sock = context.wrap_socket(sock, server_hostname=host)
connection.request('GET', '/')
response = connection.getresponse()
print(response.status, response.reason)
print(response.read().decode())
