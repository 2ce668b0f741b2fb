import { expect, test } from '@jest/globals';
import { readTracing } from '../../../webhooks/tracing/settings.ts';
import { placeUnder } from '../../../webhooks/tracing/span.ts';

const nothing = {
  endpoint: '',
  tracesEndpoint: '',
  headers: '',
  serviceName: '',
  resourceAttributes: '',
};

test('tracing is off where nobody names a collector', () => {
  expect(readTracing(undefined, nothing)).toBeUndefined();
  expect(readTracing(undefined, { ...nothing, serviceName: 'x', headers: 'a=b' })).toBeUndefined();
});

test('the option goes before the environment, and the address for traces before the base', () => {
  const environment = {
    ...nothing,
    endpoint: 'http://base:4318/',
    tracesEndpoint: 'https://traces/x',
  };
  expect(readTracing('http://option:1', environment)).toMatchObject({
    url: 'http://option:1/v1/traces',
  });
  expect(readTracing(undefined, environment)).toMatchObject({ url: 'https://traces/x' });
  expect(readTracing(undefined, { ...environment, tracesEndpoint: '' })).toMatchObject({
    url: 'http://base:4318/v1/traces',
  });
});

test('headers and attributes are pairs, percent-encoded', () => {
  const settings = readTracing('http://c', {
    ...nothing,
    headers: 'authorization=Basic%20eA==, x-team = a ,broken,%=%',
    serviceName: 'gate',
    resourceAttributes: 'service.name=other,deployment.environment=test',
  });
  expect(settings).toMatchObject({
    headers: { authorization: 'Basic eA==', 'x-team': 'a', '%': '%' },
    resource: { 'service.name': 'gate', 'deployment.environment': 'test' },
  });
});

test.each(['collector:4318', 'ftp://c', 'not an address'])('%s is no collector', (address) => {
  expect(readTracing(address, nothing)).toContain('http://collector:4318');
});

test.each(['', '00-0-0-01', '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'])(
  'a traceparent that cannot be read begins a new trace: %s',
  (traceparent) => {
    expect(placeUnder(traceparent)).toMatchObject({ parentSpanId: undefined });
  },
);
