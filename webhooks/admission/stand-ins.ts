import { randomInt, randomUUID } from 'node:crypto';

/** What was generated for one review of a Pod, and how to undo its replacement. */
export interface Generated {
  /** Of the request. */
  readonly uid: string;
  /** Of the Pod, and what precedes its generated part; '' where it has none yet. */
  readonly name: string;
  readonly generateName: string;
  /** Puts back into the body what was replaced. */
  restore(): void;
}

/** What stands in for what is generated for each Pod, so that Pods of one template read the same. */
export interface StandIns {
  readonly uid: string;
  readonly podUid: string;
  readonly nameSuffix: string;
  readonly volumeSuffix: string;
  /** Later than any: a Pod at its creation is younger than all other objects. */
  readonly time: string;
}

/** How the API server begins the name of the volume that it gives each Pod for its service account. */
export const tokenVolume = 'kube-api-access-';

/** How many letters Kubernetes appends to a `generateName`. */
export const suffixLength = 5;

const head = Buffer.from(
  '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"',
);
const podHead = Buffer.from('"object":{"kind":"Pod","apiVersion":"v1","metadata":{');
const metadataBytes = 800;
// In the order in which the API server writes them: 1 what precedes `uid`, 2 name, 3 generateName, 4 uid, 5 generation, 6 time.
const metadata =
  /^((?:"name":"([a-z\d.-]{1,253})",)?"generateName":"([a-z\d.-]{1,253})",(?:"namespace":"[a-z\d-]{1,63}",)?)(?:"uid":"([\da-f-]{36})",((?:"generation":\d{1,9},)?)(?:"creationTimestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")?)?/u;
const uuid = /^[\da-f-]{36}$/u;
// The alphabet of Kubernetes, which spells no words and mixes up no letters.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

const suffix = new RegExp(`^[${alphabet}]{${String(suffixLength)}}$`, 'u');
const nameMember = '"name":"';
const uidMember = '"uid":"';
const timeMember = '"creationTimestamp":"';
const uuidLength = 36;
const quote = 0x22;

/** Makes stand-ins that nobody can guess, each of the form and length of what it stands for. */
export function createStandIns(): StandIns {
  return {
    uid: randomUUID(),
    podUid: randomUUID(),
    nameSuffix: randomSuffix(),
    volumeSuffix: randomSuffix(),
    time: '9999-12-31T23:59:59Z',
  };
}

/**
 * Replaces in place what was generated for a Pod that is made from a template. Undefined, with the body as it was, for
 * every other review and wherever something generated is also mentioned elsewhere.
 */
export function replaceGenerated(body: Buffer, standIns: StandIns): Generated | undefined {
  const at = body.indexOf(podHead);
  if (at < head.length + uuidLength || head.compare(body, 0, head.length) !== 0) {
    return undefined;
  }
  const uid = body.toString('latin1', head.length, head.length + uuidLength);
  const start = at + podHead.length;
  const read = metadata.exec(body.toString('latin1', start, start + metadataBytes));
  if (read === null || !uuid.test(uid)) {
    return undefined;
  }
  const [, , name = '', generateName = ''] = read;
  const places = [{ at: head.length, text: standIns.uid }, ...placesGiven(read, start, standIns)];
  const isComplete =
    (name === '' || addNames(places, body, { name, generateName, start }, standIns)) &&
    addVolumes(places, body, standIns);
  return isComplete ? { uid, name, generateName, restore: replaceAt(places, body) } : undefined;
}

interface Place {
  readonly at: number;
  readonly text: string;
}

interface Named {
  readonly name: string;
  readonly generateName: string;
  /** Where the members of the metadata start. */
  readonly start: number;
}

/** Where the API server has written what it gives a Pod that it has accepted. */
function placesGiven(read: RegExpExecArray, start: number, standIns: StandIns): readonly Place[] {
  const [, beforeUid = '', , , uid, generation = '', time] = read;
  if (uid === undefined) {
    return [];
  }
  const at = start + beforeUid.length + uidMember.length;
  const place = { at, text: standIns.podUid };
  const timeAt = at + uuidLength + 2 + generation.length + timeMember.length;
  return time === undefined ? [place] : [place, { at: timeAt, text: standIns.time }];
}

/** Adds where the Pod is named; false where its name is not a generated one, or means something elsewhere. */
function addNames(
  places: Place[],
  body: Buffer,
  { name, generateName, start }: Named,
  { nameSuffix }: StandIns,
): boolean {
  // Of the request, if it says it, and of the Pod.
  const allowed = [body.indexOf(`${nameMember}${name}","namespace":"`) + nameMember.length];
  allowed.push(start + nameMember.length);
  for (let at = body.indexOf(name); at >= 0; at = body.indexOf(name, at + 1)) {
    if (!allowed.includes(at)) {
      return false;
    }
    places.push({ at: at + generateName.length, text: nameSuffix });
  }
  return (
    name.length === generateName.length + suffixLength &&
    name.startsWith(generateName) &&
    suffix.test(name.slice(-suffixLength))
  );
}

/** Adds where the volume of the service account is named; false where one is named otherwise, or there are several. */
function addVolumes(places: Place[], body: Buffer, { volumeSuffix }: StandIns): boolean {
  let first: string | undefined;
  for (let at = body.indexOf(tokenVolume); at >= 0; at = body.indexOf(tokenVolume, at + 1)) {
    const suffixAt = at + tokenVolume.length;
    const end = suffixAt + suffixLength;
    const found = body.toString('latin1', suffixAt, end);
    first ??= found;
    if (
      found !== first ||
      !suffix.test(found) ||
      body[end] !== quote ||
      body.toString('latin1', at - nameMember.length, at) !== nameMember
    ) {
      return false;
    }
    places.push({ at: suffixAt, text: volumeSuffix });
  }
  return true;
}

/** Writes the texts, and returns what puts back what was there. */
function replaceAt(places: readonly Place[], body: Buffer): () => void {
  const originals = places.map(({ at, text }) => {
    const original = { at, text: body.toString('latin1', at, at + text.length) };
    body.write(text, at, 'latin1');
    return original;
  });
  return () => {
    for (const { at, text } of originals) {
      body.write(text, at, 'latin1');
    }
  };
}

function randomSuffix(): string {
  return Array.from({ length: suffixLength }, () => alphabet[randomInt(alphabet.length)]).join('');
}
