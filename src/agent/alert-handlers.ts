import type { Severity } from '../model/severity.ts';

/** An alert as handlers in the app get it: the predecessor's fields, and what it could not say. */
export interface AlertNotice {
  /** Id of the episode: the same when it is resolved. */
  readonly alert_id: string;
  readonly alert_type: string;
  readonly message: string;
  readonly source: string;
  readonly severity: Severity;
  readonly status: 'firing' | 'resolved';
  /** Seconds since 1970, with fractions. */
  readonly timestamp: number;
  readonly formatted_time: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export type AlertHandler = (alert: AlertNotice) => unknown;

/** Calls the app's handlers; one that throws or rejects hurts neither the others nor us. */
export class AlertHandlers {
  readonly #handlers = new Set<AlertHandler>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#handlers.size;
  }

  /** False when it is no function or was there already. */
  add(handler: unknown): boolean {
    if (typeof handler !== 'function' || this.#handlers.has(handler as AlertHandler)) return false;
    this.#handlers.add(handler as AlertHandler);
    return true;
  }

  remove(handler: unknown): boolean {
    return this.#handlers.delete(handler as AlertHandler);
  }

  /** Calls everyone. Resolves when every handler has settled, with how many succeeded. */
  async call(alert: AlertNotice): Promise<number> {
    const outcomes = await Promise.all(
      [...this.#handlers].map(async (handler) => {
        try {
          await handler({ ...alert });
          return true;
        } catch (error) {
          this.#onError(error);
          return false;
        }
      }),
    );
    return outcomes.filter(Boolean).length;
  }
}
