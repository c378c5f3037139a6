// Writes dist/*.js: what lib/ is at run time, in few files. Node takes a third of a millisecond for each module that it
// loads, in each worker anew, and lib/ has two hundred.
//
//   dist/<entry>.js     the entry points of package.json: names of the files below, and no code
//   dist/<part>.js      the parts, see PARTS
//   dist/<program>.js   what workers and child processes begin with
//
// The declarations beside them are tsc's, file by file.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiledFolder = join(root, 'build', 'lib');
const compiled = (name) => join(compiledFolder, `${name}.js`);

/** What index.js exports all of, and the parts have only what they use of. */
const CONSTANTS = 'constants.generated';

/** Started by their URLs, which are relative to the file that names them: so all files are in one folder. */
const PROGRAMS = [
  'threading/thread-main',
  'socketserver/request-thread',
  'socketserver/request-process',
  'socketserver/spawner',
];

/** What tests look into. They get names of the parts, as the entry points do; the package does not have them. */
const TESTED = [
  'asyncio/connect-addresses',
  'asyncio/roster',
  'asyncio/socket-transport',
  'asyncio/staggered-race',
  'endpoint',
  'errors',
  'files/byte-store',
  'files/codec',
  'files/text-store',
  'messages/ancillary',
  'messages/zerocopy-sends',
  'native',
  'options/mptcp-info',
  'options/option-access',
  'options/option-codecs',
  'options/option-integers',
  'options/option-table',
  'options/struct',
  'options/tcp-info',
  'select/selectable',
  'threading/workers',
];

/**
 * The parts, each with the folders of lib/ that it is made of: the modules beside `socket`, after those that they use. The
 * rest comes first.
 */
const PARTS = {
  core: null,
  waiting: ['select', 'selectors'],
  threads: ['threading'],
  servers: ['socketserver'],
  streams: ['asyncio'],
};

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.values(exports)
  .filter((file) => file.endsWith('.js'))
  .map((file) => basename(file, '.js'));

/**
 * Whether a file of build/lib/ belongs to a part. An entry point has no code, and all its module would come with it; a
 * program must not run where the part is loaded.
 */
function isOf(folders, file) {
  const name = relative(compiledFolder, file).replace(/\.js$/, '').replaceAll(sep, '/');
  if (entries.includes(name) || PROGRAMS.includes(name)) return false;
  const folder = dirname(name);
  return folders === null ? !Object.values(PARTS).flat().includes(folder) : folders.includes(folder);
}

/**
 * Takes Node's own modules without `import`, which would read all their properties, of which some load further modules.
 */
const directBuiltins = {
  name: 'direct-builtins',
  renderChunk(code) {
    return code.replace(/^import \{ (.*) \} from "(node:[\w/]+)";$/gm, (_, names, module) => {
      const bindings = names.replaceAll(' as ', ': ');
      return `const { ${bindings} } = process.getBuiltinModule("${module}");`;
    });
  },
};

/** Gives a class back its name, which errors show, where another thing in the same part has that name, too. */
const classNames = {
  name: 'class-names',
  renderChunk: (code) => code.replace(/\b(\w+)(\$\d+) = class (?=extends|\{)/g, '$1$2 = class $1 '),
};

/**
 * Puts the constants into index.js as tsc has written them. That module has 2,642 exports, which takes node a quarter of
 * the time that it takes for the whole package; who does not load it, a worker for instance, does without.
 */
const allConstants = {
  name: 'all-constants',
  resolveId(id, importer) {
    const wanted = id === `./${CONSTANTS}.js` && importer === compiled('index');
    return wanted ? { id, external: true } : null;
  },
  renderChunk(code, { name }) {
    if (name !== 'index') return null;
    const line = `export * from "./${CONSTANTS}.js"`;
    if (!code.includes(line)) throw new Error(`index.js has no ${line}`);
    const constants = readFileSync(compiled(CONSTANTS), 'utf8').replace('./native.js', './core.js');
    return code.replace(line, () => constants);
  },
};

const bundle = await rolldown({
  input: Object.fromEntries([
    ...entries.map((name) => [name, compiled(name)]),
    ...PROGRAMS.map((name) => [basename(name), compiled(name)]),
    ...TESTED.map((name) => [name, compiled(name)]),
  ]),
  external: /^node:/,
  platform: 'node',
  plugins: [directBuiltins, classNames, allConstants],
  treeshake: { propertyReadSideEffects: false },
});
await bundle.write({
  dir: join(root, 'dist'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  codeSplitting: {
    groups: Object.entries(PARTS).map(([name, folders], index) => ({
      name,
      test: (file) => isOf(folders, file),
      priority: Object.keys(PARTS).length - index,
    })),
  },
  minifyInternalExports: false,
  polyfillRequire: false,
  // The declarations have them.
  comments: false,
  // One character beyond Latin-1 would double the memory that the text takes.
  charset: 'ascii',
});
await bundle.close();
