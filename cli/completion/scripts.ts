import type { Command } from 'commander';
import { wordsOf, type CommandWords } from './command-words.ts';

/** The completion script of a shell, made from the commands themselves. */
export function completionScript(
  shell: 'bash' | 'zsh' | 'fish',
  program: Command,
  policies: readonly string[],
): string {
  const commands = program.commands.map((command) => wordsOf(command, policies));
  if (shell === 'fish') {
    return fishScript(commands);
  }
  const bash = bashScript(commands);
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const cases = commands.flatMap(({ name, flags, values }) => [
    ...Object.entries(values)
      .filter(([flag]) => flag !== '')
      .map(([flag, words]) => `    ${name}:${flag}) words='${words.join(' ')}' ;;`),
    `    ${name}:*) words='${flags.join(' ')} ${(values[''] ?? []).join(' ')}' ;;`,
  ]);
  return `_meshgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${names} --help --version' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}:$previous" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _meshgate meshgate
`;
}

function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, flags, values }) => {
    const within = `complete -c meshgate -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c meshgate -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", String.raw`\'`)}'`,
      ...flags.map((flag) => {
        const words = values[flag];
        const choices = words === undefined ? '' : ` -x -a '${words.join(' ')}'`;
        return `${within} -l ${flag.slice(2)}${choices}`;
      }),
      ...(values[''] === undefined ? [] : [`${within} -f -a '${values[''].join(' ')}'`]),
    ];
  });
  return `${lines.join('\n')}\n`;
}
