/** Why one connection did not serve. */
export interface ConnectionFailure {
  readonly name: string;
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** In one sentence. */
  readonly reason: string;
  /** What it threw, now or when its breaker was last counted; undefined when it was never asked. */
  readonly error: unknown;
}

/** No connection of a chain could serve. Says of each why; the errors themselves are in `errors`. */
export class FallbackError extends AggregateError {
  override readonly name = 'FallbackError';
  readonly code = 'connections-failed';
  readonly connections: readonly ConnectionFailure[];

  constructor(chain: string, connections: readonly ConnectionFailure[]) {
    const reasons = connections.map(({ name, reason }) => `${name}: ${reason}`);
    super(
      connections.flatMap(({ error }) => (error === undefined ? [] : [error])),
      `no connection of "${chain}" works: ${reasons.join('; ')}`,
    );
    this.connections = connections;
  }
}
