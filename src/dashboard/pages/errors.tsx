import '../style/pages.css';
import type { ErrorDetailView, ErrorGroupView, ErrorOccurrenceView } from '../../model/api.ts';
import { useQuery } from '../data/query.ts';
import { href } from '../data/route.ts';
import { eachTenSeconds, serverNow } from '../data/time.ts';
import { Answer } from '../show/answer.tsx';
import { Empty } from '../show/empty.tsx';
import { ago, inline, moment, plural, text, when, words } from '../show/format.ts';
import { chosenTab, Facts, Filter, Head, matches, Tabs } from '../show/page.tsx';
import { Rows } from '../show/rows.tsx';
import { Status } from '../show/status.tsx';
import { ErrorStateButtons } from './actions.tsx';

/** What breaks, since when, for whom? */
export function Errors({ id }: { id: string | undefined }) {
  return <div class="page">{id ? <One key={id} id={id} /> : <All />}</div>;
}

const isOpen = ({ state }: ErrorGroupView) => state === 'open' || state === 'regressed';

function All() {
  const query = useQuery<{ errors: ErrorGroupView[] }>('errors', () => '/errors?limit=500', {
    on: ['error'],
    every: 30_000,
  });
  return <Answer of={query}>{({ errors }) => <List of={errors} />}</Answer>;
}

function List({ of }: { of: readonly ErrorGroupView[] }) {
  eachTenSeconds();
  const now = serverNow();
  if (of.length === 0)
    return (
      <>
        <Head title="Errors" />
        <Empty
          title="No error was recorded yet."
          file="import.js"
          code={
            "try {\n  await importBatch(batch);\n} catch (error) {\n  recordError('ImportError', error.message, error.stack, { batch: batch.id });\n}"
          }
        >
          Errors of routes come by themselves. The same mistake is one line here, with its stack and its context.
        </Empty>
      </>
    );
  const view = chosenTab('view', 'open');
  const shown = of
    .filter((group) => (view === 'open' ? isOpen(group) : group.state === view))
    .filter(({ type, title, culprit }) => matches(type, title, culprit))
    .sort(
      (a, b) => Number(b.state === 'regressed') - Number(a.state === 'regressed') || b.last_seen_at - a.last_seen_at,
    );
  const open = of.filter(isOpen);
  const back = of.filter(({ state }) => state === 'regressed').length;
  const count = (state: string) => of.filter((group) => group.state === state).length;
  return (
    <>
      <Head
        title="Errors"
        lead={
          open.length === 0
            ? 'Nothing is open.'
            : `${plural(open.length, 'kind')} open${back > 0 ? `, ${back} came back after it was resolved` : ''}.`
        }
      >
        <Filter label="Filter errors" />
      </Head>
      <Tabs
        name="view"
        label="Which errors"
        options={[
          { id: 'open', text: 'Open', count: open.length },
          { id: 'resolved', text: 'Resolved', count: count('resolved') },
          { id: 'ignored', text: 'Ignored', count: count('ignored') },
        ]}
      />
      <div class="scroll">
        <table class="rows errors" aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              <th scope="col">Error</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Times
              </th>
              <th scope="col" class="number">
                Last
              </th>
              <th scope="col" class="number">
                First
              </th>
              <th scope="col">Release</th>
            </tr>
          </thead>
          <Rows of={shown} height={51} columns={6}>
            {(group, index) => (
              <tr key={group.id} aria-rowindex={index + 2}>
                <th scope="row">
                  <a href={href(['errors', group.id])}>
                    {group.type}: <span class="message">{group.title}</span>
                  </a>
                  <p class="weak">
                    <code>{group.culprit}</code>
                  </p>
                </th>
                <td>
                  <Status state={group.state} />
                </td>
                <td class="number">{text(group.count, 'count')}</td>
                <td class="number" title={moment(group.last_seen_at)}>
                  {ago(group.last_seen_at, now)}
                </td>
                <td class="number" title={moment(group.first_seen_at)}>
                  {ago(group.first_seen_at, now)}
                </td>
                <td>{group.release ?? <span class="weak">–</span>}</td>
              </tr>
            )}
          </Rows>
        </table>
      </div>
      {shown.length === 0 && <p class="note">None here{view === 'open' ? ': nothing is open' : ''}.</p>}
    </>
  );
}

