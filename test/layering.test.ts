/** Who imports whom in lib/, and how long files are: see "Layers" in docs/design.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** The levels; a file imports from its own level and those below it. */
const LEVELS = {
  'the native boundary': [
    'builtins',
    'constant-groups.generated',
    'constants.generated',
    'control-messages',
    'family',
    'late-duplex',
    'lazy',
    'load',
    'native',
  ],
  values: [
    'abort',
    'address',
    'address-bluetooth',
    'address-can',
    'address-fields',
    'address-forms',
    'ancillary',
    'buffers',
    'byte-store',
    'codec',
    'constant-names',
    'deadline',
    'diagnostics',
    'errors',
    'file-source',
    'filter',
    'finalizer',
    'mptcp-info',
    'option-codecs',
    'option-entry',
    'option-integers',
    'option-table',
    'option-table-ip',
    'option-table-ipv6',
    'option-table-link',
    'option-table-socket',
    'option-table-tcp',
    'struct',
    'tcp-info',
    'text-store',
    'validate',
  ],
  mechanics: [
    'batch',
    'batches',
    'calls',
    'closing',
    'collecting',
    'connecting',
    'drive-async',
    'drive-sync',
    'endpoint',
    'file-layers',
    'gathering',
    'held-descriptors',
    'memberships',
    'message-slots',
    'messages',
    'operation',
    'option-access',
    'readiness',
    'receiving',
    'resolver',
    'sending',
    'sending-files',
    'sharing',
    'signal-watch',
    'wire',
    'zerocopy-sends',
  ],
  sockets: [
    'duplex',
    'duplex-stream',
    'file-object',
    'options',
    'socket',
    'socket-batches',
    'socket-attempt',
    'socket-constructor',
    'socket-files',
    'socket-handle',
    'socket-inflow',
    'socket-io',
    'socket-iterate',
    'socket-messages',
    'socket-open',
    'socket-options',
    'socket-transfer',
    'stream-socket',
    'web-streams',
  ],
  'module functions': [
    'activation',
    'control-decoders',
    'control-encoders',
    'default-timeout',
    'descriptors',
    'enumerations',
    'functions',
    'hosts',
    'interfaces',
    'lookups',
    'notation',
    'passing',
    'services',
    'zerocopy',
  ],
};

/** The folders of the modules beside `socket`, and which of the others each of them may use. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  select: [],
  selectors: ['select'],
  threading: ['select'],
  socketserver: ['select', 'selectors', 'threading'],
  asyncio: ['select'],
};

/** What waiting is made of, which is not about sockets; and what is public: memory for many messages, `unshare`. */
const FOR_MODULES = ['batch', 'closing', 'readiness', 'sharing', 'signal-watch'];

const LONGEST = 350;
const GENERATED = [
  'lib/constants.generated.ts',
  'lib/constant-groups.generated.ts',
  'binding/constants.inc',
  'binding/constants.list',
];

const project = new URL('..', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, project), 'utf8');
/** The files of a folder and of those below it. */
const list = (folder: string) =>
  readdirSync(new URL(folder, project), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.\w+$/.test(file))
    .map((file) => `${folder}${file}`);
const nameOf = (path: string) => path.replace(/^.*\/|\.ts$/g, '');
const pathOf = new Map(list('lib/').map((path) => [nameOf(path), path]));
const files = [...pathOf.keys()];
/** The module beside `socket` that a file belongs to, if any. */
const moduleOf = (file: string) => /^lib\/(\w+)\//.exec(pathOf.get(file)!)?.[1] ?? '';

const manifest = JSON.parse(read('package.json')) as { exports: Record<string, string> };
/** What users import, and nobody else. */
const ENTRY_POINTS = Object.values(manifest.exports)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.replace(/^.*\/|\.js$/g, ''));

const levels = [
  ...Object.values(LEVELS),
  files.filter((file) => moduleOf(file) in MODULES),
  // Each gathers what its module exports.
  ENTRY_POINTS,
];
const levelOf = new Map(levels.flatMap((names, level) => names.map((name) => [name, level] as const)));

