"""Runs the cases of oracle.ts on CPython: JSON in on stdin, JSON out on stdout, one outcome list for each case.

A case is a list of steps: [target, arguments ...]. A target is "object.method", "name = object.method",
"one, two = object.method" or "get name.attribute"; "socket", "select" and "selectors" are the modules. What a step
without "=" comes to is its outcome; one with "=" has an outcome only when it fails. Every error is an outcome, and the
case goes on.
"""
import array
import json
import os
import select
import selectors
import shutil
import socket
import sys
import tempfile


def decode(value, names):
    if isinstance(value, list):
        return tuple(decode(item, names) for item in value)
    if not isinstance(value, dict):
        return value
    (kind, content), = value.items()
    if kind == 'bytes':
        return bytes.fromhex(content)
    if kind == 'float':
        return float(content)
    if kind == 'int':
        return int(content)
    if kind == 'list':
        return [decode(item, names) for item in content]
    if kind == 'ref':
        return names[content]
    if kind == 'of':
        return run(content, names)
    if kind == 'path':
        return os.path.join(names['folder'], content)
    raise ValueError(f'unknown kind {kind}')


def encode(value, names):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {'bytes': bytes(value).hex()}
    if isinstance(value, socket.socket):
        return {'socket': [int(value.family), int(value.type), value.proto]}
    if isinstance(value, (tuple, list)):
        return [encode(item, names) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return value.replace(names['folder'], '<folder>')
    if isinstance(value, float):
        return value
    raise ValueError(f'unknown result {value!r}')


def failure(error, names):
    text = getattr(error, 'strerror', None) or str(error)
    return {
        'error': type(error).__name__,
        'errno': getattr(error, 'errno', None),
        'text': text.replace(names['folder'], '<folder>'),
    }


def look_up(path, names):
    first, *rest = path.split('.')
    value = names[first]
    for name in rest:
        value = getattr(value, name)
    return value


def run(step, names):
    target, *arguments = step
    if target.startswith('get '):
        return look_up(target[4:], names)
    keywords = {}
    if arguments and isinstance(arguments[-1], dict) and 'keywords' in arguments[-1]:
        keywords = {name: decode(value, names) for name, value in arguments.pop()['keywords'].items()}
    return look_up(target, names)(*(decode(item, names) for item in arguments), **keywords)


def lengths(message):
    """A message as recvmsg or recv_fds returns it, with lengths for its ancillary data; its descriptors are closed."""
    data, ancdata, *rest = message
    fds = array.array('i')
    shown = []
    for item in ancdata:
        if isinstance(item, int):
            fds.append(item)
            shown.append('a descriptor')
        else:
            level, type, content = item
            if (level, type) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(content)
            shown.append([level, type, len(content)])
    for fd in fds:
        os.close(fd)
    return [data, shown, *rest]


def case(steps):
    names = {'socket': socket, 'select': select, 'selectors': selectors, 'memory': bytearray, 'folder': tempfile.mkdtemp(prefix='bsd-socket-oracle-')}
    names['lengths'] = lengths
    names['item'] = lambda value, index: value[index]
    outcomes = []
    for target, *arguments in steps:
        assigned, _, call = target.rpartition(' = ')
        try:
            result = run([call, *arguments], names)
            if not assigned:
                outcomes.append({'value': encode(result, names)})
            elif ', ' in assigned:
                names.update(zip(assigned.split(', '), result))
            else:
                names[assigned] = result
        except Exception as error:
            outcomes.append(failure(error, names))
    for value in names.values():
        if isinstance(value, socket.socket):
            value.close()
    socket.setdefaulttimeout(None)
    shutil.rmtree(names['folder'])
    return outcomes


json.dump([case(steps) for steps in json.load(sys.stdin)], sys.stdout)