function One({ id }: { id: string }) {
  const query = useQuery<ErrorDetailView>(`error ${id}`, () => `/errors/${encodeURIComponent(id)}`, { on: ['error'] });
  return <Answer of={query}>{(group) => <Detail group={group} />}</Answer>;
}

function Detail({ group }: { group: ErrorDetailView }) {
  eachTenSeconds();
  const now = serverNow();
  const newest = group.occurrences[0];
  return (
    <>
      <Head back={{ href: href(['errors']), text: 'Errors' }} title={group.type} lead={group.title}>
        <ErrorStateButtons group={group} />
      </Head>
      <dl class="line spaced">
        <div>
          <dt>State</dt>
          <dd>
            <Status state={group.state} />
          </dd>
        </div>
        <div>
          <dt>Times</dt>
          <dd>{text(group.count, 'count')}</dd>
        </div>
        <div>
          <dt>Last</dt>
          <dd title={moment(group.last_seen_at)}>{ago(group.last_seen_at, now)}</dd>
        </div>
        <div>
          <dt>First</dt>
          <dd title={moment(group.first_seen_at)}>{ago(group.first_seen_at, now)}</dd>
        </div>
        <div>
          <dt>Release</dt>
          <dd>{group.release ?? '–'}</dd>
        </div>
        <div>
          <dt>Grouped by</dt>
          <dd>{group.grouped_by}</dd>
        </div>
      </dl>
      {newest && <Evidence of={newest} />}
      <section class="group">
        <h2>Occurrences kept</h2>
        <Occurrences of={group.occurrences} now={now} />
      </section>
    </>
  );
}

const inApp = (line: string) => /^\s*at /.test(line) && !/node_modules|node:|<anonymous>/.test(line);

/** The stack; lines of the application's own code stand out from those of libraries. */
function Stack({ text: stack, name }: { text: string; name: string }) {
  if (!stack) return <p class="note">No stack came with it.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard
    <pre class="stack" tabIndex={0} title={name}>
      {stack.split('\n').map((line, index) => (
        <span key={index} class={index === 0 || !/^\s*at /.test(line) ? 'first' : inApp(line) ? 'own' : ''}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function Evidence({ of }: { of: ErrorOccurrenceView }) {
  return (
    <div class="columns">
      <section>
        <h2>Newest, {when(of.at, serverNow())}</h2>
        <p class="said">{of.message}</p>
        <Stack text={of.stack} name="Stack" />
        {of.causes.map((cause) => (
          <section key={cause.message} class="cause">
            <h3>
              Caused by {cause.type}: {cause.message}
            </h3>
            <Stack text={cause.stack} name={`Stack of the cause ${cause.type}`} />
          </section>
        ))}
      </section>
      <section>
        <h2>Context</h2>
        <Facts
          of={[
            ...Object.entries(of.context).map(([name, value]) => [words(name), inline(value)] as const),
            of.request_id !== null && ['Request', <code key="r">{of.request_id}</code>],
            of.correlation_id !== null && ['Correlation', <code key="c">{of.correlation_id}</code>],
            of.trace_id !== null && ['Trace', <code key="t">{of.trace_id}</code>],
            ['Process', of.instance],
            ['Caught', of.handled ? 'yes, and recorded' : 'no: it reached the top'],
          ]}
        />
      </section>
    </div>
  );
}

function Occurrences({ of, now }: { of: readonly ErrorOccurrenceView[]; now: number }) {
  return (
    <div class="scroll">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Message</th>
            <th scope="col">Process</th>
            <th scope="col">Request</th>
          </tr>
        </thead>
        <tbody>
          {of.map((occurrence) => (
            <tr key={occurrence.id}>
              <td title={moment(occurrence.at)}>{when(occurrence.at, now)}</td>
              <td>{occurrence.message}</td>
              <td class="weak">{occurrence.instance}</td>
              <td>{occurrence.request_id ? <code>{occurrence.request_id}</code> : <span class="weak">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
