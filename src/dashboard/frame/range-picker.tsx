import { bounds, choosePreset, leaveWindow, presets, range, shiftRange } from '../data/range.ts';
import { serverNow } from '../data/time.ts';
import { window as windowText } from '../show/format.ts';
import { Icon } from '../show/icons.tsx';

/** One picker for all charts. A window cut by dragging stands beside it with the way back. */
export function RangePicker() {
  const now = range.value;
  const fixed = now.kind === 'fixed';
  const { from, to } = bounds(now);
  return (
    <fieldset class="ranges" aria-label="Time range">
      <button type="button" class="bare step" aria-label="Earlier" title="Earlier  [" onClick={() => shiftRange(-0.5)}>
        <Icon name="back" size={14} />
      </button>
      {fixed && (
        <button
          type="button"
          class="window"
          aria-pressed="true"
          title="Back to the moving window  0"
          onClick={leaveWindow}
        >
          {windowText(from, to, serverNow())}
          <Icon name="close" size={11} />
        </button>
      )}
      {presets.map(({ id, label, words }, index) => (
        <button
          key={id}
          type="button"
          class="preset"
          aria-pressed={!fixed && now.id === id}
          aria-label={`${label}: show ${words}`}
          title={`Show ${words}  ${index + 1}`}
          onClick={() => choosePreset(id)}
        >
          {label}
        </button>
      ))}
      <select
        class="narrow"
        aria-label="Time range"
        value={fixed ? 'window' : now.id}
        onChange={(event) => event.currentTarget.value !== 'window' && choosePreset(event.currentTarget.value)}
      >
        {fixed && <option value="window">{windowText(from, to, serverNow())}</option>}
        {presets.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="bare step"
        aria-label="Later"
        title="Later  ]"
        disabled={!fixed}
        onClick={() => shiftRange(0.5)}
      >
        <Icon name="chevron" size={14} />
      </button>
    </fieldset>
  );
}
