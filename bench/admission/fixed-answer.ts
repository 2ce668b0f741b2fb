import { annotationName, neededGraceSeconds } from './subject.ts';

const operations = [
  { op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: neededGraceSeconds },
  {
    op: 'add',
    path: `/metadata/annotations/${annotationName.replaceAll('/', '~1')}`,
    value: 'terminationDrainDuration: 60s\n',
  },
];

/** The answer of the servers to compare with: the same patch for every Pod, made at each call. */
export function fixedAnswer(uid: string): unknown {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true, patchType: 'JSONPatch', patch },
  };
}

/** What the servers to compare with read of a review. */
export interface PlainReview {
  readonly request: { readonly uid: string };
}
