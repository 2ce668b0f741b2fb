import type { Progress } from '../../pipelines/check.ts';
import type { Terminal } from '../terminal.ts';

const quietMilliseconds = 1000;
const betweenMilliseconds = 100;
const eraseLine = '\r\u001B[K';

/** A line that tells how far long work is: on a terminal only, and not in the first second. */
export function progressOn(terminal: Terminal): { readonly tell: Progress; clear(): void } {
  let next = terminal.now() + quietMilliseconds;
  let shown = false;
  return {
    tell(done, total) {
      if (!terminal.errIsTerminal || terminal.now() < next) {
        return;
      }
      next = terminal.now() + betweenMilliseconds;
      shown = true;
      terminal.err(`${eraseLine}${String(done)} of ${String(total)} files`);
    },
    clear() {
      if (shown) {
        terminal.err(eraseLine);
      }
    },
  };
}
