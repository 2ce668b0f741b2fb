#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const oldest = [22, 19];
const bundle = new URL('../dist/meshgate.mjs', import.meta.url);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  stop(`needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node}`);
} else if (existsSync(bundle)) {
  module.enableCompileCache?.();
  await import(bundle.href);
} else {
  stop('is not built yet: run `npm run build` in the checkout');
}

/** @param {string} reason */
function stop(reason) {
  console.error(`meshgate ${reason}.`);
  process.exitCode = 2;
}
