"""Runs the cases of stream-reader.test.ts on CPython: JSON in on stdin, JSON out on stdout.

A case is a limit and steps: ["feed", hex], ["eof"], ["exception"], or a read: ["read", n], ["readline"],
["readexactly", n], ["readuntil", [hex, ...]]. After each step the event loop turns; the outcome of a step is what the
read that was waiting has come to, null while it waits, and then how the reader looks, if nobody waits.
"""
import asyncio
import json
import sys


class Transport:
    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def __repr__(self):
        return '<Transport>'


def failed(error):
    if isinstance(error, asyncio.IncompleteReadError):
        return ['IncompleteReadError', error.partial.hex(), error.expected]
    if isinstance(error, asyncio.LimitOverrunError):
        return ['LimitOverrunError', str(error), error.consumed]
    return [type(error).__name__, str(error)]


def read(reader, name, *args):
    if name == 'readuntil':
        separators = [bytes.fromhex(text) for text in args[0]]
        # Python knows several since 3.13.
        args = [separators[0] if len(separators) == 1 else tuple(separators)]
    return getattr(reader, name)(*args)


async def run(case):
    reader = asyncio.StreamReader(case['limit'])
    reader.set_transport(Transport())
    task = None
    outcomes = []
    for name, *args in case['steps']:
        if name == 'feed':
            reader.feed_data(bytes.fromhex(args[0]))
        elif name == 'eof':
            reader.feed_eof()
        elif name == 'exception':
            reader.set_exception(ValueError('gone'))
        else:
            task = asyncio.ensure_future(read(reader, name, *args))
        for _ in range(5):
            await asyncio.sleep(0)
        outcome = None
        if task is not None and task.done():
            error = task.exception()
            outcome = failed(error) if error else ['data', task.result().hex()]
            task = None
        outcomes.append([outcome, repr(reader) if task is None else None])
    if task is not None:
        task.cancel()
    return outcomes


async def main():
    return [await run(case) for case in json.load(sys.stdin)]


json.dump(asyncio.run(main()), sys.stdout)
