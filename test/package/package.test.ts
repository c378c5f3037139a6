/**
 * What is published: the files, the entry points, the binaries. Quick checks on the packed package, without the
 * network; `npm run test:package` installs it for real.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

const project = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(project, path), 'utf8');
const manifest = JSON.parse(read('package.json'));
const entries = Object.entries<string>(manifest.exports).filter(([, file]) => file.endsWith('.js'));
const binaries = ['x64', 'arm64'].map((arch) => `prebuilds/linux-${arch}/bsd-socket.glibc.node`);
const missing = binaries.filter((path) => !existsSync(join(project, path)));

let folder = '';
let packed: Packed;
let paths: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bsd-socket-pack-'));
  // Without scripts: `prepack` would build dist/ anew under the feet of the tests that run beside this one.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  packed = JSON.parse(execFileSync('npm', args, { cwd: project, encoding: 'utf8' }))[0];
  paths = packed.files.map((file) => file.path);

  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'bsd-socket'), { recursive: true });
  const tarball = join(folder, packed.filename);
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'bsd-socket'), '--strip-components=1']);
  symlinkSync(join(project, 'node_modules', 'node-gyp-build'), join(modules, 'node-gyp-build'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('its declarations are right by themselves, whatever is left out of them as internal', {
  timeout: 60_000,
}, () => {
  for (const types of ['@types', 'undici-types'])
    symlinkSync(join(project, 'node_modules', types), join(folder, 'node_modules', types));
  const lines = entries.map(
    ([entry], index) => `export type * as m${index} from 'bsd-socket${entry.slice(1)}';`,
  );
  writeFileSync(join(folder, 'all.mts'), lines.join('\n'));
  const settings = { noEmit: true, strict: true, skipLibCheck: false, module: 'nodenext', types: ['node'] };
  const compilerOptions = { ...settings, target: 'es2022', lib: ['es2023', 'esnext.disposable'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['all.mts'] }));
  const tsc = join(project, 'node_modules', '.bin', 'tsc');
  const { status, stdout } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

describe('the packed files', () => {
  const allowed = [
    /^(package\.json|CMakeLists\.txt|LICENSE|README\.md|CHANGELOG\.md|SECURITY\.md)$/,
    /^dist\/[\w./-]+\.(js|d\.ts)$/,
    /^binding\/[\w./-]+\.(cpp|h|inc|list)$/,
    /^prebuilds\/linux-(x64|arm64)\/bsd-socket\.glibc\.node$/,
    /^scripts\/build-from-source\.mjs$/,
  ];

  test('are of the kinds that a user needs', () => {
    expect(paths.filter((path) => !allowed.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  test('are all there', () => {
    const wanted = [
      ...['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'CMakeLists.txt'],
      ...['binding/constants.inc', 'scripts/build-from-source.mjs'],
      ...entries.flatMap(([, file]) => [file.slice(2), file.slice(2).replace(/\.js$/, '.d.ts')]),
      ...readdirSync(join(project, 'binding'))
        .filter((name) => /\.(cpp|h)$/.test(name))
        .map((name) => `binding/${name}`),
    ];
    expect(wanted.filter((path) => !paths.includes(path))).toEqual([]);
  });

  test('are small', () => {
    expect(packed.unpackedSize).toBeLessThan(4_000_000);
  });

  test('of dist/ are made from lib/ as it is now', () => {
    const sources = readdirSync(join(project, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `dist/${name.replace(/\.ts$/, '.d.ts')}`);
    expect(paths.filter((path) => /^dist\/.*\.d\.ts$/.test(path)).sort()).toEqual(sources.sort());
  });

  test('are few that a program loads', () => {
    const entryPoints = entries.map(([, file]) => file.slice(2));
    const names = ['core', 'servers', 'streams', 'threads', 'waiting'];
    const programs = ['request-process', 'request-thread', 'spawner', 'thread-main'];
    const others = [...names, ...programs].map((name) => `dist/${name}.js`);
    expect(paths.filter((path) => /^dist\/.*\.js$/.test(path)).sort()).toEqual(
      [...entryPoints, ...others].sort(),
    );
  });

  test('name no folder of the machine that made them', () => {
    const places = [project, homedir()].map((place) => place.replace(/\/$/, ''));
    const named = paths.filter((path) => {
      const content = readFileSync(join(folder, 'node_modules', 'bsd-socket', path), 'latin1');
      return places.some((place) => place !== '' && content.includes(`${place}/`));
    });
    expect(named).toEqual([]);
  });
});

describe('the entry points', () => {
  /** What a program outside this repository sees; it may use this checkout's addon when none is packed. */
  function namesOf(code: string): string[] {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, BSD_SOCKET_PREBUILD: process.env.BSD_SOCKET_PREBUILD ?? project },
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return JSON.parse(stdout);
  }

  test.each(entries)('%s can be imported and required', (entry) => {
    const name = `bsd-socket${entry.slice(1)}`;
    const imported = namesOf(`console.log(JSON.stringify(Object.keys(await import('${name}')).sort()))`);
    const program = JSON.stringify(join(folder, 'program.js'));
    const required = namesOf(`
      import { createRequire } from 'node:module';
      process.removeAllListeners('warning'); // Node 20 calls require() of a module experimental.
      console.log(JSON.stringify(Object.keys(createRequire(${program})('${name}')).sort()));`);
    expect(imported.length).toBeGreaterThan(0);
    expect(required.filter((key) => key !== '__esModule')).toEqual(imported);
  });

  test('no other file can be reached', () => {
    const code = `console.log(JSON.stringify(await import('bsd-socket/dist/load.js').catch((e) => [e.code])))`;
    expect(namesOf(code)).toEqual(['ERR_PACKAGE_PATH_NOT_EXPORTED']);
  });
});

