import { effect, signal } from '@preact/signals';
import { readPalette } from '../show/palette.ts';
import { recall, remember } from './memory.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const stored = recall('theme');
export const theme = signal<Theme>(themes.find((name) => name === stored) ?? 'system');

/** Sets the theme on the page, remembers it, and lets the canvases take the new colours. Called once, before anything is drawn. */
export function startTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    remember('theme', theme.value === 'system' ? null : theme.value);
    readPalette();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', readPalette);
}

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length]!;
}
