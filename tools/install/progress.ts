/** Tells that a long command is alive. */
export interface Progress {
  /** Counts a line of the command's output: a package downloaded or compiled. */
  line(text: string): void;
  end(how: string): void;
}

const terminalIntervalMilliseconds = 200;
const logIntervalMilliseconds = 15_000;

/** Prints one line that is rewritten on a terminal, or a line every 15 s in a log. */
export function startProgress(name: string): Progress {
  const started = performance.now();
  const onTerminal = process.stdout.isTTY;
  let downloaded = 0;
  let compiled = 0;
  const report = (how: string): string => {
    const seconds = Math.round((performance.now() - started) / 1000);
    return `${name}: ${how}, ${downloaded} modules downloaded, ${compiled} packages compiled, ${seconds} s`;
  };
  const show = (): void => {
    if (onTerminal) process.stdout.write(`\r\u001b[K${report('building')}`);
    else console.log(report('building'));
  };
  if (!onTerminal) show();
  const timer = setInterval(
    show,
    onTerminal ? terminalIntervalMilliseconds : logIntervalMilliseconds,
  );
  return {
    line(text) {
      if (text.startsWith('go: downloading ')) downloaded += 1;
      else if (/^[\w.~/-]+$/.test(text)) compiled += 1;
    },
    end(how) {
      clearInterval(timer);
      if (onTerminal) process.stdout.write('\r\u001b[K');
      console.log(report(how));
    },
  };
}
