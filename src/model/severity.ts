/** How bad it is, mildest first. The words are the predecessor's. */
export const severities = ['debug', 'info', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** True when `severity` is at least as bad as `floor`. */
export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(floor);
}

/** The worst of the given severities; `debug` when there are none. */
export function worst(list: Iterable<Severity>): Severity {
  let index = 0;
  for (const severity of list) index = Math.max(index, severities.indexOf(severity));
  return severities[index]!;
}
