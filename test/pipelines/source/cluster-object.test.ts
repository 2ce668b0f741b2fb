import { expect, test } from '@jest/globals';
import { stringIn, type JsonObject } from '../../../policies/core/json.ts';
import type { ClusterClient } from '../../../pipelines/source/cluster-client.ts';
import { followObject } from '../../../pipelines/source/cluster-object.ts';

const object = (version: string): JsonObject => ({
  metadata: { name: 'ours', resourceVersion: version },
});

/** A client whose lists come from `items`, and whose watches go on until the test ends them. */
function faultyClient() {
  const state = {
    items: [object('1')] as readonly JsonObject[],
    lists: 0,
    failures: [] as Error[],
    paths: [] as string[],
    watch: undefined as { line: (text: string) => void; end: (error?: Error) => void } | undefined,
  };
  const client: ClusterClient = {
    server: 'test',
    get(path) {
      state.lists += 1;
      state.paths.push(path);
      const failure = state.failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      return Promise.resolve({ metadata: { resourceVersion: '9' }, items: state.items });
    },
    list: () => Promise.reject(new Error('nothing is listed')),
    listMetadata: () => Promise.reject(new Error('nothing is listed')),
    lines(path, signal, onLine) {
      state.paths.push(path);
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      state.watch = {
        line: (text) => {
          try {
            onLine(text);
          } catch (error) {
            reject(error);
          }
        },
        end: (error) => {
          state.watch = undefined;
          if (error === undefined) resolve(undefined);
          else reject(error);
        },
      };
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
      return promise;
    },
  };
  return { state, client };
}

function follow() {
  const { state, client } = faultyClient();
  const seen: (string | undefined)[] = [];
  const problems: unknown[] = [];
  const followed = followObject({
    client,
    collection: '/api/v1/namespaces/own/secrets',
    name: 'ours',
    onObject: (found) => seen.push(stringIn(found, 'metadata', 'resourceVersion')),
    onProblem: (error) => problems.push(error),
  });
  return { state, seen, problems, followed };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const event = (type: string, value: JsonObject): string => JSON.stringify({ type, object: value });

test('tells of each version once, and asks for the one name alone', async () => {
  const { state, seen, followed } = follow();
  await until(() => state.watch !== undefined);
  expect(followed.isKnown()).toBe(true);
  state.watch?.line(event('MODIFIED', object('2')));
  state.watch?.line(event('MODIFIED', object('2')));
  state.watch?.line(event('BOOKMARK', { metadata: { resourceVersion: '8' } }));
  state.watch?.line(event('DELETED', object('3')));
  state.watch?.line(event('ADDED', object('4')));
  expect(seen).toEqual(['1', '2', undefined, '4']);
  expect(state.paths.every((path) => path.includes('fieldSelector=metadata.name%3Dours'))).toBe(
    true,
  );
  await followed.stop();
});

test('tells that there is none, and of it when it comes', async () => {
  const { state, seen, followed } = follow();
  state.items = [];
  await until(() => state.watch !== undefined);
  const first = seen.length;
  state.items = [object('5')];
  state.watch?.end();
  await until(() => seen.at(-1) === '5');
  expect(first).toBe(1);
  await followed.stop();
});

test.each([
  [
    'the history is gone',
    (line: (text: string) => void) => line('{"type":"ERROR","object":{"code":410}}'),
  ],
  ['the watch is cut off', undefined],
])('catches up by a new list where %s', async (_, fault) => {
  const { state, seen, followed } = follow();
  await until(() => state.watch !== undefined);
  state.items = [object('7')];
  if (fault === undefined) state.watch?.end(new Error('cut off'));
  else fault(state.watch?.line ?? (() => undefined));
  await until(() => seen.at(-1) === '7');
  expect(state.lists).toBe(2);
  await followed.stop();
});

test('says what fails, keeps what it has, and asks again', async () => {
  const { state, seen, problems, followed } = follow();
  await until(() => state.watch !== undefined);
  state.failures.push(new Error('forbidden'));
  state.watch?.line('{"type":"ERROR","object":{"code":500,"message":"no"}}');
  await until(() => problems.length === 2);
  await until(() => state.watch !== undefined && state.lists === 3);
  expect(problems.map(String)).toEqual([
    expect.stringContaining('no'),
    expect.stringContaining('forbidden'),
  ]);
  expect(seen).toEqual(['1']);
  await followed.stop();
});
