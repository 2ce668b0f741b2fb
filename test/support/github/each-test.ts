import { afterEach, beforeEach } from '@jest/globals';
import { createRepository, type TestRepository } from '../git-repository.ts';
import { testClock, type TestClock } from './clock.ts';
import { startGitHub, type GitHubDouble } from './double.ts';

/** A repository, the double that serves it, and the time that its clients go by. */
export interface ServedRepository {
  readonly repository: TestRepository;
  readonly double: GitHubDouble;
  readonly clock: TestClock;
}

/** Has each test of the file or block that calls this begin with new ones; `prepare` changes them before it. */
export function servedForEachTest(
  prepare: (served: ServedRepository) => void = () => undefined,
): ServedRepository {
  let served: ServedRepository;
  beforeEach(async () => {
    const repository = createRepository();
    served = { repository, double: await startGitHub(repository), clock: testClock() };
    prepare(served);
  });
  afterEach(async () => {
    await served.double.close();
    served.repository.remove();
  });
  return {
    get repository() {
      return served.repository;
    },
    get double() {
      return served.double;
    },
    get clock() {
      return served.clock;
    },
  };
}
