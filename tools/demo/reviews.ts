import { randomUUID } from 'node:crypto';
import { applyPatch, Pointer, type Operation } from 'rfc6902';
import type { Json } from '../../policies/core/json.ts';
import { kindInfo } from '../../policies/core/kinds.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import { createAuthority } from '../../test/support/cluster/certificates.ts';
import { startServing, type ServingGate } from '../../test/support/cluster/gate.ts';
import { createProcessGroup } from '../../test/support/cluster/processes.ts';
import type { Apply } from './outcome.ts';
import { exampleConfig, exampleRepository } from './repository.ts';

/** A gate without a cluster: the example's files are its mesh. */
export interface DemoGate {
  readonly apply: Apply;
  stop(): Promise<void>;
}

interface Answer {
  readonly allowed: boolean;
  readonly patch?: string;
  readonly status?: { readonly message: string };
  readonly warnings?: readonly string[];
}

/** Starts a gate that judges by the files, to be asked as an API server asks it. */
export async function startDemoGate(): Promise<DemoGate> {
  const authority = await createAuthority('meshgate demo');
  const processes = createProcessGroup();
  try {
    const place = { authority, caPem: authority.pem, processes };
    const source = ['--mesh', exampleRepository];
    const gate = await startServing(place, { source, config: exampleConfig() });
    await gate.waitUntilReady();
    return {
      apply: (resource) => apply(gate, resource),
      async stop() {
        await gate.stop();
        await processes.stop();
      },
    };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

/** Does what an API server does with an object: defaults it, has it mutated, then validated. */
async function apply(gate: ServingGate, resource: Resource): ReturnType<Apply> {
  const object = withDefaults(resource);
  const mutated = await ask(gate, '/mutate', resource, object);
  if (mutated.patch !== undefined) {
    const operations = JSON.parse(Buffer.from(mutated.patch, 'base64').toString()) as Operation[];
    applyPatch(object, operations);
  }
  const validated = await ask(gate, '/validate', resource, object);
  const warnings = [...(mutated.warnings ?? []), ...(validated.warnings ?? [])];
  return validated.allowed
    ? { stored: object, warnings }
    : { stored: undefined, warnings, denial: validated.status?.message ?? '' };
}

async function ask(
  gate: ServingGate,
  path: string,
  { type, apiVersion, kind, namespace, name }: Resource,
  object: Json,
): Promise<Answer> {
  const { group, plural } = kindInfo(type);
  const version = apiVersion.split('/').at(-1) ?? '';
  const request = {
    uid: randomUUID(),
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    name,
    namespace,
    operation: 'CREATE',
    userInfo: { username: 'demo' },
    object,
    oldObject: null,
    dryRun: false,
  };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const { status, body } = await gate.send('POST', `${path}?timeout=5s`, review);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
  return (body as { readonly response: Answer }).response;
}

/** Writes the default of the grace period, as an API server has done before any webhook is called. */
function withDefaults(resource: Resource): Json {
  const path = workloadOf(resource)?.template;
  const object = structuredClone(resource.object);
  const at = `${path ?? ''}/spec/terminationGracePeriodSeconds`;
  if (path !== undefined && Pointer.fromJSON(at).get(object) === undefined) {
    applyPatch(object, [{ op: 'add', path: at, value: 30 }]);
  }
  return object;
}
