import { existsSync } from 'node:fs';
import type { KindName } from '../../policies/core/kinds.ts';
import type { Settings } from '../../policies/core/settings.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import type { Mesh, MeshPolicy } from '../../policies/mesh/mesh.ts';
import { readManifests } from '../../pipelines/render/manifests.ts';
import { connectCluster } from '../../pipelines/source/cluster-client.ts';
import { serviceAccountToken } from '../../pipelines/source/cluster-transport.ts';
import { followCluster, type ClusterReports } from '../../pipelines/source/cluster.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { defaultRootNamespace } from '../../webhooks/admission/guards.ts';
import { UsageError } from '../usage-error.ts';

/** Manifests that make a mesh: files, folders, and `-` for the standard input. */
export interface MeshFiles {
  readonly paths: readonly string[];
  readonly readInput: () => Promise<Buffer>;
}

/** Where the mesh comes from: files where there are some, else a cluster, else nowhere. */
export interface MeshChoice {
  readonly mesh: MeshFiles;
  readonly kubeconfig: string | undefined;
}

/** A mesh and how far it is. */
export interface MeshSource {
  readonly kind: 'files' | 'cluster' | 'empty';
  readonly mesh: Mesh;
  readonly types: ReadonlySet<KindName>;
  waitingFor(): readonly string[];
  stalenessSeconds(): ReadonlyMap<KindName, number>;
  stop(): Promise<void>;
}

/** Opens the mesh that the choice names. Throws a UsageError where it cannot be read at all. */
export async function openMesh(
  choice: MeshChoice,
  catalogue: readonly MeshPolicy[],
  settings: Settings,
  reports: ClusterReports,
): Promise<MeshSource> {
  const types = consultedKinds(catalogue);
  if (choice.mesh.paths.length > 0) {
    return still('files', types, await meshOfFiles(choice.mesh, settings));
  }
  if (choice.kubeconfig === undefined && !existsSync(serviceAccountToken)) {
    return still('empty', types, createMesh(settings.mesh));
  }
  const mesh = createMesh(settings.mesh);
  const rootNamespace = settings.mesh.rootNamespace ?? defaultRootNamespace;
  const client = connect(choice.kubeconfig);
  const live = followCluster({ client, mesh, types, rootNamespace, reports });
  return { kind: 'cluster', mesh, types, ...live };
}

/** The kinds that policies judge or consult, those that scopes go by, and those that tell the order of injection. */
export function consultedKinds(catalogue: readonly MeshPolicy[]): ReadonlySet<KindName> {
  const types = new Set<KindName>(['Namespace', 'MutatingWebhookConfiguration']);
  for (const { subjects, consults } of catalogue) {
    for (const type of [...subjects, ...consults]) {
      types.add(type);
    }
  }
  return types;
}

function still(kind: 'files' | 'empty', types: ReadonlySet<KindName>, mesh: Mesh): MeshSource {
  return {
    kind,
    mesh,
    types,
    waitingFor: () => [],
    stalenessSeconds: () => new Map(),
    stop: () => Promise.resolve(),
  };
}

async function meshOfFiles(files: MeshFiles, settings: Settings): Promise<Mesh> {
  const sources = await readSources({ ...files, ignore: settings.files.ignore });
  const mesh = createMesh(settings.mesh);
  const errors = [...sources.errors];
  for (const { file, text } of sources.texts) {
    const manifests = readManifests(file, text);
    errors.push(...manifests.errors);
    for (const { resource } of manifests.resources) {
      mesh.put(resource);
    }
  }
  if (errors.length > 0) {
    throw new UsageError(
      errors.map(({ file, line, text }) => `${file}:${String(line)}: ${text}`).join('\n'),
    );
  }
  return mesh;
}

function connect(kubeconfig: string | undefined): ReturnType<typeof connectCluster> {
  try {
    return connectCluster(kubeconfig);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
