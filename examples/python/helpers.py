"""What the examples need beside the socket module; ../helpers.ts is the same in TypeScript."""

import sys


def argument(index, default=""):
    """The program's argument of that number; without one the default, whose type it has in either case."""
    return type(default)(sys.argv[index]) if len(sys.argv) > index else default


def announce(server):
    """Says on stderr where a server listens, which only the kernel knows when it was given port 0."""
    host, port = server.getsockname()[:2]
    print(f"listening on {host}:{port}", file=sys.stderr, flush=True)
