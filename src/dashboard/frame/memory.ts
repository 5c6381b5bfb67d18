/** What the browser keeps of a person's taste. Never data; a browser that keeps nothing is fine. */
const prefix = 'cryoprotect-monitoring.';

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

/** `null` forgets. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch {
    // Private windows may refuse: then it holds until the page is closed.
  }
}
