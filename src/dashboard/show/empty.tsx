import type { ComponentChildren } from 'preact';

/** An empty page teaches: what would be here, and the lines that fill it. */
export function Empty({
  title,
  children,
  code,
  file,
}: {
  title: string;
  children?: ComponentChildren;
  code?: string;
  file?: string;
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {code && (
        <figure>
          {file && <figcaption>{file}</figcaption>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
          <pre tabIndex={0}>
            <code>{code}</code>
          </pre>
        </figure>
      )}
    </div>
  );
}
