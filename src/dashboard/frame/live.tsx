import { useSignal } from '@preact/signals';
import { refreshAll } from '../data/query.ts';
import { lastAnswerAt } from '../data/request.ts';
import { connect, streamSince, streamState } from '../data/stream.ts';
import { eachSecond } from '../data/time.ts';
import { hour, span } from '../show/format.ts';
import { Icon } from '../show/icons.tsx';

/** Data older than this is shown as what it is: old. One and a half polls. */
const staleAfter = 45_000;

/** True when what is on screen may no longer be so. */
export function isStale(): boolean {
  eachSecond();
  return streamState.value === 'broken' && lastAnswerAt.value > 0 && Date.now() - lastAnswerAt.value > staleAfter;
}

/** Says whether the page is alive, and since when it is not. */
export function Live() {
  const busy = useSignal(false);
  const state = streamState.value;
  eachSecond();
  const refresh = async () => {
    busy.value = true;
    if (state === 'broken') connect();
    await refreshAll();
    busy.value = false;
  };
  const words = {
    live: 'Live',
    connecting: 'Connecting',
    broken: isStale() ? `No contact since ${hour(lastAnswerAt.value)}` : 'Every 30 s',
  }[state];
  const title = {
    live: 'Changes arrive as they happen.',
    connecting: 'Opening the live stream.',
    broken: `The live stream broke ${span(Date.now() - streamSince.value)} ago. Trying again; until then the page asks every 30 s.`,
  }[state];
  return (
    <div class={`live ${isStale() ? 'stale' : state}`}>
      <span class="state" title={title} role="status">
        <i class="beat" aria-hidden="true" />
        {words}
        {state === 'broken' && <span class="hidden">. {title}</span>}
      </span>
      <button
        type="button"
        class="bare"
        aria-label="Refresh"
        title="Refresh  r"
        aria-busy={busy.value}
        onClick={() => void refresh()}
      >
        <Icon name="refresh" />
      </button>
    </div>
  );
}

/** The line across the page when the stream is broken: impossible to overlook, and it says what to expect. */
export function StaleBanner() {
  if (streamState.value !== 'broken' || Date.now() - streamSince.value < 3000) {
    eachSecond();
    return null;
  }
  const old = isStale();
  return (
    <p class={`banner ${old ? 'error' : 'warning'}`}>
      {old ? (
        <>
          <b>The monitor does not answer.</b> This is what it said at {hour(lastAnswerAt.value)},{' '}
          {span(Date.now() - lastAnswerAt.value)} ago.
        </>
      ) : (
        <>
          <b>The live stream is broken.</b> The page asks every 30 s until it is back.
        </>
      )}{' '}
      <button type="button" class="link" onClick={connect}>
        Try now
      </button>
    </p>
  );
}
