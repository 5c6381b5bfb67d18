import { useSignal } from '@preact/signals';
import type { AlertView, ErrorGroupView, SilenceView } from '../../model/api.ts';
import { invalidate } from '../data/query.ts';
import { mayAct, request } from '../data/request.ts';
import { attempt, say } from '../frame/notices.tsx';
import { Dialog } from '../show/dialog.tsx';
import { words } from '../show/format.ts';
import { Icon } from '../show/icons.tsx';

/** What an operator can do where he looks. A viewer sees none of it. */

const lengths = [
  { text: '15 min', seconds: 900 },
  { text: '1 hour', seconds: 3600 },
  { text: '4 hours', seconds: 14_400 },
  { text: '1 day', seconds: 86_400 },
  { text: '1 week', seconds: 604_800 },
] as const;

function reloadAlerts(): void {
  for (const name of ['alerts', 'silences', 'alert ', 'overview', 'journal']) invalidate(name);
}

async function startSilence(body: object, what: string, length: string): Promise<void> {
  const silence = await request<SilenceView>('/silences', { method: 'POST', body });
  reloadAlerts();
  say(`${what} is silent for ${length}.`, {
    undo: async () => {
      await request(`/silences/${encodeURIComponent(silence.id)}`, { method: 'DELETE' });
      reloadAlerts();
    },
  });
}

/** Ends a silence; undo makes it again for the time that was left. */
export async function endSilence(silence: SilenceView): Promise<void> {
  await attempt(async () => {
    await request(`/silences/${encodeURIComponent(silence.id)}`, { method: 'DELETE' });
    reloadAlerts();
    const left = Math.max(60, Math.round(silence.remaining_seconds));
    const what = silence.alert_type ? { alert_type: silence.alert_type } : { matchers: silence.matchers };
    say('The silence is over.', {
      undo: async () => {
        await request('/silences', {
          method: 'POST',
          body: { ...what, duration_seconds: left, comment: silence.comment },
        });
        reloadAlerts();
      },
    });
  });
}

/** A button that asks for how long and why. */
export function SilenceButton({ alertType, small }: { alertType?: string; small?: boolean }) {
  const open = useSignal(false);
  const seconds = useSignal<number>(3600);
  const busy = useSignal(false);
  if (!mayAct()) return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const type = alertType ?? String(form.get('alert_type') ?? '').trim();
    const length = lengths.find((item) => item.seconds === seconds.value)?.text ?? `${seconds.value} s`;
    busy.value = true;
    const done = await attempt(() =>
      startSilence(
        { alert_type: type, duration_seconds: seconds.value, comment: String(form.get('comment') ?? '') },
        words(type),
        length,
      ),
    );
    busy.value = false;
    if (done) open.value = false;
  };
  return (
    <>
      <button type="button" class={small ? 'small' : ''} onClick={() => (open.value = true)}>
        <Icon name="silence" size={13} /> Silence
      </button>
      {open.value && (
        <Dialog title={alertType ? `Silence ${words(alertType)}` : 'New silence'} onClose={() => (open.value = false)}>
          <form class="form" onSubmit={(event) => void submit(event)}>
            <p>Nobody is told of these alerts until the time is over. They are still recorded.</p>
            {!alertType && (
              <label>
                Alert type
                <input name="alert_type" required placeholder="high_cpu_usage" pattern="[\w.\-]+" />
              </label>
            )}
            <fieldset class="lengths">
              <legend>For</legend>
              {lengths.map((length) => (
                <label key={length.seconds}>
                  <input
                    type="radio"
                    name="length"
                    checked={seconds.value === length.seconds}
                    onChange={() => (seconds.value = length.seconds)}
                  />
                  <span>{length.text}</span>
                </label>
              ))}
            </fieldset>
            <label>
              Reason
              <input name="comment" placeholder="e.g. maintenance until 16:00" maxLength={500} />
            </label>
            <div class="buttons">
              <button type="button" onClick={() => (open.value = false)}>
                Cancel
              </button>
              <button type="submit" class="primary" disabled={busy.value} aria-busy={busy.value}>
                Silence
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

/** Says "I have seen it", with a note for the others. */
export function AcknowledgeButton({ alert, small }: { alert: AlertView; small?: boolean }) {
  const open = useSignal(false);
  const busy = useSignal(false);
  if (!mayAct() || alert.acknowledged || alert.state === 'resolved') return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get('note') ?? '');
    busy.value = true;
    const done = await attempt(() =>
      request(`/alerts/${encodeURIComponent(alert.id)}/acknowledge`, { method: 'POST', body: { note } }),
    );
    busy.value = false;
    if (!done) return;
    open.value = false;
    reloadAlerts();
    say('Acknowledged. Reminders stop; you are told when it is over.');
  };
  return (
    <>
      <button type="button" class={small ? 'small' : ''} onClick={() => (open.value = true)}>
        <Icon name="check" size={13} /> Acknowledge
      </button>
      {open.value && (
        <Dialog title="Acknowledge" onClose={() => (open.value = false)}>
          <form class="form" onSubmit={(event) => void submit(event)}>
            <p>{alert.message}</p>
            <label>
              Note for the others
              <input name="note" placeholder="e.g. on it, DNS of the pooler" maxLength={500} />
            </label>
            <div class="buttons">
              <button type="button" onClick={() => (open.value = false)}>
                Cancel
              </button>
              <button type="submit" class="primary" disabled={busy.value} aria-busy={busy.value}>
                Acknowledge
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

/** Runs a check now. The result comes with the answer. */
export function RunButton({ id, running }: { id: string; running: boolean }) {
  const busy = useSignal(false);
  if (!mayAct()) return null;
  const run = async () => {
    busy.value = true;
    await attempt(() => request(`/checks/${encodeURIComponent(id)}/run`, { method: 'POST' }));
    busy.value = false;
    invalidate('check');
    invalidate('overview');
  };
  return (
    <button type="button" disabled={busy.value || running} aria-busy={busy.value || running} onClick={() => void run()}>
      <Icon name="play" size={12} /> {busy.value || running ? 'Running…' : 'Run now'}
    </button>
  );
}

/** Resolve, ignore or open an error group again; each with the way back. */
export function ErrorStateButtons({ group }: { group: ErrorGroupView }) {
  const busy = useSignal(false);
  if (!mayAct()) return null;
  const path = `/errors/${encodeURIComponent(group.id)}/state`;
  const set = async (state: 'open' | 'resolved' | 'ignored', undo: boolean): Promise<void> => {
    busy.value = true;
    await attempt(async () => {
      await request(path, { method: 'POST', body: { state } });
      invalidate('error');
      invalidate('overview');
      const before = group.state === 'regressed' ? 'open' : group.state;
      if (undo)
        say(
          {
            open: 'Open again.',
            resolved: 'Resolved. It opens again by itself when it comes back.',
            ignored: 'Ignored from now on.',
          }[state],
          { undo: () => set(before, false) },
        );
    });
    busy.value = false;
  };
  const isOpen = group.state === 'open' || group.state === 'regressed';
  return (
    <>
      {isOpen ? (
        <>
          <button type="button" disabled={busy.value} onClick={() => void set('resolved', true)}>
            <Icon name="check" size={13} /> Resolve
          </button>
          <button type="button" disabled={busy.value} onClick={() => void set('ignored', true)}>
            Ignore
          </button>
        </>
      ) : (
        <button type="button" disabled={busy.value} onClick={() => void set('open', true)}>
          Open again
        </button>
      )}
    </>
  );
}
