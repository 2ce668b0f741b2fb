/** What the command reads from the environment. */
export interface CliEnvironment {
  /** Set to anything but nothing: no colour. Source: no-color.org. */
  readonly noColour: boolean;
  /** Where programs are looked for, as in `PATH`. */
  readonly programPath: string;
  /** The user's home folder; '' where there is none. */
  readonly home: string;
}

/** Reads the environment; the only place of the command that does. */
export function readEnvironment(): CliEnvironment {
  const { NO_COLOR: noColour = '', TERM: terminal = '', PATH = '', HOME = '' } = process.env;
  return { noColour: noColour !== '' || terminal === 'dumb', programPath: PATH, home: HOME };
}
