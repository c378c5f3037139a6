/** The chat room over asyncio's streams, in both languages, with members of which one leaves and one is lost. */
import { createConnection, SO_LINGER, SOL_SOCKET, type Socket } from 'bsd-socket';
import { describe, expect } from 'vitest';
import { LANGUAGES, startServer, test } from './programs.ts';

/** Somebody in the room, who reads what is told until it ends with what is awaited. */
class Member {
  readonly socket: Socket;
  heard = '';

  constructor(socket: Socket) {
    this.socket = socket;
  }

  static async join(port: number, name: string): Promise<Member> {
    const member = new Member(createConnection(['127.0.0.1', port]));
    await member.hears('Your name? ');
    await member.says(name);
    return member;
  }

  says(line: string): Promise<void> {
    return this.socket.sendallAsync(`${line}\n`);
  }

  async hears(end: string): Promise<void> {
    while (!this.heard.endsWith(end)) {
      const data = await this.socket.recvAsync(1024);
      if (data.length === 0) throw new Error(`the room has closed after ${JSON.stringify(this.heard)}`);
      this.heard += data.toString();
    }
  }
}

describe.each(LANGUAGES)('a chat room in %s', (language) => {
  test('tells everybody what the others say, who comes and who goes', [language], async () => {
    const [room, port] = await startServer(language, 'chat-room');
    const ann = await Member.join(port, 'Ann');
    await ann.hears('Ann has joined, we are 1\n');
    const bob = await Member.join(port, 'Bob');
    await ann.hears('Bob has joined, we are 2\n');
    await bob.hears('Bob has joined, we are 2\n');
    const eve = await Member.join(port, 'Eve');
    for (const member of [ann, bob, eve]) await member.hears('Eve has joined, we are 3\n');

    await ann.says('hello, grüße');
    await bob.hears('Ann: hello, grüße\n');
    await eve.hears('Ann: hello, grüße\n');
    ann.socket.close();
    await bob.hears('Ann has left\n');

    // Reset, and not closed.
    eve.socket.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(new Int32Array([1, 0]).buffer));
    eve.socket.close();
    await bob.hears('Eve has left\n');
    expect(ann.heard).toBe(
      'Your name? Ann has joined, we are 1\nBob has joined, we are 2\nEve has joined, we are 3\n',
    );
    bob.socket.close();
    await room.until('stdout', /^Lost /m);
    expect(room.stdout.match(/^Connected by \('127\.0\.0\.1', \d+\)$/gm)).toHaveLength(3);
    await room.kill();
  });
});
