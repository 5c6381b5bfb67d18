import { useEffect } from 'preact/hooks';
import { useOverview } from '../data/overview.ts';
import { pulse, streamState } from '../data/stream.ts';
import errorIcon from '../icons/error.svg';
import okIcon from '../icons/ok.svg';
import unknownIcon from '../icons/unknown.svg';
import warningIcon from '../icons/warning.svg';

const icons = { ok: okIcon, warning: warningIcon, error: errorIcon, unknown: unknownIcon };

/** The browser tab tells the verdict too: by its icon and, when something is wrong, by its first word. */
export function useTabTitle(page: string): void {
  const overview = useOverview();
  const verdict =
    streamState.value === 'broken' ? 'unknown' : (pulse.value?.verdict ?? overview.data.value?.verdict ?? 'unknown');
  useEffect(() => {
    const word = { ok: '', warning: 'Warning · ', error: 'Failing · ', unknown: '' }[verdict];
    document.title = `${word}${page} · Monitoring`;
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = icons[verdict];
  }, [page, verdict]);
}
