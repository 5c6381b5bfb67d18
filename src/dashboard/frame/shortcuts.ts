import { signal } from '@preact/signals';
import { refreshAll } from '../data/query.ts';
import { choosePreset, leaveWindow, presets, range, shiftRange, zoomRange } from '../data/range.ts';
import { navigate } from '../data/route.ts';
import { recall, remember } from './memory.ts';
import { pages } from './pages.ts';
import { nextTheme } from './theme.ts';

/** Keys without Ctrl get in the way of some people's input methods: they can be switched off. */
export const shortcutsOn = signal(recall('shortcuts') !== 'off');
export const helpOpen = signal(false);

export function switchShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  remember('shortcuts', on ? null : 'off');
}

interface Shortcut {
  readonly keys: readonly string[];
  readonly text: string;
  readonly run: () => void;
}

/** Puts the cursor into the page's filter, if it has one. */
function filter(): void {
  document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus();
}

export const shortcuts: readonly Shortcut[] = [
  ...pages.map(({ id, title, key }) => ({
    keys: ['g', key],
    text: title,
    run: () => navigate(id === 'overview' ? [] : [id]),
  })),
  { keys: ['/'], text: 'Filter this page', run: filter },
  { keys: ['r'], text: 'Refresh', run: () => void refreshAll() },
  { keys: ['t'], text: 'Next theme: system, light, dark', run: nextTheme },
  ...presets.map(({ id, words }, index) => ({
    keys: [String(index + 1)],
    text: `Show ${words}`,
    run: () => choosePreset(id),
  })),
  { keys: ['['], text: 'Earlier', run: () => shiftRange(-0.5) },
  { keys: [']'], text: 'Later', run: () => shiftRange(0.5) },
  { keys: ['-'], text: 'Wider time', run: () => zoomRange(2) },
  { keys: ['+'], text: 'Narrower time', run: () => zoomRange(0.5) },
  { keys: ['0'], text: 'Back to the moving window', run: () => range.value.kind === 'fixed' && leaveWindow() },
  { keys: ['?'], text: 'This list', run: () => (helpOpen.value = !helpOpen.value) },
];

let first: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Listens to the keyboard for the whole page. */
export function startShortcuts(): void {
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isTyping(event.target)) (event.target as HTMLElement).blur();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') && event.key !== '?') return;
    if (!shortcutsOn.value && event.key !== '?') return;
    const pressed = first === null ? [event.key] : [first, event.key];
    first = null;
    clearTimeout(timer);
    const found = shortcuts.find(({ keys }) => keys.join(' ') === pressed.join(' '));
    if (found) {
      event.preventDefault();
      found.run();
    } else if (shortcuts.some(({ keys }) => keys.length > 1 && keys[0] === event.key)) {
      first = event.key;
      timer = setTimeout(() => (first = null), 1500);
    }
  });
}
