import { ok, problem, unknown, type Check, type Diagnosis } from './diagnosis.ts';
import type { ReplicaState, Sample } from './snapshot.ts';

const staleSeconds = 300;

/** Whether each Pod can be reached, and says that it is ready. */
export const reachabilityCheck: Check = {
  name: 'reachability',
  diagnose({ replicas }) {
    if (replicas.length === 0) {
      return [
        problem(
          'There is no Pod to reach.',
          'See deployment: no Pod runs, or none has an address.',
        ),
      ];
    }
    const said = replicas.flatMap(unreachable);
    return said.length === 0 ? ok(`${names(replicas)} answer and are ready.`) : said;
  },
};

function unreachable({ name, readiness }: ReplicaState): readonly Diagnosis[] {
  const { status, text } = readiness;
  if (status === 200) {
    return [];
  }
  return status === 403
    ? [unknown(`${name}: ${text}`, 'Let this user get pods/proxy.')]
    : [
        problem(
          `${name} ${status === 503 ? 'is' : 'does not answer:'} ${text}`,
          status === 503
            ? 'What it waits for is read from the API server: see rights, and the log of the Pod.'
            : 'Look for a network policy or firewall between the API server and the Pods, and at the log of the Pod.',
        ),
      ];
}

/** Whether the mesh that each Pod judges by is whole and fresh. */
export const stalenessCheck: Check = {
  name: 'staleness',
  diagnose({ replicas }) {
    const said = replicas.flatMap(({ name, metrics }): readonly Diagnosis[] => {
      if ('unread' in metrics) {
        return [unknown(`${name}: ${metrics.unread}`, 'See reachability.')];
      }
      const synced = valueOf(metrics.value, 'meshgate_mesh_synced');
      const stale = metrics.value.filter(
        (sample) =>
          sample.name === 'meshgate_mesh_staleness_seconds' && sample.value > staleSeconds,
      );
      return [
        ...(synced === 0
          ? [problem(`${name} has not read all of the mesh.`, 'Its /readyz names what is missing.')]
          : []),
        ...stale.map(({ labels, value }) =>
          problem(
            `${name} has not heard of ${labels['kind'] ?? ''} for ${String(Math.round(value))} s, so its verdicts go by an old mesh.`,
            'See the log of the Pod for "watch restarted", and rights.',
          ),
        ),
      ];
    });
    return said.length === 0 ? ok(`The mesh is fresh at ${names(replicas)}.`) : said;
  },
};

/** Whether all Pods judge by the same configuration. */
export const configurationCheck: Check = {
  name: 'configuration',
  diagnose({ replicas }) {
    const versions = new Map<string, string[]>();
    for (const { name, metrics } of replicas) {
      const sample = 'value' in metrics ? metrics.value.find(isConfiguration) : undefined;
      const version = sample?.labels['hash'];
      if (version !== undefined) {
        versions.set(version, [...(versions.get(version) ?? []), name]);
      }
    }
    const [only, ...others] = versions.keys();
    if (only === undefined) {
      return [unknown('No Pod told which configuration it has.', 'See reachability.')];
    }
    return others.length === 0
      ? ok(`${names(replicas)} judge by the configuration ${only}.`)
      : [
          problem(
            `The configurations differ: ${[...versions].map(([version, pods]) => `${version} at ${pods.join(', ')}`).join('; ')}.`,
            'A mounted ConfigMap takes up to two minutes to arrive. If it stays so, the log of the Pod says why it refused the new one.',
          ),
        ];
  },
};

function isConfiguration({ name, value }: Sample): boolean {
  return name === 'meshgate_configuration_info' && value === 1;
}

function valueOf(samples: readonly Sample[], name: string): number | undefined {
  return samples.find((sample) => sample.name === name)?.value;
}

function names(replicas: readonly ReplicaState[]): string {
  return replicas.map(({ name }) => name).join(', ');
}
