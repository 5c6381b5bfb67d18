import type {
  AlertView,
  CheckView,
  ErrorGroupView,
  OperationView,
  OverviewView,
  ProgressView,
  SystemView,
} from '../../model/api.ts';
import { alertLines } from './alert-lines.ts';
import { checkTable } from './check-table.ts';
import { count, number, percent, quantity, seconds, time } from './format.ts';
import { paint } from './paint.ts';
import { progressLines } from './progress-lines.ts';
import { pairs } from './section.ts';
import { plain } from './width.ts';

/** What a report is made of; in JSON exactly this. */
export type ReportFacts = {
  readonly generated_at: number;
  readonly url: string;
  readonly overview: OverviewView;
  readonly checks: readonly CheckView[];
  readonly system: SystemView;
  readonly operations: readonly OperationView[];
  readonly progress: readonly ProgressView[];
  readonly alerts: readonly AlertView[];
  readonly errors: readonly ErrorGroupView[];
};

/** The report as text, without colours: it goes into files and mails. */
export function reportText(facts: ReportFacts): string {
  const plainPaint = paint(false);
  const now = facts.overview.at;
  const part = (title: string, lines: readonly string[], empty: string) => [
    '',
    title,
    '-'.repeat(title.length),
    ...(lines.length > 0 ? lines : [empty]),
  ];
  const recentAlerts = facts.alerts.toSorted((a, b) => b.started_at - a.started_at).slice(0, 5);
  const recentErrors = facts.errors.toSorted((a, b) => b.last_seen_at - a.last_seen_at).slice(0, 5);
  const lines = [
    'CryoProtect Monitoring: report',
    '==============================',
    ...pairs(
      [
        ['Generated', time(facts.generated_at)],
        ['Machine', plain(facts.system.hostname)],
        ['Monitor', `${facts.url}/monitoring`],
      ],
      0,
    ),
    '',
    plain(facts.overview.sentence),
    ...facts.overview.details.map((detail) => `  ${detail.verdict}: ${plain(detail.text)}`),
    ...part(
      'System health',
      pairs(
        facts.overview.cards.map((card) => [
          card.title,
          `${card.verdict.toUpperCase().padEnd(7)}  ${plain(card.text)}`,
        ]),
        0,
      ),
      'nothing is known yet',
    ),
    ...part(
      'Checks',
      facts.checks.length > 0 ? checkTable(plainPaint, facts.checks, now, 160).trimEnd().split('\n') : [],
      'no checks',
    ),
    ...part('Resource usage', resourceLines(facts.system), 'not measured yet'),
    ...part('Performance', performanceLines(facts.operations), 'no operations were reported'),
    ...part(
      'Progress',
      facts.progress.flatMap((run) => progressLines(plainPaint, run, now, false)),
      'no jobs',
    ),
    ...part(
      'Recent alerts',
      recentAlerts.flatMap((alert) => alertLines(plainPaint, alert, now, false)),
      'none',
    ),
    ...part(
      'Recent errors',
      recentErrors.map(
        (group) =>
          `[${time(group.last_seen_at)}] ${plain(group.type)}: ${plain(group.title)} (${count(group.count, 'time')})`,
      ),
      'none',
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function resourceLines(system: SystemView): string[] {
  return pairs(
    system.figures
      .filter((figure) => figure.group === 'machine')
      .map((figure) => [plain(figure.title), `${quantity(figure.value, figure.unit)}`]),
    0,
  );
}

function performanceLines(operations: readonly OperationView[]): string[] {
  const kinds = [
    ['Database', operations.filter((each) => each.category === 'database')],
    ['API', operations.filter((each) => each.category === 'api')],
    ['Other', operations.filter((each) => each.category === 'other')],
  ] as const;
  const filled = kinds.filter(([, list]) => list.length > 0);
  return pairs(
    filled.map(([name, list]) => {
      const total = list.reduce((sum, each) => sum + each.count, 0);
      const errors = list.reduce((sum, each) => sum + each.errors, 0);
      const average = total > 0 ? list.reduce((sum, each) => sum + each.count * (each.avg ?? 0), 0) / total : null;
      return [
        name,
        `${number(total)} operations, ${percent(total > 0 ? 1 - errors / total : null)} successful, average ${seconds(average)}`,
      ] as const;
    }),
    0,
  );
}
