import * as z from 'zod';

const repositoryName = /^[\w.-]{1,100}\/[\w.-]{1,100}$/u;
const gitReference = /^[\w./-]{1,200}$/u;
const roleArn = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/u;

const eksCluster = z
  .strictObject({
    clusterName: z.string().min(1).max(100).describe('Its name in EKS.'),
    region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/u, 'must be a region such as eu-west-1'),
    endpoint: z
      .url({ protocol: /^https$/u })
      .describe('URL of its API server; EKS is asked where it is absent.')
      .optional(),
    certificateAuthority: z
      .base64()
      .min(1)
      .describe('Its certificate authority in Base64, as EKS gives it; goes with the endpoint.')
      .optional(),
    role: z
      .string()
      .regex(roleArn, 'must be the ARN of a role')
      .describe('A role to take on first, for a cluster of another account.')
      .optional(),
  })
  .superRefine(({ endpoint, certificateAuthority }, context) => {
    if ((endpoint === undefined) !== (certificateAuthority === undefined)) {
      const missing = endpoint === undefined ? 'endpoint' : 'certificateAuthority';
      const message = 'must be there where the other of endpoint and certificateAuthority is';
      context.addIssue({ code: 'custom', path: [missing], message });
    }
  })
  .describe('A cluster of EKS, for functions.');

const place = {
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe('Files and folders that declare what the cluster holds; all by default.')
    .optional(),
  repository: z
    .string()
    .regex(repositoryName, 'must look like OWNER/REPO')
    .describe('The repository that has the paths; the one with this configuration by default.')
    .optional(),
  ref: z
    .string()
    .regex(gitReference, 'must be a branch, tag or commit')
    .describe('The branch, tag or commit that is deployed; the default branch by default.')
    .optional(),
  eks: eksCluster.optional(),
  context: z
    .string()
    .min(1)
    .describe('A context of the kubeconfig, for the command on a machine that has one.')
    .optional(),
};

const clusterName = z
  .string()
  .regex(/^[\w.-]{1,63}$/u, 'must consist of letters, digits, dots, hyphens and underscores')
  .describe('How reports name the cluster.');

/** `drift.targets`: the clusters of a fleet, and what is declared for each. */
export const driftTargets = z
  .array(z.strictObject({ name: clusterName, ...place }))
  .superRefine((targets, context) => {
    const names = targets.map(({ name }) => name);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) !== index) {
        const message = `must be unique: ${name} is there twice`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
    }
  })
  .describe('The clusters that are compared, and what is declared for each.');

/** A `Cluster` entry: one target in a file of its own. */
export const clusterEntry = z.strictObject({
  apiVersion: z.literal('meshgate.dev/v1alpha1'),
  kind: z.literal('Cluster'),
  metadata: z.object({ name: clusterName }),
  spec: z.strictObject(place),
});
