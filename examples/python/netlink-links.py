import socket
import struct
import sys

# Netlink speaks the byte order of the machine; this program knows one of them.
if sys.byteorder != 'little':
    raise SystemExit('This example is for little-endian machines.')

NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_ERROR, NLMSG_DONE, RTM_GETLINK = 2, 3, 18
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFF_UP = 1, 3, 4, 1
HEADER = 16  # struct nlmsghdr: length, type, flags, sequence, port id
LINK = 16  # struct ifinfomsg: family, type, index, flags, change


def blocks(data, form):
    """Blocks that begin with their length, a multiple of four apart."""
    at = 0
    while at < len(data):
        length, = struct.unpack_from(form, data, at)
        yield data[at:at + length]
        at += (length + 3) & ~3


def show_link(message):
    link = message[HEADER:]
    index, flags = struct.unpack_from('<iI', link, 4)
    state = 'up' if flags & IFF_UP else 'down'
    name, mtu, address = '', 0, ''
    for attribute in blocks(link[LINK:], '<H'):
        type, = struct.unpack_from('<H', attribute, 2)
        value = attribute[4:]
        if type == IFLA_IFNAME:
            name = value[:value.index(0)].decode()
        if type == IFLA_MTU:
            mtu, = struct.unpack('<I', value)
        if type == IFLA_ADDRESS:
            address = value.hex(':')
    print(f"{index}: {name}: {state}, mtu {mtu}, {address or 'no address'}")


with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as s:
    s.bind((0, 0))
    s.sendto(struct.pack('<IHHII', HEADER + LINK, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, 0) + bytes(LINK), (0, 0))

    done = False
    while not done:
        for message in blocks(s.recv(65536), '<I'):
            type, = struct.unpack_from('<H', message, 4)
            if type in (NLMSG_DONE, NLMSG_ERROR):
                done = True
            else:
                show_link(message)
