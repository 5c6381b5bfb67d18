import type { ErrorDetailView, ErrorGroupView } from '../../model/api.ts';
import type { Client } from '../client.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { wholeNumber } from '../flag-values.ts';
import { ago, count, time } from '../text/format.ts';
import { plain, plainLines } from '../text/width.ts';

interface Flags {
  readonly type?: string;
  readonly limit: number;
  readonly verbose?: boolean;
}

/** `cryomon errors`: what went wrong in the applications, grouped, newest first. */
export const errorsCommand: CliCommand = {
  register(program, context) {
    program
      .command('errors')
      .description('list errors of the applications, newest first')
      .option('-t, --type <type>', 'only of this type, e.g. db_import_error')
      .option('-l, --limit <number>', 'show at most so many; 0 for the default of 10', wholeNumber, 10)
      .option('-v, --verbose', 'also the newest stack trace of each')
      .action((flags: Flags) => listErrors(context, flags));
  },
};

async function listErrors(context: CliContext, flags: Flags): Promise<void> {
  const client = await context.connect();
  const limit = flags.limit === 0 ? 10 : flags.limit;
  const { errors } = await client.call<{ errors: ErrorGroupView[] }>('errors', {
    query: { type: flags.type, limit: limit + 1 },
  });
  const shown = errors.slice(0, limit);
  // The newest example of each: its message, its ids and, when asked for, its stack.
  const details = await Promise.all(shown.map((group) => detailOf(client, group)));
  const { paint, print, io } = context;
  if (context.options().json) return context.json({ errors: details });
  if (shown.length === 0) return print('No errors were recorded.');
  for (const [index, group] of details.entries()) {
    const newest = group.occurrences[0];
    print(
      ...(index === 0 ? [] : ['']),
      `[${time(group.last_seen_at)}] ${paint.title(plain(group.type))}  ${paint.state(group.state)}  ${paint.faint(`${count(group.count, 'time')}, last ${ago(group.last_seen_at, io.now())}`)}`,
      `  Message: ${plain(newest?.message ?? group.title)}`,
    );
    if (group.culprit !== '') print(`  Where:   ${plain(group.culprit)}`);
    if (newest?.correlation_id) print(`  Correlation ID: ${plain(newest.correlation_id)}`);
    if (flags.verbose && newest && newest.stack !== '')
      print(...plainLines(newest.stack).map((line) => paint.faint(`    ${line}`)));
  }
  if (errors.length > limit) print('', paint.faint(`Showing ${limit}; there are more: --limit ${limit * 2}`));
}

async function detailOf(client: Client, group: ErrorGroupView): Promise<ErrorDetailView> {
  const detail = await client.call<ErrorDetailView>('error', { path: { id: group.id } });
  return { ...detail, occurrences: detail.occurrences.toSorted((a, b) => b.at - a.at) };
}
