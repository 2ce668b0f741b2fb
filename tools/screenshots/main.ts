// `npm run screenshots`: photographs what a reviewer sees on GitHub, by day and by night, into docs/images.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readToolEnvironment } from '../install/environment.ts';
import { findChromium, photograph } from './chromium.ts';
import { pagesOf, type Theme } from './page.ts';
import { shrink } from './shrink.ts';
import { makeSamples } from './samples.ts';

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url));
const themes: readonly Theme[] = ['light', 'dark'];

process.exitCode = await main();

async function main(): Promise<number> {
  const chromium = findChromium(readToolEnvironment().path);
  if (chromium === undefined) {
    console.error('no Chromium on the PATH: the pictures in docs/images stay as they are');
    return 0;
  }
  mkdirSync(folder, { recursive: true });
  for (const { name, html } of pagesOf(await makeSamples())) {
    for (const theme of themes) {
      const picture = join(folder, `github-${name}-${theme}.png`);
      photograph(chromium, html(theme), picture);
      writeFileSync(picture, shrink(readFileSync(picture)));
      console.log(picture);
    }
  }
  return 0;
}
