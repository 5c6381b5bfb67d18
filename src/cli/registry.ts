import type { CliCommand } from './command.ts';
import { alertsCommand } from './commands/alerts.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { dashboardCommand } from './commands/dashboard.ts';
import { errorsCommand } from './commands/errors.ts';
import { hashPasswordCommand } from './commands/hash-password.ts';
import { heartbeatsCommand } from './commands/heartbeats.ts';
import { metricsCommand } from './commands/metrics.ts';
import { notifyCommand } from './commands/notify.ts';
import { poolsCommand } from './commands/pools.ts';
import { progressCommand } from './commands/progress.ts';
import { reportCommand } from './commands/report.ts';
import { rulesCommand } from './commands/rules.ts';
import { silenceCommand } from './commands/silence.ts';
import { silencesCommand } from './commands/silences.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { storeCommand } from './commands/store.ts';
import { unsilenceCommand } from './commands/unsilence.ts';

/** Every command, in the order the help shows them. */
export const commands: readonly CliCommand[] = [
  startCommand,
  statusCommand,
  metricsCommand,
  progressCommand,
  alertsCommand,
  rulesCommand,
  errorsCommand,
  poolsCommand,
  heartbeatsCommand,
  silenceCommand,
  silencesCommand,
  unsilenceCommand,
  notifyCommand,
  checkCommand,
  reportCommand,
  storeCommand,
  dashboardCommand,
  configCommand,
  hashPasswordCommand,
  completionCommand,
];
