// `npm run tools [-- helm kubectl]`: makes sure that the programs and definitions that the cluster tests need are there;
// `npm run tools -- envoy`: that the Envoy of the drain bench is; `npm run tools -- renderer`: that of charts only.
import { buildTool } from './build.ts';
import type { Problem } from './build.ts';
import { toolGroups } from './catalogue.ts';
import type { ToolGroup } from './catalogue.ts';
import { hasCrds, provideCrds } from './crds.ts';
import { readToolEnvironment } from './environment.ts';
import type { ToolEnvironment } from './environment.ts';
import { provideEnvoy } from './envoy.ts';
import { isBuilt, locateGroup } from './locate.ts';
import { hasRenderer, provideRenderer } from './renderer.ts';
import { readRequest } from './request.ts';

const usage = 'usage: npm run tools [-- [--strict] [helm] [kubectl] | envoy | renderer]';

type Part = ToolGroup | 'crds' | 'renderer' | 'envoy';

/** What a part is called in messages, and what is lost without it. */
const losses: Readonly<Record<Part, string>> = {
  etcd: 'tests that need a cluster are skipped',
  kube: 'tests that need a cluster are skipped',
  crds: 'tests that need a cluster are skipped',
  helm: 'tests of the chart are skipped',
  kubectl: 'tests of the runbook are skipped',
  renderer: 'kustomizations and charts are reported as not rendered, and their tests are skipped',
  envoy: 'the drain bench cannot run',
};

process.exitCode = await main(process.argv.slice(2), readToolEnvironment());

async function main(args: readonly string[], environment: ToolEnvironment): Promise<number> {
  const request = readRequest(args);
  if (typeof request === 'string') {
    console.error(`${request}\n${usage}`);
    return 2;
  }
  const problems: string[] = [];
  const note = (part: Part, problem: Problem): void => {
    if (problem !== undefined) problems.push(`${problem}\n  -> ${losses[part]}`);
  };
  if (request.envoy) {
    note('envoy', provideEnvoy());
  } else {
    if (!hasRenderer()) note('renderer', await provideRenderer(environment));
    for (const group of request.groups) note(group, await provideGroup(group, environment));
    if (!request.renderer && !hasCrds()) note('crds', await provideCrds(environment));
  }
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log('tools: complete');
  return problems.length > 0 && (request.strict || environment.ci) ? 1 : 0;
}

async function provideGroup(group: ToolGroup, environment: ToolEnvironment): Promise<Problem> {
  const located = locateGroup(group, environment);
  if (located !== undefined) {
    console.log(
      `${toolGroups[group].map((tool) => tool.name).join(', ')}: found in ${located.folder}`,
    );
    return undefined;
  }
  for (const tool of toolGroups[group]) {
    if (isBuilt(tool)) continue;
    const problem = await buildTool(tool, environment);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
