import '../style/endpoints.css';
import type { CheckView } from '../../model/api.ts';

/** What is more than one line, in the order in which people read it. */
const blocks: readonly (readonly [string, string])[] = [
  ['head', 'Head of the answer'],
  ['excerpt', 'Beginning of the body'],
  ['answer', 'What it said'],
  ['message', 'What the job said'],
  ['failed_attempts', 'Attempts that failed'],
  ['certificate_chain', 'Certificates'],
  ['answers', 'Answers'],
  ['dns_answers', 'DNS answered'],
];
const names = new Set(blocks.map(([name]) => name));

/** Whether a fact is shown as a block of its own. */
export function isBlock(name: string, value: unknown): boolean {
  return names.has(name) && (typeof value === 'string' || Array.isArray(value));
}

/** The evidence of a check: texts and lists as they came, with secrets already masked by the monitor. */
export function Evidence({ seen }: { seen: CheckView['seen'] }) {
  const shown = blocks.filter(([name]) => isBlock(name, seen[name]));
  return (
    <>
      {shown.map(([name, title]) => {
        const value = seen[name];
        const lines = Array.isArray(value) ? value.map(String).join('\n') : String(value);
        return (
          <figure key={name} class="evidence">
            <figcaption>{title}</figcaption>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
            <pre tabIndex={0}>{lines}</pre>
          </figure>
        );
      })}
    </>
  );
}
