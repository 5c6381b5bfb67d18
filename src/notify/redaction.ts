import type { DeliveryResult } from '../model/notification.ts';
import { redactText } from '../model/redact.ts';
import type { ChannelCore } from './channel-kind.ts';

/** Keys of channels whose values must never be seen, whatever a receiver answers. */
const secretKeys: ReadonlySet<string> = new Set([
  'webhook_url',
  'headers',
  'secret',
  'previous_secret',
  'password',
  'auth_token',
  'integration_key',
  'bot_token',
  'token',
  'topic',
]);
/** Shorter texts stand everywhere by chance. */
const shortest = 6;

/** The secrets among a channel's settings, longest first; of an address also the path and the query. */
export function secretsOf(settings: object): string[] {
  const texts = Object.entries(settings).flatMap(([key, value]): unknown[] => {
    if (!secretKeys.has(key)) return [];
    if (typeof value === 'object' && value !== null) return Object.values(value);
    if (typeof value !== 'string' || !URL.canParse(value)) return [value];
    const { pathname, search, password } = new URL(value);
    return [value, `${pathname}${search}`, pathname, search.slice(1), password];
  });
  return texts
    .filter((text): text is string => typeof text === 'string' && text.length >= shortest)
    .sort((a, b) => b.length - a.length);
}

/** The channel with its results cleaned: receivers quote what they dislike, and that may be the password. */
export function discreet(core: ChannelCore, secrets: readonly string[]): Partial<ChannelCore> {
  const clean = (result: DeliveryResult): DeliveryResult => ({ ...result, summary: without(result.summary, secrets) });
  const { together } = core;
  return {
    deliver: async (entry, signal) => clean(await core.deliver(entry, signal)),
    ...(together
      ? {
          together: { ...together, deliver: async (entries, signal) => clean(await together.deliver(entries, signal)) },
        }
      : {}),
  };
}

function without(text: string, secrets: readonly string[]): string {
  const whole = secrets.reduce((out, secret) => withoutBegin(out.replaceAll(secret, '***'), secret), text);
  return redactText(whole);
}

/** A quoted answer is cut somewhere, perhaps in the middle of a secret. */
function withoutBegin(text: string, secret: string): string {
  const end = /["\s)…]*$/.exec(text)?.[0] ?? '';
  const said = text.slice(0, text.length - end.length);
  for (let length = secret.length - 1; length >= shortest; length--) {
    const begin = secret.slice(0, length);
    if (said.endsWith(begin)) return `${said.slice(0, -begin.length)}***${end}`;
  }
  return text;
}
