import type { CliCommand, CliContext } from '../command.ts';
import { type RunningMonitor, runUntilSignal } from '../run-until-signal.ts';
import { systemInfo } from '../system-info.ts';
import { startText } from '../text/start-text.ts';

/** `cryomon start` (the predecessor's launcher): runs the monitor in this process until a signal. */
export const startCommand: CliCommand = {
  register(program, context) {
    program
      .command('start')
      .description('run the monitor')
      // The configuration reads the arguments itself: every setting is one, and unknown ones are tolerated.
      .allowUnknownOption()
      .allowExcessArguments()
      .helpOption('-h, --help', 'print help')
      .addHelpText('after', startHelp)
      .action(() => start(context, argumentsOf(context.argv)));
  },
};

const startHelp = `
Launcher:
  --config <file>          configuration file (default: monitoring_config.json in this folder)
  --dashboard-port <n>     port of the dashboard (5001; 0 takes a free one)
  --no-dashboard           no dashboard and no API
  --open-browser           open the dashboard when ready
  --data-dir <folder>      data folder (monitoring)
  --host <address>         address to listen on (127.0.0.1; any other needs a login)
  --system-info            write system_info.json into the data folder, print it and end
  --print-config           print the effective configuration, secrets masked, and end
  --section-key=value      any setting, e.g. --monitoring-health-check-intervals-api=15
Environment: CRYOPROTECT_SECTION_KEY, e.g. CRYOPROTECT_LOGGING_LEVEL=DEBUG; …_FILE reads the value from a file.
Signals: SIGTERM and SIGINT stop in order, a second one at once; SIGHUP reads the configuration again.`;

/** Everything but the command's own word. */
function argumentsOf(argv: readonly string[]): string[] {
  const at = argv.indexOf('start');
  return argv.filter((_, index) => index !== at);
}

async function start(context: CliContext, args: readonly string[]): Promise<void> {
  const { io } = context;
  const { createLog, loadConfiguration, changedSettings } = await import('../../configuration.ts');
  const load = () => loadConfiguration({ cwd: io.cwd, env: io.env, args });
  let configuration = load();
  const { settings } = configuration;
  if (configuration.flags.has('--print-config')) return context.json(configuration.masked());
  if (configuration.flags.has('--system-info')) return context.json(systemInfo(io, settings.monitoring.monitoring_dir));
  if (!settings.monitoring.enabled) {
    return context.print(
      `Monitoring is switched off: monitoring.enabled is false (${configuration.originOf(['monitoring', 'enabled'])}).`,
    );
  }
  const log = createLog(settings.logging, { cwd: io.cwd, env: io.env });
  for (const warning of configuration.warnings) log.warn({}, warning);
  for (const line of configuration.dormant) log.warn({}, line);
  // Loaded last: whatever is wrong with the configuration is said before a database is opened.
  const { startMonitor } = await import('../../monitor.ts');
  let monitor: RunningMonitor;
  try {
    monitor = await startMonitor({ configuration, mode: 'standalone', log });
  } catch (error) {
    await log.close();
    throw error;
  }
  io.out(
    startText(context.paint, {
      url: monitor.url,
      watches: monitor.describe(),
      settings: settings.monitoring,
      file: configuration.file,
      cwd: io.cwd,
    }),
  );
  if (settings.monitoring.open_dashboard_on_start && monitor.url !== null) {
    io.open(`${monitor.url}/monitoring`).catch((error: unknown) =>
      log.warn({ err: error }, 'no browser could be opened'),
    );
  }
  const code = await runUntilSignal(monitor, log, async () => {
    const fresh = load();
    const changed = changedSettings(configuration.settings, fresh.settings);
    for (const warning of [...fresh.warnings, ...fresh.dormant]) log.warn({}, warning);
    log.setLevel(fresh.settings.logging.level);
    if (changed.length > 0) await monitor.reload?.(fresh);
    configuration = fresh;
    return changed;
  });
  await log.close();
  context.exitWith(code);
  // Whatever a driver left open must not keep a stopped monitor alive.
  setTimeout(() => process.exit(code), 500).unref();
}
