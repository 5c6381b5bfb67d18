/** Every error of ours that reaches a person has one of these codes; `docs/errors.md` explains each. */
export const problems = {
  'configuration-invalid': 'The configuration has errors; nothing was started.',
  'configuration-missing': 'The configuration file does not exist.',
  'configuration-unreadable': 'The configuration file cannot be read or is not JSON.',
  'port-taken': 'The dashboard port is in use.',
  'login-required': 'The monitor would be reachable from other machines without a login.',
  'data-directory-unusable': 'The data directory cannot be written.',
  'data-directory-taken': 'Another monitor uses this data directory.',
  'monitor-unreachable': 'No running monitor could be reached.',
  'request-refused': 'The monitor refused the request.',
  'driver-missing': 'A database driver is not installed.',
  'connections-failed': 'No connection of a fallback chain works.',
  'query-too-large': 'A question to the store would have too long an answer.',
  'query-too-slow': 'A question to the store did not finish before its deadline.',
  'bad-argument': 'A value given to the library is not usable.',
} as const;
export type ProblemCode = keyof typeof problems;

/** An error with a code, and a hint what to do. */
export class MonitorError extends Error {
  override readonly name = 'MonitorError';
  readonly isMonitorError = true;
  readonly code: ProblemCode;
  /** What the reader can do about it. */
  readonly hint: string | undefined;

  constructor(code: ProblemCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Recognises our errors, also those of a second copy of the package. */
export function isMonitorError(error: unknown): error is MonitorError {
  return typeof error === 'object' && error !== null && (error as { isMonitorError?: unknown }).isMonitorError === true;
}
