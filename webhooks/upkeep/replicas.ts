import { createHash } from 'node:crypto';
import { numberIn, stringIn, stringMapIn } from '../../policies/core/json.ts';
import { ApiStatusError } from '../../pipelines/source/cluster-transport.ts';
import type { ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import type { Clock } from '../clock.ts';

/** What a replica tells of itself. */
export interface ReplicaState {
  /** Fingerprint of the leaf that it serves; '' where it serves none that is trusted. */
  readonly leaf: string;
  /** The configuration that is in force. */
  readonly configuration: string;
}

/** Where replicas tell of themselves: an annotation each, on the Lease that one of them holds. */
export interface ReplicaPlace {
  readonly writer: ClusterWriter;
  readonly clock: Pick<Clock, 'now'>;
  readonly leasePath: string;
}

const prefix = 'replica.meshgate.dev/';
const longestKey = 63;
/** How long a replica that is not heard of counts as one that still serves; it tells of itself far more often. */
const patienceMilliseconds = 5 * 60_000;

/** Tells that this replica lives, and in which state it is. Resolves to false where there is no Lease yet. */
export async function reportReplica(
  { writer, clock, leasePath }: ReplicaPlace,
  identity: string,
  state: ReplicaState,
): Promise<boolean> {
  const text = JSON.stringify({ ...state, toldSeconds: Math.floor(clock.now() / 1000) });
  return annotate({ writer, leasePath }, { [keyOf(identity)]: text });
}

/** Takes back what {@link reportReplica} told, since this replica serves no more. */
export async function removeReplica(
  place: Pick<ReplicaPlace, 'writer' | 'leasePath'>,
  identity: string,
): Promise<void> {
  await annotate(place, { [keyOf(identity)]: null });
}

/** The replicas that may still serve; takes away what those told that have not been heard of for long. */
export async function readReplicas({
  writer,
  clock,
  leasePath,
}: ReplicaPlace): Promise<readonly ReplicaState[]> {
  const annotations = stringMapIn(await writer.read(leasePath), 'metadata', 'annotations');
  const states: ReplicaState[] = [];
  const gone: string[] = [];
  for (const [key, text] of Object.entries(annotations)) {
    if (key.startsWith(prefix)) {
      const told = readTold(text);
      const seconds = numberIn(told, 'toldSeconds') ?? 0;
      if (clock.now() < seconds * 1000 + patienceMilliseconds) {
        const leaf = stringIn(told, 'leaf') ?? '';
        states.push({ leaf, configuration: stringIn(told, 'configuration') ?? '' });
      } else {
        gone.push(key);
      }
    }
  }
  if (gone.length > 0) {
    await annotate({ writer, leasePath }, Object.fromEntries(gone.map((key) => [key, null])));
  }
  return states;
}

async function annotate(
  { writer, leasePath }: Pick<ReplicaPlace, 'writer' | 'leasePath'>,
  annotations: Readonly<Record<string, string | null>>,
): Promise<boolean> {
  try {
    await writer.merge(leasePath, { metadata: { annotations } });
    return true;
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 404) {
      return false;
    }
    throw error;
  }
}

function readTold(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The name of a replica as that of an annotation, which is shorter than that of a Pod may be. */
function keyOf(identity: string): string {
  const isShort = identity.length <= longestKey;
  return `${prefix}${isShort ? identity : createHash('sha256').update(identity).digest('hex').slice(0, longestKey)}`;
}
