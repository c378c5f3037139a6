/** docs/python-names.md has every name of Python's module, and every name of ours in it exists. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as library from 'bsd-socket';
import { expect, test } from 'vitest';
import { noPython, python } from './python.ts';

const page = readFileSync(new URL('../../docs/python-names.md', import.meta.url), 'utf8');
const [, functions = '', classes = '', methods = '', io = '', constants = ''] = page.split(/\n## .*\n/);

/** The rows of a table: Python's name, and all names of ours. */
function rows(section: string): [python: string, ours: string[]][] {
  return [...section.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, name = '', ours = '']) => [
    name,
    [...ours.matchAll(/`(\w+)(?:\(\))?`/g)].map(([, each = '']) => each),
  ]);
}

const pythonNames = (section: string) => rows(section).map(([name]) => name);
const ourNames = (section: string) => rows(section).flatMap(([, ours]) => ours);

const DUMP = `
import enum, json, socket, types
names = [name for name in dir(socket)
         if name[0] != '_' and not isinstance(getattr(socket, name), types.ModuleType)
         and getattr(getattr(socket, name), '__module__', None) not in ('enum', 'array')]
constants = [name for name in names if name[0].isupper() and isinstance(getattr(socket, name), (int, str))]
public = lambda cls: [name for name in dir(cls) if name[0] != '_']
print(json.dumps({'constants': constants, 'names': [name for name in names if name not in constants],
                  'methods': public(socket.socket), 'io': public(socket.SocketIO)}))
`;

test.skipIf(noPython)(`every name of Python's is there ${noPython || ''}`, () => {
  const module = JSON.parse(execFileSync(python!, ['-c', DUMP], { encoding: 'utf8' }));
  const missing = (names: string[], known: string[]) => names.filter((name) => !known.includes(name));
  expect(module.names.length).toBeGreaterThan(40);
  expect(missing(module.names, [...pythonNames(functions), ...pythonNames(classes)])).toEqual([]);
  expect(module.methods.length).toBeGreaterThan(30);
  expect(missing(module.methods, pythonNames(methods))).toEqual([]);
  expect(module.io.length).toBeGreaterThan(15);
  expect(missing(module.io, pythonNames(io))).toEqual([]);
  const listed = [...constants.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  expect(module.constants.length).toBeGreaterThan(300);
  expect(missing(module.constants, listed)).toEqual([]);
});

test('every name of ours exists', () => {
  const { Socket, SocketIO } = library;
  const listed = [...constants.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  const missing = [...ourNames(functions), ...ourNames(classes), ...listed].filter(
    (name) => !(name in library),
  );
  expect(missing).toEqual([]);
  expect(ourNames(methods).filter((name) => !(name in Socket.prototype))).toEqual([]);
  const [one, other] = library.socketpair();
  const file = one.makefile('rwb', { buffering: 0 });
  expect(file).toBeInstanceOf(SocketIO);
  expect(ourNames(io).filter((name) => !(name in file))).toEqual([]);
  for (const each of [file, one, other]) each.close();
});