interface Import {
  from: string;
  to: string;
  /** Gone after compilation. */
  typeOnly: boolean;
}

/** The imports and re-exports of one file of lib/ from others. */
function importsOf(from: string): Import[] {
  const found: Import[] = [];
  // Comments name files, too.
  const source = read(pathOf.get(from)!).replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
  const statement = /^(?:import|export)\b([^;'"]*?)from '([^']+)'|\bimport\(?\s*'([^']+)'/gm;
  for (const [, clause = '', target, bare] of source.matchAll(statement)) {
    const to = /^\.{1,2}\/(?:.*\/)?([\w.-]+)\.ts$/.exec(target ?? bare!)?.[1];
    if (to === undefined) continue;
    const names = /\{(.*)\}/s.exec(clause)?.[1]?.split(',') ?? [];
    const inline = names.filter((name) => name.trim() !== '').every((name) => /^\s*type\s/.test(name));
    const typeOnly = /^\s*type\b/.test(clause) || (names.length > 0 && inline);
    found.push({ from, to, typeOnly });
  }
  return found;
}

const imports = files.flatMap(importsOf);

test('the regular expression finds what there is', () => {
  expect(imports.length).toBeGreaterThan(files.length);
  expect(imports).toContainEqual({ from: 'native', to: 'load', typeOnly: false });
  expect(imports).toContainEqual({ from: 'native', to: 'family', typeOnly: true });
  const lines = files.flatMap((file) => read(pathOf.get(file)!).match(/(from|import) '\.{1,2}\/.*'/g) ?? []);
  expect(imports.length).toBe(lines.length);
});

test('every file has a level, and every file of a level exists', () => {
  expect([...levelOf.keys()].sort()).toEqual([...files].sort());
});

test('no import leads upward', () => {
  const upward = imports.filter(({ from, to }) => levelOf.get(to)! > levelOf.get(from)!);
  expect(upward).toEqual([]);
});

test('within a level no two files need each other, but for types', () => {
  const values = imports.filter(({ typeOnly }) => !typeOnly);
  const reaches = (from: string, seen = new Set<string>()): Set<string> => {
    for (const { to } of values.filter((each) => each.from === from)) {
      if (seen.has(to)) continue;
      seen.add(to);
      reaches(to, seen);
    }
    return seen;
  };
  expect(files.filter((file) => reaches(file).has(file))).toEqual([]);
});

test('a module beside socket uses those that it may, and of the rest nothing that is only for sockets', () => {
  const across = imports.filter(({ from, to, typeOnly }) => {
    const [user, used] = [moduleOf(from), moduleOf(to)];
    if (typeOnly || !(user in MODULES) || user === used) return false;
    if (used in MODULES) return !MODULES[user]!.includes(used);
    // The steps of sockets are behind the public Socket.
    return LEVELS.mechanics.includes(to) && !FOR_MODULES.includes(to);
  });
  expect(across).toEqual([]);
});

describe('who may import', () => {
  const importers = (file: string) => imports.filter(({ to }) => to === file).map(({ from }) => from);

  test.each(ENTRY_POINTS)('nobody imports %s', (file) => {
    expect(importers(file)).toEqual([]);
  });

  test('native alone imports load', () => {
    expect(importers('load')).toEqual(['native']);
  });

  test('the package imports nothing but itself, Node, and what finds the addon', () => {
    const foreign = files.flatMap((file) => [
      ...read(pathOf.get(file)!).matchAll(
        /^(?:import|export|\}).* from '([^'.]+)';$|\brequire\('([^'.]+)'\)/gm,
      ),
    ]);
    const names = new Set(
      foreign.map(([, name, required]) => name ?? required!).filter((name) => !name.startsWith('node:')),
    );
    expect([...names]).toEqual(['node-gyp-build']);
  });
});

test('a name is that of one file, whatever its folder', () => {
  expect(pathOf.size).toBe(list('lib/').length);
});

test.each([...list('lib/'), ...list('binding/')])('%s is short, or generated', (file) => {
  if (GENERATED.includes(file)) return;
  expect(read(file).split('\n').length - 1).toBeLessThanOrEqual(LONGEST);
});
