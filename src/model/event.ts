import type { Episode, Silence, Transition } from './alert.ts';
import type { CheckResult } from './check.ts';
import type { ErrorGroup } from './error.ts';
import type { JournalEntry } from './journal.ts';
import type { DeliveryAttempt } from './notification.ts';
import type { ProgressRun } from './progress.ts';

/** What happens inside the monitor, as the live stream and other rooms hear of it. */
export type MonitorEvent =
  | { readonly type: 'check'; readonly result: CheckResult }
  | { readonly type: 'alert'; readonly episode: Episode; readonly transition: Transition }
  | { readonly type: 'silence'; readonly silence: Silence; readonly ended: boolean }
  | { readonly type: 'delivery'; readonly attempt: DeliveryAttempt }
  | {
      readonly type: 'error';
      readonly group: ErrorGroup;
      /** `seen`: it happened once more; `state`: somebody resolved, ignored or opened it. */
      readonly what: 'new' | 'regressed' | 'seen' | 'state';
      /** How many events it is about; 0 for a state. */
      readonly events: number;
    }
  | { readonly type: 'progress'; readonly run: ProgressRun }
  | { readonly type: 'journal'; readonly entry: JournalEntry }
  | { readonly type: 'tick'; readonly at: number };

export type Emit = (event: MonitorEvent) => void;

/** A place to listen. Listeners never throw into the emitter. */
export interface Events {
  emit: Emit;
  /** Returns the function that ends listening. */
  listen(listener: Emit): () => void;
}

/** Makes an event hub whose listeners cannot hurt each other; `onError` hears of a listener that throws. */
export function createEvents(onError: (error: unknown) => void): Events {
  const listeners = new Set<Emit>();
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
