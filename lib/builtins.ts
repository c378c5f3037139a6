/**
 * Modules of Node that not every program needs, each loaded when it is first used: `import` would load them with the
 * package, for 1 to 3 ms each. (That of `node:fs` loads Node's streams.)
 */
export const builtins = {
  get fs() {
    return process.getBuiltinModule('node:fs');
  },
  get module() {
    return process.getBuiltinModule('node:module');
  },
  get net() {
    return process.getBuiltinModule('node:net');
  },
  get os() {
    return process.getBuiltinModule('node:os');
  },
  get stream() {
    return process.getBuiltinModule('node:stream');
  },
  get webStreams() {
    return process.getBuiltinModule('node:stream/web');
  },
  get workers() {
    return process.getBuiltinModule('node:worker_threads');
  },
};
