import os
import socket
import time

from helpers import argument

LOG_USER = 1
LOG_INFO = 6


def timestamp(now):
    return f"{time.strftime('%b', now)} {now.tm_mday:2} {time.strftime('%H:%M:%S', now)}"


with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.connect(argument(1, '/dev/log'))
    priority = LOG_USER * 8 + LOG_INFO
    message = argument(2, 'Hello, syslog')
    s.send(f"<{priority}>{timestamp(time.localtime())} syslog-client[{os.getpid()}]: {message}".encode())