describe('the manifest', () => {
  test('asks for no install script', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(manifest.scripts).not.toHaveProperty(name);
    }
  });

  test('pins every version, and the lock file names no registry', () => {
    const versions = Object.values<string>({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    const lock = JSON.parse(read('package-lock.json'));
    expect(lock.packages[''].devDependencies).toEqual(manifest.devDependencies);
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });
});

describe('the binaries', () => {
  const reason =
    missing.length > 0 ? ` (skipped: no ${missing.join(', ')}; npm run prebuilds makes them)` : '';

  test.skipIf(reason !== '')(`are packed${reason}`, () => {
    expect(paths).toEqual(expect.arrayContaining(binaries));
  });

  /** What the official builds of Node 20 to 26 ask for: with these, whoever runs Node can load the addon. */
  const newest = { GLIBC: [2, 28], GLIBCXX: [3, 4, 21], CXXABI: [1, 3, 9] };
  const libraries = /^(libc|libm|libstdc\+\+|libgcc_s|libpthread|libdl|ld-linux)[-.]/;

  test.skipIf(reason !== '').each(binaries)(`%s needs no newer system than Node${reason}`, (path) => {
    const args = ['--wide', '--dynamic', '--version-info', join(project, path)];
    const dump = execFileSync('readelf', args, { encoding: 'utf8' });
    const needed = [...dump.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = '']) => name);
    expect(needed.filter((name) => !libraries.test(name))).toEqual([]);

    const newer = Object.entries(newest).flatMap(([name, limit]) => {
      const versions = [...dump.matchAll(new RegExp(`\\b${name}_([\\d.]+)`, 'g'))].map(
        ([, found = '']) => found,
      );
      return versions.filter((version) => isNewer(version, limit)).map((version) => `${name}_${version}`);
    });
    expect(newer).toEqual([]);
  });

  function isNewer(version: string, limit: number[]): boolean {
    const parts = version.split('.').map(Number);
    const place = parts.findIndex((part, index) => part !== (limit[index] ?? 0));
    return place >= 0 && (parts[place] ?? 0) > (limit[place] ?? 0);
  }
});
