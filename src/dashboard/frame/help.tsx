import { Dialog } from '../show/dialog.tsx';
import { helpOpen, shortcuts, shortcutsOn, switchShortcuts } from './shortcuts.ts';

/** The list behind `?`. */
export function Help() {
  if (!helpOpen.value) return null;
  return (
    <Dialog title="Keyboard" onClose={() => (helpOpen.value = false)}>
      <dl class="keys">
        {shortcuts.map(({ keys, text }) => (
          <div key={keys.join()}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>drag</kbd>
          </dt>
          <dd>On a chart: show only this time; double-click goes back</dd>
        </div>
        <div>
          <dt>
            <kbd>⇧</kbd>
            <kbd>drag</kbd>
          </dt>
          <dd>On a chart: move through time</dd>
        </div>
        <div>
          <dt>
            <kbd>←</kbd>
            <kbd>→</kbd>
          </dt>
          <dd>On a chart: read point by point</dd>
        </div>
      </dl>
      <label class="switch">
        <input
          type="checkbox"
          checked={shortcutsOn.value}
          onChange={(event) => switchShortcuts(event.currentTarget.checked)}
        />
        Use these keys
      </label>
    </Dialog>
  );
}
