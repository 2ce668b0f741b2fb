import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { listIn, objectIn, stringIn, valueIn } from '../../policies/core/json.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = join(root, 'deploy/aws/template.yaml');
const text = readFileSync(path, 'utf8');
/** Without the meaning of `!Ref` and the like. */
const template = parse(text, { logLevel: 'silent' }) as unknown;
const resources = Object.entries(objectIn(template, 'Resources'));

/** The least that must be given, and everything. */
const least = {
  AppId: '1',
  AppPrivateKeyArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key',
  WebhookKeyArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hook',
  InstallationId: '1',
  Repository: 'acme/shop',
};
const all = {
  ...least,
  ClusterName: 'prod',
  ClusterRoles: 'arn:aws:iam::123456789012:role/reader',
  ClusterSubnetIds: 'subnet-0123456789abcdef0',
  ClusterSecurityGroupIds: 'sg-0123456789abcdef0',
  DriftTopicArn: 'arn:aws:sns:eu-west-1:123456789012:drift',
  AlarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
};
/** It says that code which is a folder needs `aws cloudformation package`, which is how it is deployed. */
const needsPackage = 'W3002';
/** It takes the empty default of a parameter for a value also where a condition rules it out. */
const optional = /^Properties\.(?:VpcConfig|AlarmActions)/u;

test('CloudFormation takes it, whichever parameters are given', () => {
  const engine = new RegoEngine();
  const problems = [least, all].map((parameterOverrides) =>
    engine
      .validateStandard(new TemplateFile(path), {
        severityLevel: 'WARN',
        strict: true,
        parameterOverrides,
      })
      .diagnostics.filter(({ ruleId }) => ruleId !== needsPackage)
      .filter(
        ({ propertyPath }) => parameterOverrides === all || !optional.test(propertyPath ?? ''),
      )
      .map(({ ruleId, message, entity }) => `${entity?.logicalId ?? ''} ${ruleId}: ${message}`),
  );
  engine.free();
  expect(problems).toEqual([[], []]);
});

test('CloudFormation knows no anchors and merges of YAML, so there are none', () => {
  expect(text).not.toMatch(/(?:^|[\s[{])[&*][A-Za-z]|<<:/mu);
});

test('each function is one that is built, and gets the variables that it reads', () => {
  const functions = resources.filter(
    ([, one]) => stringIn(one, 'Type') === 'AWS::Lambda::Function',
  );
  expect(functions.map(([name]) => name).toSorted()).toEqual([
    'CheckDrift',
    'PlanDrift',
    'Review',
    'Sweep',
    'Webhook',
  ]);
  const environment = readFileSync(join(root, 'functions/environment.ts'), 'utf8');
  const built = readFileSync(join(root, 'tools/build/functions.ts'), 'utf8');
  for (const [, one] of functions) {
    const handler = stringIn(one, 'Properties', 'Handler') ?? '';
    const file = `${handler.replace(/\.handler$/u, '')}.ts`;
    expect(existsSync(join(root, file))).toBe(true);
    expect(built).toContain(`'${file}'`);
    for (const name of Object.keys(objectIn(one, 'Properties', 'Environment', 'Variables'))) {
      expect(environment).toContain(`'${name.replace(/_ARN$/u, '')}'`);
    }
  }
});

test('no role may do more than named actions on named things', () => {
  const roles = resources.filter(([, one]) => stringIn(one, 'Type') === 'AWS::IAM::Role');
  const statements = roles.flatMap(([, one]) =>
    listIn(one, 'Properties', 'Policies').flatMap((policy) =>
      listIn(policy, 'PolicyDocument', 'Statement'),
    ),
  );
  expect(statements.length).toBeGreaterThan(12);
  for (const statement of statements) {
    const conditional = Array.isArray(statement) ? (statement as unknown[])[1] : statement;
    expect(JSON.stringify(valueIn(conditional, 'Action'))).not.toContain('*');
    expect(valueIn(conditional, 'Resource')).not.toBe('*');
  }
});

test('the address of the webhook has both permissions that it needs', () => {
  const permissions = resources.filter(
    ([, one]) => stringIn(one, 'Type') === 'AWS::Lambda::Permission',
  );
  expect(permissions.map(([, one]) => objectIn(one, 'Properties'))).toEqual([
    expect.objectContaining({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
    expect.objectContaining({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
  ]);
});
