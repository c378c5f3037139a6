#!/usr/bin/python

import socket

from helpers import argument

ip = socket.gethostbyname(argument(1, "example.com"))
print(ip)
