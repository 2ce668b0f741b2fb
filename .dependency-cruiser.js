// Data flows one way: source -> render -> parse -> mesh -> evaluate -> finding -> patch | comment | report.
const product = '^(policies|pipelines|webhooks|functions|cli)/';

/** What policies may use of others' packages: parsers and validators without input or output. */
const purePackages = ['ipaddr.js', 'js-yaml', 'leven', 'rfc6902', 'yaml', 'zod'].join('|');

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'core-stands-alone',
      comment: 'policies/core imports nothing of ours.',
      severity: 'error',
      from: { path: '^policies/core/' },
      to: { pathNot: '^policies/core/', dependencyTypes: ['local'] },
    },
    {
      name: 'mesh-knows-core-only',
      comment: 'policies/mesh imports policies/core and nothing else of ours.',
      severity: 'error',
      from: { path: '^policies/mesh/' },
      to: { pathNot: '^policies/(core|mesh)/', dependencyTypes: ['local'] },
    },
    {
      name: 'rules-know-core-and-mesh',
      comment:
        'A policy imports policies/core, policies/mesh and its own examples, never another policy.',
      severity: 'error',
      from: { path: '^policies/rules/(.+?)(?:\\.examples)?\\.ts$' },
      to: {
        pathNot: [
          '^policies/(?:core|mesh)/',
          '^policies/rules/$1\\.examples\\.ts$',
          '^policies/rules/$1\\.[a-z]+\\.examples\\.ts$',
        ],
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'rules-through-the-catalogue',
      comment: 'Only policies/index.ts and tests import a policy.',
      severity: 'error',
      from: { pathNot: '^(policies/index\\.ts$|policies/rules/|test/)' },
      to: { path: '^policies/rules/' },
    },
    {
      name: 'policies-know-policies',
      comment: 'Policies import nothing of what carries them to a gate.',
      severity: 'error',
      from: { path: '^policies/' },
      to: { pathNot: '^policies/', dependencyTypes: ['local'] },
    },
    {
      name: 'policies-are-pure',
      comment: 'No file, network, clock or process in policies: no module of Node.',
      severity: 'error',
      from: { path: '^policies/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'policies-use-pure-packages',
      comment: 'Policies use parsers and validators only.',
      severity: 'error',
      from: { path: '^policies/' },
      to: { path: 'node_modules/', pathNot: `node_modules/(${purePackages})/` },
    },
    {
      name: 'pipelines-know-no-gate',
      comment: 'Pipelines do not know who runs them.',
      severity: 'error',
      from: { path: '^pipelines/' },
      to: { path: '^(webhooks|functions|cli)/' },
    },
    {
      name: 'command-is-the-outermost',
      comment: 'The command wires the others; nothing imports it.',
      severity: 'error',
      from: { path: '^(webhooks|functions)/' },
      to: { path: '^cli/' },
    },
    {
      name: 'one-door-to-the-cluster',
      comment: 'Only pipelines/source/cluster*.ts imports the Kubernetes client.',
      severity: 'error',
      from: { path: product, pathNot: '^pipelines/source/cluster[^/]*\\.ts$' },
      to: { path: 'node_modules/@kubernetes/client-node/' },
    },
    {
      name: 'one-door-to-github',
      comment: 'Only pipelines/source/github.ts imports octokit.',
      severity: 'error',
      from: { path: product, pathNot: '^pipelines/source/github\\.ts$' },
      to: { path: '(^|node_modules/)@?octokit(/|$)' },
    },
    {
      name: 'one-door-to-lambda',
      comment: 'Only functions/invoke.ts imports the Lambda client.',
      severity: 'error',
      from: { path: product, pathNot: '^functions/invoke\\.ts$' },
      to: { path: '(^|node_modules/)@aws-sdk/client-lambda(/|$)' },
    },
    {
      name: 'one-door-to-aws-identity',
      comment:
        'Only pipelines/source/cluster-eks*.ts and functions/secrets.ts sign requests of AWS; only the former take on its roles.',
      severity: 'error',
      from: {
        path: product,
        pathNot: '^(pipelines/source/cluster-eks[^/]*|functions/secrets)\\.ts$',
      },
      to: {
        path: '(^|node_modules/)(@smithy|@aws-sdk/(client-sts|credential-provider-node))(/|$)',
      },
    },
    {
      name: 'one-door-to-sns',
      comment: 'Only pipelines/source/notify-sns.ts imports the SNS client.',
      severity: 'error',
      from: { path: product, pathNot: '^pipelines/source/notify-sns\\.ts$' },
      to: { path: '(^|node_modules/)@aws-sdk/client-sns(/|$)' },
    },
    {
      name: 'product-stands-alone',
      comment: 'What ships imports no test, tool, bench or example.',
      severity: 'error',
      from: { path: product },
      to: { path: '^(test|tools|bench|examples|deploy)/' },
    },
    {
      name: 'product-declares-its-packages',
      comment: 'What ships uses packages that package.json lists under dependencies.',
      severity: 'error',
      from: { path: product },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional'],
        // A type that a package declares for another one ships nothing.
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^(dist|coverage|schemas|tools/bin)/', '^test/fixtures/'] },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
