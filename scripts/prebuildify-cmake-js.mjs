#!/usr/bin/env node

// What prebuildify runs in place of node-gyp: the same build by cmake-js, in the current folder's build/.
// The arguments are node-gyp's and are left out; the target comes in PREBUILD_ARCH.
import { resolve } from 'node:path';
import { arch } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './build-addon.mjs';

const target = process.env.PREBUILD_ARCH ?? arch;
const toolchains = { arm64: 'aarch64-linux-gnu.cmake' };
const beside = (file) => fileURLToPath(new URL(file, import.meta.url));

const options = { CMAKE_PROJECT_INCLUDE: beside('prebuild.cmake') };
if (target !== arch) {
  if (!toolchains[target]) throw new Error(`no toolchain to build for ${target} on ${arch}`);
  options.CMAKE_TOOLCHAIN_FILE = beside(toolchains[target]);
}

buildAddon({ out: resolve('build'), options });
