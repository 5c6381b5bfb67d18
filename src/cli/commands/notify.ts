import type { AttemptView, ChannelView } from '../../model/api.ts';
import { formatDuration } from '../../model/duration.ts';
import { isMonitorError, MonitorError } from '../../model/problem.ts';
import type { Client } from '../client.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { wholeNumber } from '../flag-values.ts';
import { ago, milliseconds, time } from '../text/format.ts';
import { plain } from '../text/width.ts';

/** A channel may take this much longer than an ordinary request: mail servers are slow. */
const patienceMs = 60_000;

/** `cryomon notify`: the channels, how they do, and whether a message arrives. */
export const notifyCommand: CliCommand = {
  register(program, context) {
    const notify = program.command('notify').description('look at the notification channels and try them');
    notify
      .command('list', { isDefault: true })
      .description('list the channels and how delivery goes')
      .action(() => listChannels(context));
    notify
      .command('test')
      .description('send a test message through a channel now; exit with 1 when it does not arrive')
      .argument('<channel>', 'name of the channel, e.g. slack or webhooks[0]')
      .action((channel: string) => testChannel(context, channel));
    notify
      .command('log')
      .description('show the last attempts to deliver through a channel')
      .argument('<channel>', 'name of the channel, e.g. slack or webhooks[0]')
      .option('-l, --limit <number>', 'show at most so many', wholeNumber, 20)
      .action((channel: string, { limit }: { limit: number }) => showAttempts(context, channel, limit));
  },
};

async function listChannels(context: CliContext): Promise<void> {
  const client = await context.connect();
  const answer = await client.call<{ channels: ChannelView[] }>('channels');
  if (context.options().json) return context.json(answer);
  const { io, paint, print } = context;
  if (answer.channels.length === 0) print('Nobody would be told: no channel is enabled.');
  for (const channel of answer.channels) {
    const { breaker, opens_at: opensAt, fallback } = channel;
    const waits =
      breaker === 'open' && opensAt !== null ? `, left alone for ${formatDuration(opensAt - io.now())}` : '';
    print(
      `${paint.title(plain(channel.name))} ${paint.state(channel.health)} (${plain(channel.kind)} to ${plain(channel.target)})`,
      `  from ${channel.min_severity}; ${channel.delivered} delivered, ${channel.queued} queued, ${channel.dead} given up; last ${ago(channel.last_delivered_at, io.now())}${waits}`,
      ...(fallback === null ? [] : [`  told instead when it fails: ${plain(fallback)}`]),
      ...(channel.last_error === null ? [] : [`  ${paint.bad(plain(channel.last_error))}`]),
    );
  }
}

async function testChannel(context: CliContext, channel: string): Promise<void> {
  const client = await context.connect();
  const result = await known(client, channel, () =>
    client.call<{ outcome: string; reason: string | null; summary: string }>('testChannel', {
      path: { name: channel },
      body: {},
      timeoutMs: context.options().timeout * 1000 + patienceMs,
    }),
  );
  const arrived = result.outcome === 'delivered';
  if (context.options().json) context.json({ channel, ...result });
  else {
    const { paint, print } = context;
    const word = arrived ? paint.good('arrived') : paint.bad('did not arrive');
    print(`The test message through ${plain(channel)} ${word}: ${plain(result.summary)}`);
  }
  if (!arrived) context.exitWith(1);
}

async function showAttempts(context: CliContext, channel: string, limit: number): Promise<void> {
  const client = await context.connect();
  const answer = await known(client, channel, () =>
    client.call<{ attempts: AttemptView[] }>('channelAttempts', { path: { name: channel }, query: { limit } }),
  );
  if (context.options().json) return context.json(answer);
  const { paint, print } = context;
  if (answer.attempts.length === 0) print(`Nothing was sent through ${plain(channel)} yet.`);
  for (const attempt of answer.attempts) {
    const word = attempt.outcome === 'delivered' ? paint.good('delivered') : paint.bad(attempt.outcome);
    print(`${time(attempt.at)}  ${word} in ${milliseconds(attempt.duration_ms)}  ${plain(attempt.summary)}`);
  }
}

/** Names the channels there are when somebody asks for another. */
async function known<T>(client: Client, channel: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isMonitorError(error) || error.code !== 'request-refused') throw error;
    const { channels } = await client.call<{ channels: ChannelView[] }>('channels');
    if (channels.some(({ name }) => name === channel)) throw error;
    throw new MonitorError('bad-argument', `There is no channel ${channel}.`, {
      hint: `Channels: ${channels.map(({ name }) => name).join(', ') || 'none'}`,
    });
  }
}
