import { styleText } from 'node:util';

/** A log record as pino writes it. */
export interface LogRecord {
  readonly level: string;
  readonly time: string;
  readonly pid: number;
  readonly msg?: string;
  readonly [detail: string]: unknown;
}

/** Python's names for the levels, as the predecessor's log files have them. */
const pythonNames: Readonly<Record<string, string>> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
};
const pythonNumbers: Readonly<Record<string, number>> = {
  trace: 5,
  debug: 10,
  info: 20,
  warn: 30,
  error: 40,
  fatal: 50,
};
const colours: Readonly<Record<string, 'gray' | 'cyan' | 'yellow' | 'red' | 'magenta'>> = {
  trace: 'gray',
  debug: 'gray',
  info: 'cyan',
  warn: 'yellow',
  error: 'red',
  fatal: 'magenta',
};

/** One line for people: local time, level, message, details as `key=value`. */
export function textLine(record: LogRecord, colour: boolean): string {
  const name = (pythonNames[record.level] ?? record.level).padEnd(7);
  const level = colour ? styleText(colours[record.level] ?? 'gray', name, { validateStream: false }) : name;
  const details = detailsOf(record);
  const tail = details === '' ? '' : ` ${colour ? styleText('gray', details, { validateStream: false }) : details}`;
  return `${localTime(new Date(record.time)).slice(11, 19)} ${level} ${oneLine(record.msg ?? '')}${tail}`;
}

/** One line in Python's %-format: `%(asctime)s - %(levelname)-8s - %(message)s`. Unknown fields are empty. */
export function pythonLine(format: string, record: LogRecord): string {
  const date = new Date(record.time);
  const details = detailsOf(record);
  const fields: Readonly<Record<string, string | number>> = {
    asctime: localTime(date),
    created: date.getTime() / 1000,
    levelname: pythonNames[record.level] ?? record.level,
    levelno: pythonNumbers[record.level] ?? 20,
    message: details === '' ? oneLine(record.msg ?? '') : `${oneLine(record.msg ?? '')} ${details}`,
    msecs: date.getMilliseconds(),
    name: 'monitoring',
    process: record.pid,
    processName: 'MainProcess',
    threadName: 'MainThread',
  };
  return format.replaceAll(
    /%%|%\((\w+)\)(-?)0?(\d*)(?:\.\d+)?[sdif]/g,
    (whole, field: string | undefined, left: string, width: string) => {
      if (field === undefined) return '%';
      const text = String(fields[field] ?? '');
      return left === '-' ? text.padEnd(Number(width)) : text.padStart(Number(width));
    },
  );
}

/** `2026-11-23 09:30:01,123`, local, as Python writes it. */
function localTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const ownFields = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg']);

function detailsOf(record: LogRecord): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(record)) {
    if (ownFields.has(key) || value === undefined) continue;
    const message =
      key === 'err' && typeof value === 'object' && value !== null
        ? (value as { message?: unknown }).message
        : undefined;
    const shown = message ?? value;
    const text = typeof shown === 'string' && !/[\s"=]/.test(shown) ? shown : (JSON.stringify(shown) ?? '');
    parts.push(`${key}=${text.length > 300 ? `${text.slice(0, 299)}…` : text}`);
  }
  return parts.join(' ');
}

/** A message with line breaks would forge log lines. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
