/** Clients that know nothing of us, over toDuplex(): pg against PostgreSQL, and ioredis against redis. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AF_INET, AF_UNIX, createServer, SOCK_STREAM, Socket, type SocketDuplex } from 'bsd-socket';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { failure, until } from '../support.ts';
import { noPostgres, type Postgres, startPostgres } from './postgres.ts';
import { missing, path, start } from './programs.ts';

const LARGE = 'the quick brown fox '.repeat(50_000);

/** Streams that a client asks for, destroyed when the test is over. */
function streams(make: () => SocketDuplex): { make: () => SocketDuplex; all: SocketDuplex[] } {
  const all: SocketDuplex[] = [];
  onTestFinished(() => {
    for (const stream of all) stream.destroy();
  });
  const next = () => {
    const stream = make();
    all.push(stream);
    return stream;
  };
  return { make: next, all };
}

/** A TCP server that hands each connection on to a Unix socket, by streams of ours. Returns its port. */
function forward(to: string): number {
  const server = createServer(['127.0.0.1', 0]);
  const open: SocketDuplex[] = [];
  onTestFinished(() => {
    server.close();
    for (const stream of open) stream.destroy();
  });
  void (async () => {
    for await (const [connection] of server.connections()) {
      const client = connection.toDuplex({ allowHalfOpen: true });
      const service = new Socket(AF_UNIX).toDuplex({ allowHalfOpen: true }).connect(to);
      open.push(client, service);
      const over = () => {};
      pipeline(client, service).catch(over);
      pipeline(service, client).catch(over);
    }
  })();
  return server.getsockname()[1];
}

describe.skipIf(noPostgres)(`pg and PostgreSQL ${noPostgres || ''}`, () => {
  let postgres: Postgres;

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.stop());

  const doors = {
    'a Unix socket': () => ({ host: postgres.folder, family: AF_UNIX as number, port: 5432 }),
    TCP: () => ({
      host: '127.0.0.1',
      family: AF_INET as number,
      port: forward(join(postgres.folder, '.s.PGSQL.5432')),
    }),
  };

  describe.each(Object.keys(doors) as (keyof typeof doors)[])('over %s', (door) => {
    function settings() {
      const { host, port, family } = doors[door]();
      const { make, all } = streams(() => new Socket<number>(family, SOCK_STREAM).toDuplex());
      const config = { host, port, user: postgres.user, database: 'postgres', keepAlive: true };
      return { config: { ...config, stream: make as never }, all };
    }

    async function connect() {
      const { config, all } = settings();
      const client = new pg.Client(config);
      await client.connect();
      return { client, stream: all[0]! };
    }

    test('queries, parameters, large rows and errors', async () => {
      const { client, stream } = await connect();
      expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      const large = await client.query('SELECT $1::text AS text, length($1) AS length', [LARGE]);
      expect(large.rows[0]).toEqual({ text: LARGE, length: LARGE.length });
      expect(await failure(() => client.query('SELECT nonsense'))).toMatchObject({ code: '42703' });
      const many = await client.query('SELECT generate_series(1, 100000) AS number');
      expect(many.rows.length).toBe(100_000);
      expect(many.rows.at(-1)).toEqual({ number: 100_000 });
      expect(stream.bytesRead).toBeGreaterThan(LARGE.length);
      await client.end();
      await until(() => stream.closed);
    });

    test('many queries at once, through a pool', async () => {
      const { config, all } = settings();
      const pool = new pg.Pool({ ...config, max: 4 });
      const queries = Array.from({ length: 500 }, (_, number) =>
        pool.query('SELECT $1::integer AS n', [number]),
      );
      const numbers = (await Promise.all(queries)).map(({ rows }) => rows[0].n);
      expect(numbers).toEqual(Array.from({ length: 500 }, (_, number) => number));
      expect(all.length).toBe(4);
      await pool.end();
      await until(() => all.every((stream) => stream.closed));
    });

    test('the end of the connection is an error of the client', async () => {
      const { client, stream } = await connect();
      const errors: (Error & { code?: string })[] = [];
      client.on('error', (error) => errors.push(error));
      const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows;
      const { client: killer } = await connect();
      await killer.query('SELECT pg_terminate_backend($1)', [pid]);
      await killer.end();
      await until(() => stream.closed && errors.length === 2);
      expect(errors.map(({ code, message }) => code ?? message)).toEqual([
        '57P01',
        'Connection terminated unexpectedly',
      ]);
    });
  });
});

const noRedis = missing('redis-server');
describe.skipIf(noRedis)(`ioredis and redis ${noRedis || ''}`, () => {
  let where = '';

  beforeEach(async () => {
    where = path();
    const folder = path();
    mkdirSync(folder);
    const storage = ['--save', '', '--appendonly', 'no', '--dir', folder];
    await start('redis-server', ['--port', '0', '--unixsocket', where, ...storage]).says(
      /[Rr]eady to accept/,
    );
  });

  const doors = {
    'a Unix socket': () => new Socket<number>(AF_UNIX).toDuplex().connect(where),
    TCP: () => new Socket<number>(AF_INET).toDuplex().connect(forward(where), '127.0.0.1'),
  };

  describe.each(Object.keys(doors) as (keyof typeof doors)[])('over %s', (door) => {
    function connect(options = {}) {
      const { make, all } = streams(doors[door]);
      /** What ioredis calls for each connection. */
      class Connector {
        #stream: SocketDuplex | undefined;
        check() {
          return true;
        }
        async connect() {
          this.#stream = make();
          return this.#stream;
        }
        disconnect() {
          this.#stream?.end();
        }
      }
      const redis = new Redis({ Connector: Connector as never, keepAlive: 1000, ...options });
      onTestFinished(() => redis.disconnect());
      return { redis, all };
    }

    test('commands, large values, pipelines and errors', async () => {
      const { redis, all } = connect();
      expect(await redis.set('key', LARGE)).toBe('OK');
      expect(await redis.get('key')).toBe(LARGE);
      expect(await redis.get('nothing')).toBe(null);
      expect(await failure(() => redis.call('NONSENSE'))).toMatchObject({ name: 'ReplyError' });
      const pipeline = redis.pipeline();
      for (let count = 0; count < 1000; count++) pipeline.incr('count');
      const results = await pipeline.exec();
      expect(results!.map(([, value]) => value)).toEqual(
        Array.from({ length: 1000 }, (_, index) => index + 1),
      );
      await redis.quit();
      await until(() => all[0]!.closed);
      expect(all.length).toBe(1);
    });

    test('publishes to a subscriber', async () => {
      const { redis: subscriber } = connect();
      const { redis: publisher } = connect();
      const message = new Promise((resolve) => subscriber.on('message', (...args) => resolve(args)));
      await subscriber.subscribe('news');
      expect(await publisher.publish('news', 'hello')).toBe(1);
      expect(await message).toEqual(['news', 'hello']);
    });

    test('connects anew when a connection has ended', async () => {
      const { redis, all } = connect({ retryStrategy: () => 1 });
      expect(await redis.ping()).toBe('PONG');
      all[0]!.destroy();
      await until(() => all.length === 2);
      expect(await redis.ping()).toBe('PONG');
    });
  });
});
