/** lib/select/selectable.ts: what has a descriptor, and what has none. */
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { socketpair } from 'bsd-socket';
import { epoll, type Selectable, select } from 'bsd-socket/select';
import { DefaultSelector } from 'bsd-socket/selectors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { descriptorOf } from '../dist/select/selectable.js';
import { keep } from './support.ts';

const here = new URL(import.meta.url);
const of = (object: unknown) => descriptorOf('call', 'argument', object);

describe('a descriptor', () => {
  test('is a number itself', () => expect([of(0), of(2 ** 31 - 1)]).toEqual([0, 2 ** 31 - 1]));

  test('is what fileno() returns, called as a method', () => {
    const [a] = socketpair().map(keep);
    const object = {
      fd: 1,
      fileno() {
        return this.fd + 2;
      },
    };
    const set = keep(epoll());
    const selector = keep(new DefaultSelector());
    expect([a!, object, set, selector].map(of)).toEqual([a!.fileno(), 3, set.fileno(), selector.fileno()]);
  });

  test('is in a FileHandle, until it is closed', async () => {
    const file = await openFile(here);
    expect(of(file)).toBe(file.fd);
    await file.close();
    expect(() => of(file)).toThrow(
      /must be open \(negative file descriptor\), not an instance of FileHandle/,
    );
  });

  test('is in streams over files while they are open', async () => {
    const stream = fs.createReadStream(here);
    expect(() => of(stream)).toThrow(RangeError);
    await once(stream, 'open');
    expect(fs.readlinkSync(`/proc/self/fd/${of(stream)}`)).toBe(here.pathname);
    stream.destroy();
    await once(stream, 'close');
    expect(() => of(stream)).toThrow(RangeError);
  });

  test('is in the standard streams, whatever they are', () => {
    expect([process.stdin, process.stdout, process.stderr].map(of)).toEqual([0, 1, 2]);
  });

  test('is in a net.Server and both ends of a net.Socket', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [connection] = (await once(server, 'connection')) as [net.Socket];
    for (const object of [server, client, connection])
      expect(fs.readlinkSync(`/proc/self/fd/${of(object)}`)).toMatch(/^socket:/);
    expect(new Set([server, client, connection].map(of)).size).toBe(3);
    expect(select([], [connection], [])).toEqual([[], [connection], []]);
    for (const socket of [client, connection]) socket.destroy();
    expect(() => of(client)).toThrow(RangeError);
  });

  test('is in the pipe from a child process', async () => {
    const child = spawn('echo', ['x'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    const ready = select([child.stdout], [], []);
    expect(ready[0]).toEqual([child.stdout]);
    child.stdout.resume();
    await ended;
    expect(() => of(child.stdout)).toThrow(RangeError);
  });
});

describe('no descriptor', () => {
  const none: [string, unknown][] = [
    ['null', null],
    ['undefined', undefined],
    ['text', '3'],
    ['a bigint', 3n],
    ['a boolean', true],
    ['a function', () => 3],
    ['an object', {}],
    ['an array', [3]],
    ['an fd that is text', { fd: '3' }],
    ['a fileno that is no function', { fileno: 3 }],
    ['a fileno() that returns text', { fileno: () => '3' }],
    ['a fileno() that returns nothing', { fileno: () => undefined }],
  ];
  test.each(none)('%s is a TypeError', (_, object) => {
    expect(() => of(object)).toThrow(TypeError);
    expect(() => select([object as Selectable], [], [], 0)).toThrow(TypeError);
  });

  test('is in a datagram socket of Node, whose handle warns whoever asks for it', () => {
    const udp = dgram.createSocket('udp4');
    const warned: unknown[] = [];
    const warn = (warning: unknown) => warned.push(warning);
    process.on('warning', warn);
    expect(() => of(udp)).toThrow(TypeError);
    process.off('warning', warn);
    udp.close();
    expect(warned).toEqual([]);
  });

  const negative: [string, unknown][] = [
    ['-1', -1],
    ['a fraction', 0.5],
    ['NaN', Number.NaN],
    ['more than an int', 2 ** 31],
    ['a fileno() that returns -1', { fileno: () => -1 }],
    ['an fd of -1', { fd: -1 }],
    ['an fd of null', { fd: null }],
    ['a socket without a handle', new net.Socket()],
  ];
  test.each(negative)('%s is a RangeError', (_, object) => {
    expect(() => of(object)).toThrow(RangeError);
  });

  test('what fileno() throws is the caller’s', () => {
    const error = new Error('not now');
    const object = {
      fileno(): number {
        throw error;
      },
    };
    expect(() => select([object], [], [])).toThrow(error);
  });
});
