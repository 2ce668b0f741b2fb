import { build, type Metafile, type OutputFile } from 'esbuild';
import { requireBanner } from './banner.ts';

/** The webhook's function must answer at once also when it is cold: more than this takes too long to load. */
const largestWebhookBytes = 450_000;
/** What has no place there: the reviewer's function talks to GitHub. */
const heavy = /node_modules\/(?:@octokit|@kubernetes|zod|yaml|tar)\//u;

/** Bundles each AWS Lambda function into one file. Throws where the webhook's became too heavy. */
export async function buildFunctions(
  root: string,
): Promise<{ readonly outputFiles: readonly OutputFile[]; readonly metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      'github-webhook': 'functions/github-webhook.ts',
      'review-pull-request': 'functions/review-pull-request.ts',
      'sweep-deliveries': 'functions/sweep-deliveries.ts',
      'check-drift': 'functions/check-drift.ts',
      'plan-drift': 'functions/plan-drift.ts',
    },
    outdir: 'dist/functions',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node22',
    banner: { js: requireBanner },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  const webhook = metafile.outputs['dist/functions/github-webhook.mjs'];
  const misplaced = Object.keys(webhook?.inputs ?? {}).filter((input) => heavy.test(input));
  if (webhook === undefined || webhook.bytes > largestWebhookBytes || misplaced.length > 0) {
    const reason = misplaced[0] ?? `${String(webhook?.bytes)} bytes`;
    throw new Error(`functions/github-webhook.ts has become too heavy: ${reason}`);
  }
  return { outputFiles, metafile };
}
