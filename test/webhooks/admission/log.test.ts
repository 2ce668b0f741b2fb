import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const log = new URL('../../../webhooks/admission/log.ts', import.meta.url);

test('lines reach the standard error whole and in order, the last one too', async () => {
  const program = `
    import { pbkdf2 } from 'node:crypto';
    import { createLogger, standardError, writeOut } from ${JSON.stringify(fileURLToPath(log))};
    // Keeps the only thread that writes busy.
    pbkdf2('password', 'salt', 300_000, 64, 'sha512', () => undefined);
    const destination = standardError();
    const logger = createLogger(destination);
    for (let index = 0; index < 2000; index += 1) logger.info({ index, text: 'é'.repeat(50) }, 'x');
    await writeOut(destination);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { UV_THREADPOOL_SIZE: '1' },
  });
  const lines = (await text(child.stderr)).trimEnd().split('\n');
  const indexes = lines.map((line) => (JSON.parse(line) as { index: number }).index);
  expect(indexes).toEqual(Array.from({ length: 2000 }, (_, index) => index));
});
