/** Python at the other end, over every transport, as server and as client, with both forms of our calls. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { modes } from '../support.ts';
import { type Address, echo, serverOf, talk, transports } from './echo.ts';
import { start } from './programs.ts';
import { noPython, python } from './python.ts';

const program = fileURLToPath(new URL('peer.py', import.meta.url));
const asJson = (address: unknown) =>
  JSON.stringify(Buffer.isBuffer(address) ? { bytes: address.toString('hex') } : address);

function fromJson(json: string): Address {
  const address = JSON.parse(json);
  return address.bytes === undefined ? address : Buffer.from(address.bytes, 'hex');
}

const matrix = transports.flatMap((transport) =>
  modes.map((mode) => ({ mode, transport, toString: () => `${transport.name}, ${mode}` })),
);

describe.skipIf(noPython)(noPython ? `Python: ${noPython}` : 'Python', () => {
  test.for(matrix)('serves us over %s', async ({ mode, transport }) => {
    const { kind, family } = transport;
    const server = start(python!, [program, 'server', kind, String(family), asJson(transport.free())]);
    const [line] = await server.says(/.+\n/);
    const address = fromJson(line);
    await talk(mode, transport, Array.isArray(address) ? (address.slice(0, 2) as Address) : address);
    expect(await server.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test.for(matrix)('is served by us over %s', async ({ mode, transport }) => {
    const server = serverOf(transport);
    const address = server.getsockname();
    const where = Array.isArray(address) ? address.slice(0, 2) : address;
    const client = start(python!, [
      program,
      'client',
      transport.kind,
      String(transport.family),
      asJson(where),
    ]);
    await echo(mode, server, transport);
    expect(await client.ended).toMatchObject({ status: 0, stdout: 'ok\n', stderr: '' });
  });
});
