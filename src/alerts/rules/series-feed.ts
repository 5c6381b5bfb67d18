import { compileMatchers, type LabelPredicate } from '../../model/matcher.ts';
import type { Labels, SeriesKind } from '../../model/sample.ts';
import type { SeriesInput } from './series-group.ts';
import type { SeriesRule } from './series-rule.ts';
import type { SeriesEar, SeriesTap } from './series-tap.ts';
import type { SlotRing } from './slot-ring.ts';

/** An input of a rule, as the feed looks for it. */
export interface Wanted {
  readonly rule: SeriesRule;
  readonly index: number;
  readonly input: SeriesInput;
  readonly fits: LabelPredicate;
  /** Rings by the labels of their series, so that history and what comes live meet in the same. */
  readonly rings: Map<string, SlotRing>;
}

/** The inputs that read one metric, found quickly by a label that must be equal. */
export class WantedMetric {
  readonly #byLabel = new Map<string, Map<string, Wanted[]>>();
  readonly #others: Wanted[] = [];

  add(wanted: Wanted): void {
    const equal = wanted.input.matchers.find((each) => each.op === '=' && each.value !== '');
    if (!equal) {
      this.#others.push(wanted);
      return;
    }
    let values = this.#byLabel.get(equal.name);
    if (!values) {
      values = new Map();
      this.#byLabel.set(equal.name, values);
    }
    const list = values.get(equal.value);
    if (list) list.push(wanted);
    else values.set(equal.value, [wanted]);
  }

  /** Every input that reads a series with these labels. */
  of(labels: Labels, kind: SeriesKind): Wanted[] {
    const found: Wanted[] = [];
    const look = (list: readonly Wanted[]) => {
      for (const each of list) {
        if (each.input.isSketch === true && kind !== 'sketch') continue;
        if (each.fits(labels)) found.push(each);
      }
    };
    look(this.#others);
    for (const [name, values] of this.#byLabel) {
      const list = Object.hasOwn(labels, name) ? values.get(labels[name]!) : undefined;
      if (list) look(list);
    }
    return found;
  }
}

/** Sorts the inputs of rules by the metric they read. */
export function wantedOf(rules: readonly SeriesRule[]): Map<string, WantedMetric> {
  const metrics = new Map<string, WantedMetric>();
  for (const rule of rules) {
    for (const [index, input] of rule.plan.inputs.entries()) {
      let metric = metrics.get(input.name);
      if (!metric) {
        metric = new WantedMetric();
        metrics.set(input.name, metric);
      }
      metric.add({ rule, index, input, fits: compileMatchers(input.matchers), rings: new Map() });
    }
  }
  return metrics;
}

/** The ring of a series in an input; undefined when the rule has no room for it. */
export function ringOf(wanted: Wanted, labels: Labels, text: string): SlotRing | undefined {
  const known = wanted.rings.get(text);
  if (known) return known;
  const ring = wanted.rule.groups.ring(wanted.index, labels);
  if (ring) wanted.rings.set(text, ring);
  return ring;
}

/** Lets rules hear what is appended from now on. */
export function listen(
  tap: SeriesTap,
  metrics: ReadonlyMap<string, WantedMetric>,
  textOf: (labels: Labels) => string,
): void {
  for (const [name, metric] of metrics) {
    tap.watch(name, (labels, kind) => metric.of(labels, kind).map((wanted) => earOf(wanted, labels, textOf(labels))));
  }
}

function earOf(wanted: Wanted, labels: Labels, text: string): SeriesEar {
  const { slotMs, groups } = wanted.rule;
  let ring = ringOf(wanted, labels, text);
  let group = groups.group(labels);
  // A group that was given up because its series was gone begins anew when it comes back.
  const current = (): SlotRing | undefined => {
    if (group && groups.has(group)) return ring;
    wanted.rings.delete(text);
    ring = ringOf(wanted, labels, text);
    group = ring && groups.group(labels);
    return ring;
  };
  return {
    point: (at, value) => current()?.add(Math.floor(at / slotMs), value),
    sketch: (at, sketch) => current()?.addSketch(Math.floor(slotStart(at, slotMs) / slotMs), sketch),
  };
}

/** The store keeps distributions by the minute; what is heard live counts in the same place. */
function slotStart(at: number, slotMs: number): number {
  return slotMs >= 60_000 ? at : Math.floor(at / 60_000) * 60_000;
}
