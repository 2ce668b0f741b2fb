// `node tools/lambda/main.ts`: builds AWS's Node.js runtime client for the tests of the functions. Takes minutes, and
// needs cmake, make, a C++ compiler and Python; Linux only.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { runtimeClientFolder } from './locate.ts';

const version = '4.0.2';

mkdirSync(runtimeClientFolder, { recursive: true });
const { status } = spawnSync(
  'npm',
  [
    'install',
    '--prefix',
    runtimeClientFolder,
    '--foreground-scripts',
    '--no-audit',
    '--no-fund',
    `aws-lambda-ric@${version}`,
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
