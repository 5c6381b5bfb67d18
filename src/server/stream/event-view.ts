import type { StreamEvent } from '../../model/api.ts';
import type { MonitorEvent } from '../../model/event.ts';
import type { ServerOptions } from '../options.ts';
import { alertView, silenceView, transitionView } from '../views/alert-view.ts';
import { checkView } from '../views/check-view.ts';
import { errorGroupView, journalView, progressView } from '../views/record-views.ts';
import type { Uptimes } from '../views/uptimes.ts';

/** What an event is about: of two with the same key only the newer is told. Undefined: not for the stream. */
export function streamKey(event: MonitorEvent): string | undefined {
  switch (event.type) {
    case 'check':
      return `check ${event.result.check.id}`;
    case 'alert':
      return `alert ${event.episode.id}`;
    case 'silence':
      return `silence ${event.silence.id}`;
    case 'progress':
      return `progress ${event.run.id}`;
    case 'error':
      return `error ${event.group.id}`;
    case 'journal':
      return `journal ${event.entry.id}`;
    default:
      return undefined;
  }
}

/** The event as the stream tells it; a check is shown as it stands by now. */
export async function streamEvent(
  event: MonitorEvent,
  options: ServerOptions,
  uptimes: Uptimes,
): Promise<StreamEvent | undefined> {
  const now = options.clock.now();
  switch (event.type) {
    case 'check': {
      const state = options.checks.one(event.result.check.id);
      if (state === undefined) return undefined;
      return { type: 'check', check: checkView(state, options.checks.all(), await uptimes.of(state.check)) };
    }
    case 'alert':
      return { type: 'alert', alert: alertView(event.episode), transition: transitionView(event.transition) };
    case 'silence':
      return { type: 'silence', silence: silenceView(event.silence, now), ended: event.ended };
    case 'progress':
      return { type: 'progress', progress: progressView(event.run, now) };
    case 'error':
      return { type: 'error', group: errorGroupView(event.group) };
    case 'journal':
      return { type: 'journal', entry: journalView(event.entry) };
    default:
      return undefined;
  }
}
