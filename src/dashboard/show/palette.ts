import { signal } from '@preact/signals';

/** Colours for canvases, read from the style sheet: the style sheet stays the only place where colours are chosen. */
export interface Palette {
  readonly lines: readonly string[];
  readonly fill: string;
  readonly grid: string;
  readonly label: string;
  readonly cursor: string;
  readonly warning: string;
  readonly error: string;
  readonly info: string;
  readonly shade: string;
  readonly surface: string;
}

function read(): Palette {
  const probe = document.createElement('i');
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette: Palette = {
    lines: ['line-1', 'line-2', 'line-3', 'line-4', 'line-5', 'line-6'].map(colour),
    fill: colour('line-fill'),
    grid: colour('grid'),
    label: colour('muted'),
    cursor: colour('muted'),
    warning: colour('warning'),
    error: colour('error'),
    info: colour('marker'),
    shade: colour('shade'),
    surface: colour('surface'),
  };
  probe.remove();
  return palette;
}

export const palette = signal<Palette | null>(null);

/** Reads the colours again: at the start and whenever the theme changes. */
export function readPalette(): void {
  palette.value = read();
}
