import type { AddCommand } from './add-command.ts';
import { addAuditCommand } from './audit/command.ts';
import { addCheckCommand } from './check/command.ts';
import { addCompletionCommand } from './completion/command.ts';
import { addDoctorCommand } from './doctor/command.ts';
import { addDriftCommand } from './drift/command.ts';
import { addExplainCommand } from './explain/command.ts';
import { addInitCommand } from './init/command.ts';
import { addInstallCommand } from './install/command.ts';
import { addPoliciesCommand } from './policies/command.ts';
import { addReviewCommand } from './review.ts';
import { addServeCommand } from './serve/command.ts';
import { addWebhookConfigurationCommand } from './webhook-configuration/command.ts';

/** What `meshgate` can be asked for, in the order of its help. */
export const commands: readonly AddCommand[] = [
  addCheckCommand,
  addReviewCommand,
  addDriftCommand,
  addServeCommand,
  addWebhookConfigurationCommand,
  addAuditCommand,
  addInstallCommand,
  addDoctorCommand,
  addPoliciesCommand,
  addExplainCommand,
  addInitCommand,
  addCompletionCommand,
];
