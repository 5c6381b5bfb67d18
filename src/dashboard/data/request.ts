import { signal } from '@preact/signals';
import type { ApiError, SessionView } from '../../model/api.ts';

/** Everything the page asks is below this path. */
export const apiBase = `${import.meta.env.BASE_URL}api`;

/** Who looks. Null until the first answer. */
export const session = signal<SessionView | null>(null);

/** A request that did not work, in words for the person who looks. */
export class Failure extends Error {
  readonly status: number;
  readonly hint: string | undefined;
  constructor(message: string, status: number, hint?: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

async function failureOf(response: Response): Promise<Failure> {
  try {
    const { error } = (await response.json()) as ApiError;
    return new Failure(error.message, response.status, error.hint);
  } catch {
    return new Failure(`The monitor answered ${response.status} ${response.statusText}.`.trim(), response.status);
  }
}

/** When the last answer of any kind came, epoch ms by our own clock. */
export const lastAnswerAt = signal(0);

/**
 * Asks the API. Throws a `Failure` for everything that is not an answer: status 0 means that the monitor was not reached.
 * A 401 brings the login page back.
 */
export async function request<T>(
  path: string,
  options: { method?: string; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${apiBase}${path}`, {
      method: options.method ?? 'GET',
      headers:
        options.body === undefined
          ? { accept: 'application/json' }
          : { accept: 'application/json', 'content-type': 'application/json' },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
      credentials: 'same-origin',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Failure('The monitor cannot be reached.', 0);
  }
  if (response.status === 401 && path !== '/login') {
    session.value = { authenticated: false, user: null, role: null, login_required: true };
  }
  if (!response.ok) throw await failureOf(response);
  lastAnswerAt.value = Date.now();
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function loadSession(): Promise<void> {
  session.value = await request<SessionView>('/session');
}

/** True when this person may change things. */
export function mayAct(): boolean {
  return session.value?.role === 'operator';
}
