import { text } from 'node:stream/consumers';
import { isObject, listIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import { ApiStatusError, type ClusterTransport } from '../../pipelines/source/cluster-transport.ts';
import type { Reading } from '../../webhooks/doctor/snapshot.ts';

/** Reads a cluster without ever throwing: what cannot be read says why. */
export interface ClusterReader {
  list(path: string): Promise<Reading<readonly JsonObject[]>>;
  /** Like `list`, but nothing where the cluster does not serve the kind. */
  listIfServed(path: string): Promise<Reading<readonly JsonObject[]>>;
  get(path: string): Promise<Reading<JsonObject>>;
  /** Status and text; the status is 0 where there was no answer. */
  fetch(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Asks the API server for what it stores nothing of, such as a SubjectAccessReview. */
  ask(path: string, question: JsonObject): Promise<Reading<JsonObject>>;
}

const answerMilliseconds = 10_000;

/** A reader of one cluster. */
export function createReader(transport: ClusterTransport): ClusterReader {
  async function send(
    method: 'GET' | 'POST',
    path: string,
    question?: JsonObject,
  ): Promise<string> {
    const signal = AbortSignal.timeout(answerMilliseconds);
    const body =
      question === undefined
        ? {}
        : { body: { type: 'application/json', text: JSON.stringify(question) } };
    return text(await transport.send({ method, path, ...body }, signal));
  }

  async function read<T>(work: () => Promise<T>): Promise<Reading<T>> {
    try {
      return { value: await work() };
    } catch (error) {
      return { unread: describe(error) };
    }
  }

  async function list(path: string): Promise<readonly JsonObject[]> {
    return itemsOf(JSON.parse(await send('GET', path)));
  }

  return {
    list: (path) => read(() => list(path)),
    listIfServed: (path) =>
      read(async () => {
        try {
          return await list(path);
        } catch (error) {
          if (error instanceof ApiStatusError && error.status === 404) {
            return [];
          }
          throw error;
        }
      }),
    get: (path) => read(async () => JSON.parse(await send('GET', path)) as JsonObject),
    ask: (path, question) =>
      read(async () => JSON.parse(await send('POST', path, question)) as JsonObject),
    async fetch(path) {
      try {
        return { status: 200, text: await send('GET', path) };
      } catch (error) {
        return error instanceof ApiStatusError
          ? { status: error.status, text: error.detail }
          : { status: 0, text: describe(error) };
      }
    },
  };
}

function itemsOf(list: unknown): readonly JsonObject[] {
  const apiVersion = stringIn(list, 'apiVersion') ?? '';
  const kind = (stringIn(list, 'kind') ?? '').replace(/List$/u, '');
  // The items of a list carry neither apiVersion nor kind.
  return listIn(list, 'items')
    .filter(isObject)
    .map((item) => ({ apiVersion, kind, ...item }));
}

/** What went wrong, on one line. */
export function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/gu, ' ');
}
