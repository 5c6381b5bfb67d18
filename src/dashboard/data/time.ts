import { signal } from '@preact/signals';

/** Server's clock minus ours, ms. The monitor may run on a machine whose clock is not this one's. */
let offset = 0;

/** Tells what the server's clock says now. Small differences are network, not clocks. */
export function learnServerTime(at: number): void {
  const difference = at - Date.now();
  offset = Math.abs(difference) > 2000 ? difference : 0;
}

/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + offset;
}

/** Counts seconds for texts such as "12 s ago". */
export const seconds = signal(serverNow());
/** The same in steps of 10 s, for texts that need no more. */
export const slowly = signal(serverNow());

/**
 * Draws the component that calls it anew each second. It asks for the text, not the value:
 * a minifier takes away the reading of a property that nobody uses, and with it the subscription.
 */
export function eachSecond(): void {
  seconds.toString();
}

/** The same every ten seconds. */
export function eachTenSeconds(): void {
  slowly.toString();
}

/** Starts the page's one clock. It stands still while nobody looks. */
export function startClock(): void {
  const beat = () => {
    if (document.hidden) return;
    seconds.value = serverNow();
    if (seconds.value - slowly.value >= 10_000 || seconds.value < slowly.value) slowly.value = seconds.value;
  };
  setInterval(beat, 1000);
  document.addEventListener('visibilitychange', beat);
}
