import { isatty } from 'node:tty';
import pino from 'pino';
import type { Log } from '../model/log.ts';
import { openLogFile } from './log-file.ts';
import { type LogRecord, pythonLine, textLine } from './log-line.ts';
import type { LoggingSettings } from './sections/logging.ts';

/** The monitor's log. */
export interface MonitorLog extends Log {
  /** Changes the level at once, e.g. after a reload. */
  setLevel(level: LoggingSettings['level']): void;
  /** Writes out what is still on its way to the file. */
  close(): Promise<void>;
}

export interface LogOptions {
  /** Folder that a relative file name starts from. @default process.cwd() */
  readonly cwd?: string;
  /** Where console lines go. @default the process's standard error */
  readonly console?: { write(line: string): unknown; readonly isTTY?: boolean };
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const levels: Readonly<Record<string, pino.Level>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'fatal',
  fatal: 'fatal',
};
const levelOf = (level: LoggingSettings['level']): pino.Level => levels[level.toLowerCase()] ?? 'info';

/**
 * Makes the log from section `logging`: to the console always, to a rotating file when one is named.
 * Text on a terminal and JSON otherwise, unless `format` says something else. It never throws for what a disk or a pipe does.
 */
export function createLog(settings: LoggingSettings, options: LogOptions = {}): MonitorLog {
  const env = options.env ?? process.env;
  const output = options.console ?? standardError();
  const colour = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const consoleLine = lineFormat(settings.format, output.isTTY === true ? 'text' : 'json', colour);
  const streams: pino.StreamEntry[] = [
    { level: 'trace', stream: { write: (json: string) => void output.write(consoleLine(json)) } },
  ];
  let close = () => Promise.resolve();
  if (settings.file !== null) {
    const fileLine = lineFormat(settings.format, 'json', false);
    const file = openLogFile({
      file: settings.file,
      maxSizeMb: settings.max_size_mb,
      backupCount: settings.backup_count,
      cwd: options.cwd ?? process.cwd(),
      onProblem: (error) =>
        logger.error(
          { file: settings.file, err: error },
          'the log file cannot be written; it is tried again every 30 seconds',
        ),
    });
    streams.push({ level: 'trace', stream: { write: (json: string) => file.write(fileLine(json)) } });
    close = () => file.close();
  }
  const logger = pino(
    {
      level: levelOf(settings.level),
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.multistream(streams),
  );
  return Object.assign(logger as Log, {
    setLevel: (level: LoggingSettings['level']) => {
      logger.level = levelOf(level);
    },
    close,
  });
}

/** How a JSON line of pino becomes the line that is written. */
function lineFormat(format: string, automatic: 'text' | 'json', colour: boolean): (json: string) => string {
  const chosen = format === 'auto' ? automatic : format;
  if (chosen === 'json') return (json) => json;
  return (json) => {
    const record = JSON.parse(json) as LogRecord;
    return `${chosen === 'text' ? textLine(record, colour) : pythonLine(format, record)}\n`;
  };
}

/** Written directly, so that lines of a worker thread do not wait for the application's main thread. */
function standardError(): { write(line: string): unknown; readonly isTTY: boolean } {
  const stream = pino.destination({ dest: 2, sync: true });
  // A reader that went away (`cryomon start 2>&1 | head`) ends the lines, not the monitor.
  stream.on('error', () => {});
  return { write: (line) => stream.write(line), isTTY: isatty(2) };
}
