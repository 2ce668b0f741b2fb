import type { Sample } from '../../webhooks/doctor/snapshot.ts';

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/u;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/gu;

/** Reads the text format of Prometheus; what is no sample is passed over. */
export function readSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((one) => {
    const [, name, labels = '', value] = line.exec(one) ?? [];
    return name === undefined || value === undefined
      ? []
      : [{ name, labels: readLabels(labels), value: Number(value) }];
  });
}

function readLabels(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(label)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/gu, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    ]),
  );
}
