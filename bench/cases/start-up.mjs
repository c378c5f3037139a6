/** What begins with an empty process: a server that has just been started, and the import of the package. */
import { apache, whole } from '../measures.mjs';

const REQUESTS = 1000;

/** @param {import('../cases.mjs').Scale} scale */
export function startUp({ count }) {
  const requests = count(REQUESTS);

  const tutorial = (kind, state, before) => ({
    name: before > 0 ? `ab-${kind}-warm` : `ab-${kind}`,
    title: `ab -c 50 -n ${REQUESTS} on the tutorial's ${kind} server, ${state}`,
    rounds: 10,
    unit: 'request',
    sides: {
      ours: apache(['node', 'tutorial', kind], requests, before),
      CPython: apache(['python', 'tutorial', kind], requests, before),
    },
    targets: [{ peer: 'CPython', of: 'rate', atLeast: 1 }],
  });

  return [
    ...['sync', 'threaded', 'asyncio'].flatMap((kind) => [
      tutorial(kind, 'just started', 0),
      tutorial(kind, 'warmed up', count(10 * REQUESTS)),
    ]),
    {
      name: 'import',
      title: 'import of the package, over an empty program',
      rounds: 20,
      unit: 'program',
      sides: {
        ours: whole(['node', 'import']),
        'an empty program': whole(['node', 'empty']),
      },
      targets: [{ peer: 'an empty program', of: 'time/op', way: 'difference', atMost: 0.015 }],
    },
  ];
}
