import type { SettingView } from '../../model/api.ts';
import type { CliCommand, CliContext } from '../command.ts';
import { heading } from '../text/section.ts';
import { table } from '../text/table.ts';
import { plain } from '../text/width.ts';

/** `cryomon config`: every effective value and where it came from; `config check` only says whether it would start. */
export const configCommand: CliCommand = {
  register(program, context) {
    const config = program.command('config').description('show every setting with its value and where it came from');
    config
      .option('--changed', 'only what is not a default')
      .option('-v, --verbose', 'also what each setting means')
      .action((flags: { changed?: boolean; verbose?: boolean }) => showConfiguration(context, flags));
    config
      .command('check')
      .description('say whether a monitor would start with this configuration; exit with 2 when not')
      .action(() => checkConfiguration(context));
  },
};

async function read(context: CliContext) {
  const { loadConfiguration } = await import('../../configuration.ts');
  const { config, dataDir } = context.options();
  const { io } = context;
  return loadConfiguration({
    file: config,
    cwd: io.cwd,
    env: io.env,
    args: dataDir === undefined ? [] : [`--data-dir=${dataDir}`],
  });
}

async function showConfiguration(
  context: CliContext,
  { changed = false, verbose = false }: { changed?: boolean; verbose?: boolean },
): Promise<void> {
  const { io, paint, print } = context;
  const configuration = await read(context);
  const settings = configuration.describe().filter((setting) => !changed || setting.origin !== 'default');
  if (context.options().json)
    return context.json({ file: configuration.file, warnings: configuration.warnings, settings });
  print(
    configuration.file === null
      ? 'No configuration file: monitoring_config.json is not in this folder.'
      : `Configuration file: ${configuration.file}`,
  );
  for (const section of new Set(settings.map(sectionOf))) {
    const list = settings.filter((setting) => sectionOf(setting) === section);
    print(heading(paint, section));
    io.out(
      table(
        [
          { title: 'KEY' },
          { title: 'VALUE', flexible: true },
          { title: 'FROM', flexible: true },
          ...(verbose ? [{ title: 'MEANING', flexible: true }] : []),
        ],
        list.map((setting) => row(setting, section, verbose)),
        verbose ? Number.POSITIVE_INFINITY : io.width,
        paint.faint,
      ),
    );
  }
  sayRemarks(context, configuration);
}

const sectionOf = (setting: SettingView): string => setting.path.split('.')[0]!;

function row({ path, value, origin, description, dormant }: SettingView, section: string, verbose: boolean): string[] {
  const meaning = dormant === null ? description : `${description} No effect yet: ${dormant}.`;
  return [
    path.slice(section.length + 1),
    plain(JSON.stringify(value) ?? ''),
    plain(origin),
    ...(verbose ? [plain(meaning)] : []),
  ];
}

async function checkConfiguration(context: CliContext): Promise<void> {
  const configuration = await read(context);
  if (context.options().json)
    return context.json({
      file: configuration.file,
      valid: true,
      warnings: configuration.warnings,
      dormant: configuration.dormant,
    });
  const { paint, print } = context;
  print(
    paint.good(
      configuration.file === null
        ? 'The configuration is valid (no file, so defaults and environment).'
        : `${configuration.file} is valid.`,
    ),
  );
  sayRemarks(context, configuration);
}

function sayRemarks(
  { paint, print }: CliContext,
  configuration: { readonly warnings: readonly string[]; readonly dormant: readonly string[] },
): void {
  for (const remark of [...configuration.warnings, ...configuration.dormant])
    print(paint.warning(`! ${plain(remark)}`));
}
