/** A set of HTTP status codes as people write it: `200`, `"200-299"`, `"2xx"`, `"200,204"`, or a list of these. */
export type ExpectedStatus = number | string | readonly (number | string)[];

/** The ranges, ends included, that an expectation names; undefined when a part of it makes no sense. */
export function statusRanges(expected: ExpectedStatus): readonly (readonly [number, number])[] | undefined {
  const parts = (Array.isArray(expected) ? expected : [expected]).flatMap((part: number | string) =>
    typeof part === 'number' ? [String(part)] : part.split(','),
  );
  const ranges: [number, number][] = [];
  for (const raw of parts) {
    const range = oneRange(raw.trim());
    if (!range) return undefined;
    ranges.push(range);
  }
  return ranges.length > 0 ? ranges : undefined;
}

function oneRange(part: string): [number, number] | undefined {
  const match = /^([1-5])xx$/i.exec(part) ?? /^(\d{3})\s*-\s*(\d{3})$/.exec(part) ?? /^(\d{3})$/.exec(part);
  if (!match) return undefined;
  const [, first, last] = match;
  if (first!.length === 1) return [Number(first) * 100, Number(first) * 100 + 99];
  const range: [number, number] = [Number(first), Number(last ?? first)];
  return range[0] >= 100 && range[1] <= 599 && range[0] <= range[1] ? range : undefined;
}

/** The expectation in words: `200`, `200-299 or 404`. */
export function statusWords(ranges: readonly (readonly [number, number])[]): string {
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(' or ');
}
