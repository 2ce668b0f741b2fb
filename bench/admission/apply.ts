import { applyPatch, type Operation } from 'rfc6902';

/** The review of the Pod as it is once the patch of an answer has been applied. Throws where there is no patch. */
export function applied(review: string, answer: string): string {
  const { response } = JSON.parse(answer) as { response: { patch?: string } };
  if (response.patch === undefined) {
    throw new Error('the gate filled nothing in on the Pod of the bench');
  }
  const copy = JSON.parse(review) as { request: { object: unknown } };
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[];
  applyPatch(copy.request.object, operations);
  return JSON.stringify(copy);
}
