/** Kills the process of `alerts-child.ts` at random moments, again and again over the same data, and finds what was lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Episode, Silence } from '../../src/model/alert.ts';
import { type Received, startHttpReceiver } from '../../src/testing/http-receiver.ts';
import { runAndKill } from './run-and-kill.ts';

interface Sent {
  readonly id: string;
  readonly episodeId: string;
  readonly event: string;
  readonly state: string;
  readonly lastError?: string;
  readonly status: 'firing' | 'resolved';
}

/** What was promised before a kill, and what was missing at the end. Every list should be empty. */
export interface Findings {
  readonly kills: number;
  readonly alerts: number;
  readonly acknowledgements: number;
  readonly silences: number;
  readonly messages: number;
  readonly told: { readonly alone: number; readonly together: number; readonly heldInQuietHours: number };
  readonly lostAlerts: string[];
  readonly lostAcknowledgements: string[];
  readonly lostSilences: string[];
  readonly notHeld: string[];
  readonly neverTold: string[];
  readonly endNeverTold: string[];
  readonly sameKeyOtherBody: string[];
  readonly toldTwiceWithTwoKeys: string[];
}

/** Kills so many times, then lets a last process tell everything, and compares promises with what the store and the receiver have. */
export async function killRounds(kills: number, onRound?: (round: number) => void): Promise<Findings> {
  const dir = await mkdtemp(join(tmpdir(), 'monitoring-kill-'));
  await using receiver = await startHttpReceiver();
  const promised = {
    raised: new Map<string, string>(),
    resolved: new Set<string>(),
    acknowledged: new Set<string>(),
    silenced: new Map<string, number>(),
  };
  try {
    for (let round = 0; round < kills; round++) {
      for (const line of await runAndKill('alerts-child', [dir, receiver.url, String(round)], Math.random() * 400)) {
        const [word, id = '', more = ''] = line.split(' ');
        if (word === 'RAISED') promised.raised.set(id, more);
        if (word === 'RESOLVED') promised.resolved.add(id);
        if (word === 'ACKNOWLEDGED') promised.acknowledged.add(id);
        if (word === 'SILENCED') promised.silenced.set(id, Number(more));
      }
      onRound?.(round + 1);
    }
    const last = await runAndKill('alerts-child', [dir, receiver.url, 'last']);
    const part = <T>(word: string): T[] =>
      JSON.parse((last.find((line) => line.startsWith(`${word} `)) ?? `${word} []`).slice(word.length + 1)) as T[];
    return compare(kills, promised, receiver.requests, {
      episodes: new Map(part<Episode>('EPISODES').map((one) => [one.id, one])),
      outbox: part<Sent>('OUTBOX'),
      silences: new Map(part<Silence>('SILENCES').map((one) => [one.id, one])),
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function compare(
  kills: number,
  promised: {
    raised: Map<string, string>;
    resolved: Set<string>;
    acknowledged: Set<string>;
    silenced: Map<string, number>;
  },
  requests: readonly Received[],
  kept: { episodes: Map<string, Episode>; outbox: readonly Sent[]; silences: Map<string, Silence> },
): Findings {
  const { episodes, outbox, silences } = kept;
  const arrived = new Set(outbox.filter(({ state }) => state === 'delivered').map(({ id }) => id));
  /** Delivered itself, or in a summary of delivery that was. */
  const reached = ({ id, state, lastError }: Sent) => {
    const summary = /^told in summary (\w+)$/.exec(lastError ?? '')?.[1];
    return arrived.has(id) || (state === 'superseded' && (summary === undefined || arrived.has(summary)));
  };
  const heard = new Set(outbox.filter(reached).map(({ episodeId, status }) => `${episodeId} ${status}`));
  const told = (episode: Episode, status: 'firing' | 'resolved') => {
    const bundle = Object.values(episode.toldIn ?? {})[0];
    if (heard.has(`${episode.id} ${status}`) || heard.has(`${episode.id} resolved`)) return true;
    // The end of one alert of a bundle stands in a summary that speaks of those that still fire.
    return bundle !== undefined && (heard.has(`${bundle} firing`) || heard.has(`${bundle} resolved`));
  };
  const loud = [...promised.raised].filter(([, source]) => source !== 'quiet').map(([id]) => id);
  const quiet = [...promised.raised].filter(([, source]) => source === 'quiet').map(([id]) => id);
  const isFiring = (id: string) => episodes.get(id)?.state === 'firing';
  return {
    kills,
    alerts: promised.raised.size,
    acknowledgements: promised.acknowledged.size,
    silences: promised.silenced.size,
    messages: arrived.size,
    told: {
      alone: loud.filter((id) => episodes.get(id)?.told && !episodes.get(id)?.toldIn).length,
      together: loud.filter((id) => episodes.get(id)?.toldIn).length,
      heldInQuietHours: quiet.filter(isFiring).length,
    },
    lostAlerts: [...promised.raised.keys()].filter((id) => !episodes.has(id)),
    lostAcknowledgements: [...promised.acknowledged].filter((id) => !episodes.get(id)?.acknowledged),
    lostSilences: [...promised.silenced]
      .filter(([id, endsAt]) => (silences.get(id)?.endsAt ?? 0) < endsAt)
      .map(([id]) => id),
    notHeld: quiet.filter((id) => isFiring(id) && !episodes.get(id)?.holds?.some(({ kind }) => kind === 'quiet-hours')),
    neverTold: loud.filter((id) => {
      const episode = episodes.get(id);
      // One that was over before its summary was told to nobody, and then nobody hears of its end.
      return episode?.state === 'firing' ? !told(episode, 'firing') : episode?.notified && !told(episode, 'resolved');
    }),
    endNeverTold: [...promised.resolved].filter((id) => {
      const episode = episodes.get(id);
      return episode !== undefined && episode.state === 'resolved' && episode.notified && !told(episode, 'resolved');
    }),
    ...repetitions(requests),
  };
}

/** What the receiver got more than once: the same key must mean the same message, and no news has two keys. */
function repetitions(requests: readonly Received[]): Pick<Findings, 'sameKeyOtherBody' | 'toldTwiceWithTwoKeys'> {
  const bodyOfKey = new Map<string, string>();
  const sameKeyOtherBody: string[] = [];
  for (const request of requests) {
    const key = String(request.headers['webhook-id']);
    if ((bodyOfKey.get(key) ?? request.body) !== request.body) sameKeyOtherBody.push(key);
    bodyOfKey.set(key, request.body);
  }
  const news = [...bodyOfKey.values()]
    .map((body) => JSON.parse(body) as { alert_id: string; event: string; alert_type: string })
    // An alert that comes and goes begins again for the receiver after its end was told, with an id of its own each time.
    .filter(({ event }) => event === 'firing' || event === 'resolved')
    .map(({ alert_id, event }) => `${alert_id} ${event}`);
  const toldTwiceWithTwoKeys = news.filter((one, index) => news.indexOf(one) !== index);
  return { sameKeyOtherBody, toldTwiceWithTwoKeys };
}
