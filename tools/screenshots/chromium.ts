import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
const width = 760;
const mostHeight = 8000;
const timeoutMilliseconds = 120_000;

/** The browser's program, or undefined where there is none on the path. */
export function findChromium(path: readonly string[]): string | undefined {
  return path
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((program) => existsSync(program));
}

/** Writes a picture of a whole page. The page tells its height in its title once it is complete. */
export function photograph(program: string, html: string, picture: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-page-'));
  try {
    const file = join(folder, 'page.html');
    writeFileSync(file, html);
    const browse = (...more: readonly string[]): string =>
      execFileSync(
        program,
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--hide-scrollbars',
          '--disable-lcd-text',
          '--allow-file-access-from-files',
          '--virtual-time-budget=20000',
          `--user-data-dir=${join(folder, 'profile')}`,
          ...more,
          `file://${file}`,
        ],
        { encoding: 'utf8', timeout: timeoutMilliseconds, stdio: ['ignore', 'pipe', 'ignore'] },
      );
    const page = browse('--dump-dom', `--window-size=${String(width)},600`);
    const height = Number(/<title>(?<height>\d+)<\/title>/u.exec(page)?.groups?.['height']);
    if (!(height > 0)) {
      throw new Error('the page was not drawn: is its script complete?');
    }
    const size = `${String(width)},${String(Math.min(height, mostHeight))}`;
    browse(`--screenshot=${picture}`, `--window-size=${size}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
