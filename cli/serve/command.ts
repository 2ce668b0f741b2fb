import { InvalidArgumentError, Option, type Command } from 'commander';
import { readEnvironment } from '../environment.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { readTracing, type TracingSettings } from '../../webhooks/tracing/settings.ts';
import { addInClusterOptions, readInCluster, type InClusterOptions } from './in-cluster-options.ts';

interface Flags extends InClusterOptions {
  readonly port: number;
  readonly host?: string;
  readonly github?: true;
  readonly mesh?: readonly string[];
  readonly kubeconfig?: string;
  readonly config?: string;
  readonly ownNamespace?: string;
  readonly shutdownDelay: number;
  readonly logLevel: string;
  readonly otlpEndpoint?: string;
}

const longestDelaySeconds = 600;
const logLevels = ['debug', 'info', 'warn', 'error', 'silent'];

/** `meshgate serve`: the admission gate as a server. */
export function addServeCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('serve')
    .description('answer admission reviews over TLS, or deliveries of GitHub')
    .option('--port <number>', 'port to listen on; 0 takes any free one', readPort, 8443)
    .option('--host <address>', 'address to bind (default: all in a cluster, else 127.0.0.1)')
    .addOption(
      new Option(
        '--mesh <paths...>',
        'files and folders of manifests that make the mesh, in place of a cluster',
      ).conflicts('kubeconfig'),
    )
    .option('--kubeconfig <file>', 'follow this cluster (default: the one this runs in)')
    .option('--config <file>', 'meshgate.yaml')
    .option('--own-namespace <name>', 'namespace of meshgate itself, which is never judged')
    .option(
      '--shutdown-delay <seconds>',
      'how long to go on answering after a signal, so that the API server leaves by itself',
      readSeconds,
      15,
    )
    .addOption(
      new Option(
        '--github',
        'take deliveries of a GitHub App in place of admission reviews; HTTP, at /github',
      ).conflicts(['tlsCert', 'tlsKey', 'mesh', 'kubeconfig', 'config', 'ownNamespace', 'service']),
    )
    .option(
      '--otlp-endpoint <address>',
      'send a span for each review to this OpenTelemetry collector, as http://collector:4318 (default: OTEL_EXPORTER_OTLP_ENDPOINT)',
    )
    .addOption(new Option('--log-level <level>').choices(logLevels).default('info'));
  addInClusterOptions(command).action((flags: Flags) =>
    flags.github === true ? runReceiver(flags, terminal) : run(flags, terminal),
  );
}

async function runReceiver(flags: Flags, terminal: Terminal): Promise<void> {
  const [{ createLogger, standardError, writeOut }, { startReceiver }] = await Promise.all([
    import('../../webhooks/admission/log.ts'),
    import('./start-receiver.ts'),
  ]);
  const destination = standardError();
  const logger = createLogger(destination, flags.logLevel);
  try {
    const { gitHub, cacheFolder } = readEnvironment();
    const now = (): number => terminal.now();
    const receiver = await startReceiver({ ...flags, gitHub, cacheFolder, now }, logger);
    const signal = await nextSignal();
    logger.info({ signal }, 'stopping');
    await receiver.stop();
    logger.info('stopped');
  } finally {
    await writeOut(destination);
  }
}

async function run(flags: Flags, terminal: Terminal): Promise<void> {
  const [
    { createLogger, standardError, writeOut },
    { catalogue },
    { findOwnNamespace },
    { startServing },
  ] = await Promise.all([
    import('../../webhooks/admission/log.ts'),
    import('../../policies/index.ts'),
    import('./own-namespace.ts'),
    import('./start.ts'),
  ]);
  const ownNamespace = flags.ownNamespace ?? flags.service?.namespace ?? findOwnNamespace();
  const { tls, inCluster } = readInCluster(flags, ownNamespace);
  const destination = standardError();
  const logger = createLogger(destination, flags.logLevel);
  try {
    const serving = await startServing(
      {
        port: flags.port,
        host: flags.host,
        tls,
        inCluster,
        mesh: { paths: flags.mesh ?? [], readInput: () => terminal.readInput() },
        kubeconfig: flags.kubeconfig,
        config: flags.config,
        ownNamespace,
        tracing: tracingOf(flags),
        clock: () => terminal.now(),
      },
      catalogue,
      logger,
    );
    const signal = await nextSignal();
    logger.info({ signal, shutdownDelaySeconds: flags.shutdownDelay }, 'stopping');
    await serving.stop(flags.shutdownDelay * 1000);
    logger.info('stopped');
  } finally {
    await writeOut(destination);
  }
}

function tracingOf({ otlpEndpoint }: Pick<Flags, 'otlpEndpoint'>): TracingSettings | undefined {
  const tracing = readTracing(otlpEndpoint, readEnvironment().tracing);
  if (typeof tracing === 'string') {
    throw new UsageError(tracing);
  }
  return tracing;
}

/** The first signal to stop; a second one ends the process at once, as it would without us. */
function nextSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const signals = ['SIGTERM', 'SIGINT'] as const;
  function take(signal: NodeJS.Signals): void {
    for (const one of signals) {
      process.off(one, take);
    }
    resolve(signal);
  }
  for (const signal of signals) {
    process.on(signal, take);
  }
  return promise;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) {
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  }
  return port;
}

function readSeconds(text: string): number {
  const seconds = /^\d{1,3}(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= longestDelaySeconds)) {
    throw new InvalidArgumentError(
      `It must be a number of seconds from 0 to ${String(longestDelaySeconds)}.`,
    );
  }
  return seconds;
}
