/** Something that happened once and belongs as a marker on every chart. */
export interface JournalEntry {
  readonly id: string;
  readonly at: number;
  readonly kind:
    | 'monitor-started'
    | 'monitor-stopped'
    | 'monitor-crashed'
    | 'app-started'
    | 'app-stopped'
    | 'app-lost'
    | 'deploy'
    | 'configuration'
    | 'check'
    | 'silence'
    | 'alert'
    | 'job'
    | 'error'
    | 'store'
    | 'clock'
    | 'breaker';
  /** One sentence for people. */
  readonly text: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** What it is about, e.g. `{ check: 'database:pooler' }`. */
  readonly about?: Readonly<Record<string, string>>;
}
