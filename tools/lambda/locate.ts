import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of AWS's Node.js runtime client, which `node tools/lambda/main.ts` installs. */
export const runtimeClientFolder = fileURLToPath(new URL('../bin/aws-lambda-ric', import.meta.url));

/** The runtime client's program, or undefined where it was never built. */
export function findRuntimeClient(): string | undefined {
  const program = `${runtimeClientFolder}/node_modules/aws-lambda-ric/index.mjs`;
  return existsSync(program) ? program : undefined;
}
