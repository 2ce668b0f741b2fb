import { Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import type { DoctorRequest } from './run-doctor.ts';

/** Adds `meshgate doctor`: what is wrong with an installation, and what to do. */
export const addDoctorCommand: AddCommand = (program, terminal, finish) => {
  program
    .command('doctor')
    .summary('say what is wrong with the installation in a cluster')
    .description(
      'Looks at a cluster and changes nothing. Exits with 0 when all is well, 1 when something is wrong, 2 when ' +
        'something could not be told.',
    )
    .option('-n, --namespace <name>', 'where meshgate runs', 'meshgate-system')
    .option('--kubeconfig <file>', 'the cluster (default: $KUBECONFIG, else ~/.kube/config)')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action(async (request: DoctorRequest) => {
      const { runDoctor } = await import('./run-doctor.ts');
      finish(await runDoctor(request, terminal));
    });
};
