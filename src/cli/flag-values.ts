import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../model/duration.ts';

/** Reads a number above zero from a flag. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Reads a whole number from 0 up from a flag. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return value;
}

/** Reads a duration from a flag: seconds, or a text such as `30m`. */
export function durationSeconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be seconds, or a duration such as 30m or 2h.');
  return ms / 1000;
}
