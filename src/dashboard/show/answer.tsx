import type { ComponentChildren } from 'preact';
import type { Query } from '../data/query.ts';

/** Shows an answer when it is there; before that nothing that jumps, and a failure in words. */
export function Answer<T>({ of, children }: { of: Query<T>; children: (data: T) => ComponentChildren }) {
  const data = of.data.value;
  const failure = of.failure.value;
  if (data === undefined) {
    if (!failure) return <div class="loading" aria-busy="true" />;
    return (
      <div class="empty">
        <h2>{failure.message}</h2>
        {failure.hint && <p>{failure.hint}</p>}
      </div>
    );
  }
  return <>{children(data)}</>;
}
