/** `addReader` and its companions, over every kind of descriptor that epoll takes. */
import { closeSync, openSync } from 'node:fs';
import { socketpair } from 'bsd-socket';
import { addReader, addWriter, removeReader, removeWriter, setExceptionHandler } from 'bsd-socket/asyncio';
import { expect, onTestFinished, test } from 'vitest';
import { type AnySocket, failure, fill, keep, turns, until } from './support.ts';
import { empty } from './waiting.ts';

function sockets(): [AnySocket, AnySocket] {
  const [one, two] = socketpair();
  // Removed before they are closed.
  onTestFinished(() => {
    for (const sock of [one, two]) {
      if (sock.closed) continue;
      removeReader(sock);
      removeWriter(sock);
      sock.close();
    }
  });
  return [one, two];
}

test('a reader is called as long as there is something to read', async () => {
  const [one, two] = sockets();
  const calls: unknown[] = [];
  addReader(one, (...args: unknown[]) => calls.push(args), 'a', 5);
  await turns(20);
  expect(calls).toEqual([]);
  two.send('x');
  await until(() => calls.length >= 3);
  expect(calls[0]).toEqual(['a', 5]);
  one.recv(10);
  await turns(5);
  const count = calls.length;
  await turns(20);
  expect(calls.length).toBe(count);
  two.close();
  await until(() => calls.length > count);
  expect(removeReader(one)).toBe(true);
  expect(removeReader(one)).toBe(false);
  const last = calls.length;
  await turns(20);
  expect(calls.length).toBe(last);
});

test('a writer is called as long as there is room', async () => {
  const [one, two] = sockets();
  fill(one);
  let calls = 0;
  addWriter(one.fileno(), () => calls++);
  await turns(20);
  expect(calls).toBe(0);
  empty(two);
  await until(() => calls >= 3);
  expect(removeWriter(one.fileno())).toBe(true);
  expect(removeWriter(one.fileno())).toBe(false);
});

test('a descriptor has one of each, which can be replaced', async () => {
  const [one, two] = sockets();
  const calls: string[] = [];
  addReader(one, () => calls.push('first'));
  addWriter(one, () => calls.push('writer'));
  addReader(one, () => calls.push('second'));
  two.send('x');
  await until(() => calls.includes('second') && calls.includes('writer'));
  expect(calls).not.toContain('first');
  expect(removeWriter(one)).toBe(true);
  calls.length = 0;
  await until(() => calls.length > 3);
  expect(calls).not.toContain('writer');
});

test('it goes together with pending calls of the socket', async () => {
  const [one, two] = sockets();
  let calls = 0;
  const received = one.recvAsync(10);
  addReader(one, () => calls++);
  await turns(5);
  two.send('x');
  expect(String(await received)).toBe('x');
  two.send('y');
  await until(() => calls > 0);
  expect(String(one.recv(10))).toBe('y');
});

test('what a callback throws is told to the handler, and kills nobody else’s', async () => {
  const seen: unknown[] = [];
  setExceptionHandler(({ exception }) => seen.push(exception));
  onTestFinished(() => setExceptionHandler(null));
  const [one, two] = sockets();
  const error = new Error('mine');
  let calls = 0;
  addReader(one, () => {
    one.recv(10);
    throw error;
  });
  addReader(two, () => calls++);
  two.send('x');
  one.send('y');
  await until(() => seen.length === 1 && calls > 3);
  expect(seen).toEqual([error]);
});

test('a callback may remove itself and others', async () => {
  const [one, two] = sockets();
  const calls: string[] = [];
  for (const [mine, other, title] of [
    [one, two, 'one'],
    [two, one, 'two'],
  ] as const) {
    addReader(mine, () => {
      calls.push(title);
      removeReader(mine);
      removeReader(other);
    });
  }
  one.send('x');
  two.send('y');
  await until(() => calls.length > 0);
  await turns(10);
  expect(calls.length).toBe(1);
});

test.each([
  ['reader', addReader, removeReader],
  ['writer', addWriter, removeWriter],
] as const)(
  'a %s that comes in the stead of one that is ready waits for its own turn',
  async (_, add, remove) => {
    const [one, two] = sockets();
    const calls: string[] = [];
    // Both are ready, and whichever is called first closes the other and watches another descriptor of its number.
    for (const [mine, other] of [
      [one, two],
      [two, one],
    ] as const) {
      add(mine, () => {
        calls.push('first');
        remove(mine);
        remove(other);
        const fd = other.fileno();
        other.close();
        const [fresh, peer] = sockets();
        expect(fresh.fileno()).toBe(fd);
        if (add === addWriter) fill(fresh);
        add(fresh, () => calls.push('fresh'));
        kept.push(fresh, peer);
      });
    }
    const kept: AnySocket[] = [];
    if (add === addReader) for (const sock of [one, two]) sock.send('x');
    await until(() => kept.length > 0);
    await turns(10);
    expect(calls).toEqual(['first']);
    if (add === addReader) kept[1]!.send('y');
    else empty(kept[1]!);
    await until(() => calls.length > 1);
    expect(calls[1]).toBe('fresh');
  },
);

test('one that replaces another in the turn in which both are ready is called in the next', async () => {
  const [one, two] = sockets();
  const calls: string[] = [];
  for (const [mine, other] of [
    [one, two],
    [two, one],
  ] as const) {
    addReader(mine, () => {
      removeReader(mine);
      addReader(other, () => {
        calls.push('new');
        removeReader(other);
      });
      calls.push('old');
      setImmediate(() => calls.push('a turn'));
    });
    mine.send('x');
  }
  await until(() => calls.includes('new'));
  expect(calls).toEqual(['old', 'a turn', 'new']);
});

test('a descriptor that was closed before it was removed can be watched again', async () => {
  const [one, two] = sockets();
  const fd = one.fileno();
  const calls: string[] = [];
  addReader(one, () => calls.push('old'));
  one.close();
  // The lowest number that is free: that of the one before.
  const again = keep(two.dup());
  expect(again.fileno()).toBe(fd);
  addReader(again, () => calls.push('new'));
  await until(() => calls.length > 3);
  expect(calls).not.toContain('old');
  expect(removeReader(again)).toBe(true);
  // One that is gone can be taken out all the same.
  addReader(two, () => calls.push('two'));
  const number = two.fileno();
  two.close();
  expect(removeReader(number)).toBe(true);
});

test('wrong arguments', async () => {
  const [one] = sockets();
  const file = openSync('/dev/null', 'r');
  const gone = openSync('/dev/null', 'r');
  closeSync(gone);
  for (const [call, kind] of [
    [() => addReader(one, 5 as never), TypeError],
    [() => addReader('x' as never, () => {}), TypeError],
    [() => addReader(-1, () => {}), RangeError],
    [() => removeReader(-1), RangeError],
    [() => removeWriter({} as never), TypeError],
  ] as const)
    expect(await failure(call)).toBeInstanceOf(kind);
  const regular = openSync(new URL(import.meta.url), 'r');
  expect(await failure(() => addReader(regular, () => {}))).toMatchObject({ code: 'EPERM' });
  expect(await failure(() => addWriter(gone + 1000, () => {}))).toMatchObject({ code: 'EBADF' });
  for (const fd of [file, regular]) closeSync(fd);
});
