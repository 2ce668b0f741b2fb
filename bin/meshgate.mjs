#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const oldest = [22, 19];
const bundle = new URL('../dist/meshgate.mjs', import.meta.url);
const checkScript = new URL('../dist/check.cjs', import.meta.url);
// A checkout pins its own Node, so that it runs on a machine with an older one.
const pinnedNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
if (!existsSync(bundle)) {
  stop('is not built yet: run `npm run build` in the checkout');
} else if (!isOld) {
  module.enableCompileCache();
  const cache = module.getCompileCacheDir();
  if (process.argv[2] === 'check' && cache !== undefined && existsSync(checkScript)) {
    const { runScript } = await import('./run-script.mjs');
    runScript(checkScript, cache);
  } else {
    await import(bundle.href);
  }
} else if (existsSync(pinnedNode)) {
  runOn(pinnedNode);
} else {
  stop(`needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node}`);
}

/** @param {string} node */
function runOn(node) {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
    } else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
  child.on('error', (error) => stop(`could not start ${node}: ${error.message}`));
}

/** @param {string} reason */
function stop(reason) {
  console.error(`meshgate ${reason}.`);
  process.exitCode = 2;
}
