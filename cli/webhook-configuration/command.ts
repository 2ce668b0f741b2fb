import { InvalidArgumentError, Option, type Command } from 'commander';
import type { WebhookAddress } from '../../webhooks/registration/address.ts';
import type { Terminal } from '../terminal.ts';
import type { ConfigurationRequest } from './print-configurations.ts';

/** `meshgate webhook-configuration`: what the API server needs to know, as YAML. */
export function addWebhookConfigurationCommand(program: Command, terminal: Terminal): void {
  program
    .command('webhook-configuration')
    .description('print the webhook configurations for the policies that are on')
    .addOption(
      new Option('--service <namespace/name[:port]>', 'the Service in front of `meshgate serve`')
        .argParser(readService)
        .conflicts('url'),
    )
    .option('--url <https-url>', 'where `meshgate serve` is reached, outside a cluster')
    .option('--ca-file <file>', 'authority of the serving certificate in PEM')
    .option('--config <file>', 'meshgate.yaml')
    .option('--own-namespace <name>', 'namespace of meshgate itself, which is never judged')
    .addOption(
      new Option('--failure-policy <policy>', 'of the validating webhooks')
        .choices(['Ignore', 'Fail'])
        .default('Ignore'),
    )
    .action(async (request: ConfigurationRequest) => {
      const { printConfigurations } = await import('./print-configurations.ts');
      terminal.out(await printConfigurations(request));
    });
}

function readService(text: string): NonNullable<WebhookAddress['service']> {
  const [, namespace, name, port] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::(\d{1,5}))?$/u.exec(text) ?? [];
  if (namespace === undefined || name === undefined) {
    throw new InvalidArgumentError('It must be <namespace>/<name> or <namespace>/<name>:<port>.');
  }
  return { namespace, name, ...(port === undefined ? {} : { port: Number(port) }) };
}
