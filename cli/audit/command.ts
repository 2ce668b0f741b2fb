import { Option, type Command } from 'commander';
import { severities } from '../../policies/core/finding.ts';
import type { Terminal } from '../terminal.ts';
import type { AuditFlags } from './run-audit.ts';

/** `meshgate audit`: what the policies say of the objects that a cluster holds already. */
export function addAuditCommand(
  program: Command,
  terminal: Terminal,
  finish: (exitCode: number) => void,
): void {
  program
    .command('audit')
    .description('judge what a cluster holds already, as admission would judge it today')
    .option('--kubeconfig <file>', 'the cluster (default: the one this runs in)')
    .option('-c, --config <file>', 'meshgate.yaml (default: the one in the current folder)')
    .option('-n, --namespace <names...>', 'show findings of these namespaces only')
    .option('--own-namespace <name>', 'namespace of meshgate itself, which is never judged')
    .addOption(
      new Option('-o, --output <format>', 'for people, or for programs')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(
      new Option('--min-severity <severity>', 'the mildest severity shown')
        .choices(severities)
        .default('warning'),
    )
    .addOption(
      new Option(
        '--report <group>',
        'write the findings into the cluster too, one report for each namespace',
      ).choices(['openreports.io', 'wgpolicyk8s.io']),
    )
    .addHelpText(
      'after',
      '\nReads the whole mesh by get and list; without --report it changes nothing.' +
        '\nExit code: 0 nothing would be denied, 1 something would, 2 bad usage or not all could be read.',
    )
    .action(async (flags: AuditFlags) => {
      const { runAudit } = await import('./run-audit.ts');
      finish(await runAudit(flags, terminal));
    });
}
