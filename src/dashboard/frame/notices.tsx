import { signal } from '@preact/signals';
import { Failure } from '../data/request.ts';
import { Icon } from '../show/icons.tsx';

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'error';
  readonly undo?: (() => Promise<unknown>) | undefined;
}

const notices = signal<readonly Notice[]>([]);
let counter = 0;
/** Long enough to read and to change one's mind. */
const stays = 9000;

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Says something in the corner; with `undo` there is a way back. At most three at once. */
export function say(text: string, options: { tone?: 'info' | 'error'; undo?: () => Promise<unknown> } = {}): void {
  const id = ++counter;
  notices.value = [...notices.value.slice(-2), { id, text, tone: options.tone ?? 'info', undo: options.undo }];
  setTimeout(() => dismiss(id), stays);
}

/** Does something for a person, and says so when it did not work. True when it did. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    say(error instanceof Failure ? [error.message, error.hint].filter(Boolean).join(' ') : String(error), {
      tone: 'error',
    });
    return false;
  }
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, tone, undo }) => (
        <div key={id} class={`notice ${tone}`}>
          <span>{text}</span>
          {undo && (
            <button
              type="button"
              class="link"
              onClick={() => {
                dismiss(id);
                void attempt(undo);
              }}
            >
              Undo
            </button>
          )}
          <button type="button" class="bare" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
    </div>
  );
}
