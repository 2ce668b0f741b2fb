import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { constants, Script } from 'node:vm';

/** What stands before the code: its digest with all that follows, and how many seconds the run took that made it. */
const digestBytes = 32;
const headerBytes = digestBytes + 8;

/**
 * Runs a script with what V8 compiled of it in an earlier run, and keeps that for the next one. Node's own compile
 * cache holds what is compiled before a module runs, that is none of the functions that are called.
 *
 * @param {URL} url of a script that is a function of `require` and this URL
 * @param {string} folder Node's compile cache of this version of V8 and this user
 */
export function runScript(url, folder) {
  const filename = fileURLToPath(url);
  const source = readFileSync(filename, 'utf8');
  const file = join(folder, `meshgate-${hash('sha256', source)}`);
  const kept = readCode(file);
  const script = new Script(source, {
    filename,
    cachedData: kept?.code,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const tookSeconds = script.cachedDataRejected ? 0 : (kept?.tookSeconds ?? 0);
  const stamp = cachedDataVersionTag();
  process.once('exit', () => {
    // A run that takes far longer than the one that made the code has called more. Under other flags, V8 would refuse it.
    if (process.uptime() > 2 * tookSeconds && cachedDataVersionTag() === stamp) {
      writeCode(file, script.createCachedData());
    }
  });
  script.runInThisContext()(createRequire(url), url.href);
}

/**
 * V8 does not look whether code is whole.
 *
 * @param {string} file
 */
function readCode(file) {
  try {
    const bytes = readFileSync(file);
    const isWhole = digest(bytes.subarray(digestBytes)).equals(bytes.subarray(0, digestBytes));
    return isWhole
      ? { code: bytes.subarray(headerBytes), tookSeconds: bytes.readDoubleLE(digestBytes) }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where nothing can be written, nothing is kept.
 *
 * @param {string} file
 * @param {Buffer} code
 */
function writeCode(file, code) {
  const bytes = Buffer.concat([Buffer.alloc(headerBytes), code]);
  bytes.writeDoubleLE(process.uptime(), digestBytes);
  digest(bytes.subarray(digestBytes)).copy(bytes);
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch {
    return;
  }
  try {
    writeFileSync(unfinished, bytes, { mode: 0o600 });
    renameSync(unfinished, file);
  } catch {
    rmSync(unfinished, { force: true });
  }
}

/** @param {Buffer} bytes */
function digest(bytes) {
  return hash('sha256', bytes, 'buffer');
}
