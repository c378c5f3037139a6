/** tutorial.mjs KIND: the tutorial's server for `ab`, in three forms, as in peers/tutorial.py. Prints its port. */
import { isMainThread } from 'node:worker_threads';
import * as socket from 'bsd-socket';
import * as asyncio from 'bsd-socket/asyncio';
import * as threading from 'bsd-socket/threading';

export function handle(con) {
  const data = con.recv(1024);
  con.sendall(data);
  con.close();
}

function listening() {
  const s = new socket.Socket();
  s.bind(['127.0.0.1', 0]);
  s.listen();
  console.log(s.getsockname()[1]);
  return s;
}

const servers = {
  sync() {
    const s = listening();
    for (;;) {
      const [con] = s.accept();
      handle(con);
    }
  },
  threaded() {
    const s = listening();
    for (;;) {
      const [con] = s.accept();
      new threading.Thread({ target: new URL('#handle', import.meta.url), args: [con] }).start();
    }
  },
  async asyncio() {
    async function handleClient(reader, writer) {
      const data = await reader.read(1024);
      writer.write(data);
      writer.close();
    }
    const server = await asyncio.startServer(handleClient, '127.0.0.1', 0);
    console.log(server.sockets[0].getsockname()[1]);
  },
};

// A thread imports this file for `handle`.
if (isMainThread) await servers[process.argv[2]]();
