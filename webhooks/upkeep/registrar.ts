import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { apiPath, isConflict, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import type { Clock } from '../clock.ts';
import { desiredOver } from '../registration/compare.ts';
import { mutatingName, validatingName } from '../registration/registration.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { RegisteredNames } from './registered.ts';
import { registrationStep, type RegistrationStep } from './registration-step.ts';

/** What is told while configurations are kept. */
export interface RegistrationReports {
  did(name: string, step: 'create' | 'change' | 'undo' | 'remove'): void;
  conflict(name: string): void;
  /** The configurations that somebody deleted, and which therefore stay deleted; told at each pass. */
  deleted(names: readonly string[]): void;
}

/** What the registrar works with. */
export interface RegistrarOptions {
  readonly writer: ClusterWriter;
  readonly clock: Clock;
  readonly registered: RegisteredNames;
  readonly reports: RegistrationReports;
}

/** What a pass left behind. */
export interface RegistrationPass {
  /** The configurations as the API server has them now. */
  readonly live: readonly JsonObject[];
  /** Milliseconds until an edit may be undone, or a deleted one be wanted back; 0 where none waits. */
  readonly waitMilliseconds: number;
}

/** Where a configuration is. */
export interface ConfigurationPlace {
  readonly name: string;
  readonly collection: string;
  readonly path: string;
}

interface Outcome {
  readonly live: JsonObject | undefined;
  readonly waitMilliseconds: number;
  readonly isDeleted: boolean;
}

const attempts = 5;
const conflictMilliseconds = 200;
const deletedMilliseconds = 10_000;
/** Where the configurations of ours are. */
export const configurationPlaces: readonly ConfigurationPlace[] = [
  placeOf(mutatingName, 'mutatingwebhookconfigurations'),
  placeOf(validatingName, 'validatingwebhookconfigurations'),
];

/** The configurations of ours that the API server has. */
export async function readConfigurations(writer: ClusterWriter): Promise<readonly JsonObject[]> {
  const read = await Promise.all(configurationPlaces.map(({ path }) => writer.read(path)));
  return read.filter((object) => object !== undefined);
}

/**
 * Makes what keeps the configurations as they shall be: creates, changes and removes them, writes nothing where nothing
 * differs, undoes what others edit, ever more slowly if they insist, and leaves deleted what somebody deleted.
 */
export function createRegistrar(
  options: RegistrarOptions,
): (desired: readonly JsonObject[]) => Promise<RegistrationPass> {
  const pacer = createPacer(options.clock);
  const written = new Map<string, string>();

  async function keep(
    place: ConfigurationPlace,
    desired: JsonObject | undefined,
  ): Promise<Outcome> {
    const { name } = place;
    const text = JSON.stringify(desired);
    const live = await options.writer.read(place.path);
    const isRegistered = (await options.registered.read()).has(name);
    const isWritten = written.get(name) === text;
    const step = registrationStep({ desired, live, isRegistered, isWritten });
    const waitMilliseconds = step === 'undo' ? pacer.wait(name) : 0;
    if (waitMilliseconds > 0) {
      return { live, waitMilliseconds, isDeleted: false };
    }
    const now = await perform(step, place, { desired, live, pacer, ...options });
    written.set(name, text);
    return { live: now, waitMilliseconds, isDeleted: step === 'leave-deleted' };
  }

  return async (desired) => {
    const outcomes: Outcome[] = [];
    const deleted: string[] = [];
    for (const place of configurationPlaces) {
      const { name } = place;
      const wanted = desired.find((one) => stringIn(one, 'metadata', 'name') === name);
      const outcome = await retried(place, () => keep(place, wanted), options);
      outcomes.push(outcome);
      if (outcome.isDeleted) {
        deleted.push(name);
      }
    }
    options.reports.deleted(deleted);
    const waits = outcomes.map(({ waitMilliseconds }) => waitMilliseconds);
    return {
      live: outcomes.map(({ live }) => live).filter((object) => object !== undefined),
      waitMilliseconds: Math.max(...waits) || (deleted.length > 0 ? deletedMilliseconds : 0),
    };
  };
}

interface Work extends RegistrarOptions {
  readonly desired: JsonObject | undefined;
  readonly live: JsonObject | undefined;
  readonly pacer: Pacer;
}

/** Does one step and gives what the API server has then. */
async function perform(
  step: RegistrationStep,
  { name, collection, path }: ConfigurationPlace,
  { desired = {}, live, pacer, writer, registered, reports }: Work,
): Promise<JsonObject | undefined> {
  switch (step) {
    case 'create': {
      const created = await writer.create(collection, desired);
      reports.did(name, step);
      await registered.change(name, true);
      return created;
    }
    case 'change':
    case 'undo': {
      const replaced = await writer.replace(path, desiredOver(desired, live ?? {}));
      if (step === 'undo') {
        pacer.did(name);
      }
      reports.did(name, step);
      await registered.change(name, true);
      return replaced;
    }
    case 'remove':
      // First, so that it does not look as if somebody else had deleted it.
      await registered.change(name, false);
      await writer.remove(path);
      reports.did(name, step);
      return undefined;
    case 'remember':
    case 'forget':
      await registered.change(name, step === 'remember');
      return live;
    case 'nothing':
    case 'leave-deleted':
      return live;
  }
}

/** Reads and decides anew where somebody else wrote in between. */
async function retried(
  { name }: ConfigurationPlace,
  work: () => Promise<Outcome>,
  { clock, reports }: RegistrarOptions,
): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) {
        throw error;
      }
      reports.conflict(name);
      const pause = conflictMilliseconds * attempt * (0.5 + Math.random());
      await clock.sleep(pause, new AbortController().signal);
    }
  }
}

function placeOf(name: string, resource: string): ConfigurationPlace {
  const kind = { apiVersion: 'admissionregistration.k8s.io/v1', resource };
  return { name, collection: apiPath(kind), path: apiPath({ ...kind, name }) };
}
