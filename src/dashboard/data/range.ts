import { computed, signal } from '@preact/signals';
import { route, setParams } from './route.ts';
import { serverNow } from './time.ts';

/** The ranges on offer, shortest first. */
export const presets = [
  { id: '15m', ms: 900_000, label: '15 m', words: 'the last 15 minutes' },
  { id: '1h', ms: 3_600_000, label: '1 h', words: 'the last hour' },
  { id: '6h', ms: 21_600_000, label: '6 h', words: 'the last 6 hours' },
  { id: '24h', ms: 86_400_000, label: '24 h', words: 'the last 24 hours' },
  { id: '7d', ms: 604_800_000, label: '7 d', words: 'the last 7 days' },
  { id: '30d', ms: 2_592_000_000, label: '30 d', words: 'the last 30 days' },
] as const;

/** A window that moves with the clock (`preset`), or one that stands still. */
export type Range =
  | { readonly kind: 'last'; readonly id: string; readonly ms: number; readonly words: string }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

const shortest = 10_000;

/** The range of an address that names none. A monitor that has looked for some minutes only begins with its shortest range. */
const usual = signal<string>('1h');
let decided = false;

/** Tells since when there is anything to see. Heard once: the range never changes under the reader's eyes. */
export function learnFirstData(at: number): void {
  if (decided) return;
  decided = true;
  if (serverNow() - at < 1_200_000) usual.value = '15m';
}

/** Reads the range of an address; one hour when there is none or it makes no sense. */
export function parseRange(params: URLSearchParams): Range {
  const from = Number(params.get('from'));
  const to = Number(params.get('to'));
  if (from > 0 && to - from >= shortest) return { kind: 'fixed', from, to };
  const preset = presets.find(({ id }) => id === params.get('range')) ?? presets.find(({ id }) => id === usual.value)!;
  return { kind: 'last', id: preset.id, ms: preset.ms, words: preset.words };
}

export const range = computed(() => parseRange(route.value.params));

/** Text that is equal when the range is equal: part of the keys under which answers are kept. */
export const rangeKey = computed(() =>
  range.value.kind === 'last' ? range.value.id : `${range.value.from}-${range.value.to}`,
);

export function choosePreset(id: string): void {
  setParams({ range: id, from: undefined, to: undefined }, 'push');
}

/** Shows exactly this window; the preset stays in the address as the way back. */
export function chooseWindow(from: number, to: number): void {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, shortest) / 2;
  setParams({ from: String(Math.round(middle - half)), to: String(Math.round(middle + half)) }, 'push');
}

/** Back from a window to the preset it was cut from. */
export function leaveWindow(): void {
  setParams({ from: undefined, to: undefined }, 'push');
}

/** Start and end of a range in epoch ms. */
export function bounds(of: Range, now = serverNow()): { from: number; to: number } {
  return of.kind === 'fixed' ? { from: of.from, to: of.to } : { from: now - of.ms, to: now };
}

/** Moves the window by a share of its width; past the present it goes back to the moving window. */
export function shiftRange(share: number): void {
  const { from, to } = bounds(range.value);
  const by = (to - from) * share;
  if (share > 0 && range.value.kind === 'last') return;
  if (to + by > serverNow()) leaveWindow();
  else chooseWindow(from + by, to + by);
}

/** Makes the window wider (factor above 1) or narrower around its middle, ending no later than now. */
export function zoomRange(factor: number): void {
  const { from, to } = bounds(range.value);
  const width = (to - from) * factor;
  const end = Math.min((from + to) / 2 + width / 2, serverNow());
  chooseWindow(end - width, end);
}

const steps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Width of one point in ms, so that a chart has at most `points` of them. */
export function stepFor(width: number, points = 240): number {
  const wanted = width / points / 1000;
  return (steps.find((step) => step >= wanted) ?? 86_400) * 1000;
}

/** How often charts of this range are worth asking for again, in ms; 0 = they cannot change. */
export function refreshEvery(of: Range): number {
  return of.kind === 'fixed' ? 0 : Math.min(60_000, Math.max(5000, stepFor(of.ms)));
}
