/** Decodes padded standard base64, the only form that the API server takes. */
export function fromBase64(text: unknown): string {
  if (
    typeof text !== 'string' ||
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u.test(text)
  ) {
    throw new Error('not in form: patch is no padded standard base64');
  }
  return Buffer.from(text, 'base64').toString('utf8');
}
