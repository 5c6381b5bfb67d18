import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Below this all rows are there: the browser's own search finds them. */
const few = 120;
const spare = 12;

/**
 * The body of a long table. Only the rows near the window exist; two empty rows hold the place of the others,
 * and `aria-rowcount` and `aria-rowindex` tell where they stand. All rows have the same height.
 */
export function Rows<T>({
  of,
  height,
  columns,
  children,
}: {
  of: readonly T[];
  height: number;
  columns: number;
  children: (item: T, index: number) => ComponentChildren;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const first = useSignal(0);
  const visible = useSignal(40);
  const long = of.length > few;
  useEffect(() => {
    if (!long) return;
    const look = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const start = Math.max(0, Math.floor(-top / height) - spare);
      // Whole screens of four rows: scrolling by a pixel draws nothing anew.
      first.value = start - (start % 4);
      visible.value = Math.ceil(innerHeight / height) + spare * 2 + 4;
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [long, height]);
  if (!long) return <tbody>{of.map(children)}</tbody>;
  const start = Math.min(first.value, Math.max(0, of.length - 1));
  const end = Math.min(of.length, start + visible.value);
  return (
    <tbody ref={body}>
      {start > 0 && (
        <tr class="gap">
          <td colSpan={columns} style={{ height: `${start * height}px` }} />
        </tr>
      )}
      {of.slice(start, end).map((item, index) => children(item, start + index))}
      {end < of.length && (
        <tr class="gap">
          <td colSpan={columns} style={{ height: `${(of.length - end) * height}px` }} />
        </tr>
      )}
    </tbody>
  );
}
