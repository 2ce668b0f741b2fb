/** CommonJS dependencies call `require`, which an ES module does not have. */
export const requireBanner = [
  "import { createRequire as meshgateCreateRequire } from 'node:module';",
  'const require = meshgateCreateRequire(import.meta.url);',
].join('\n');
