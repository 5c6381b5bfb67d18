/**
 * The numbers a fleet of services produces, made the same in every run: 1,000 series of ten kinds, one value every ten seconds.
 * 15 % constant, 12 % rarely changing integers, 13 % percentages with one or two decimals, 10 % memory in pages, 12 % latencies with three decimals,
 * 12 / 13 / 5 % slow, fast and byte counters, 4 % counters that add up floats, 4 % gauges with noise in every bit.
 * How much each kind moves is set so that the peers take about what they took of the mix this one is made after (VictoriaMetrics 1.22 bytes a
 * sample, Prometheus 3.25); of this one they take 1.31 and 3.43. Bytes a sample mean nothing without that: of calmer numbers everybody takes less.
 */

/** Uniform numbers in [0, 1): mulberry32, two draws for 53 bits. */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  const word = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return () => ((word() >>> 5) * 67_108_864 + (word() >>> 6)) / 9_007_199_254_740_992;
}

export type MixKind =
  | 'constant'
  | 'rare'
  | 'percent'
  | 'memory'
  | 'latency'
  | 'slow'
  | 'fast'
  | 'bytes'
  | 'sum'
  | 'noise';

const shares: readonly (readonly [MixKind, number])[] = [
  ['constant', 15],
  ['rare', 12],
  ['percent', 13],
  ['memory', 10],
  ['latency', 12],
  ['slow', 12],
  ['fast', 13],
  ['bytes', 5],
  ['sum', 4],
  ['noise', 4],
];

export interface MixSeries {
  readonly kind: MixKind;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly counter: boolean;
  /** The next value, ten seconds after the one before. */
  next(): number;
}

/** Makes the series; the same seed gives the same values. */
export function createMix(count: number, seed = 1): MixSeries[] {
  const kinds = shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  return Array.from({ length: count }, (_, i) => {
    // 37 is prime to 100: neighbours are of different kinds, as in real life.
    const kind = kinds[(i * 37) % 100]!;
    const counter = kind === 'slow' || kind === 'fast' || kind === 'bytes' || kind === 'sum';
    return {
      kind,
      counter,
      name: `bench_${kind}${counter ? '_total' : ''}`,
      labels: { host: `host-${Math.floor(i / 100)}`, item: `item-${i}` },
      next: generators[kind](createRandom(seed * 100_003 + i * 7919)),
    };
  });
}

type Random = () => number;
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const poisson = (random: Random, mean: number) => {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let n = 0;
  for (let product = random(); product > limit; product *= random()) n++;
  return n;
};

const generators: Record<MixKind, (random: Random) => () => number> = {
  constant(random) {
    const choices = [0, 1, 8, 4096 * Math.floor(random() * 4_000_000), Math.round(random() * 1000) / 10, 1_700_000_000];
    const value = choices[Math.floor(random() * choices.length)]!;
    return () => value;
  },
  rare(random) {
    let value = Math.floor(random() * 50);
    const chance = 0.003 + random() * 0.03;
    return () => {
      if (random() < chance) value = Math.max(0, value + Math.round(3 * normal(random)));
      return value;
    };
  },
  percent(random) {
    const mean = 5 + random() * 80;
    const spread = 0.5 + random() * 3;
    const power = random() < 0.5 ? 10 : 100;
    let drift = 0;
    return () => {
      drift = drift * 0.95 + normal(random) * spread * 0.3;
      return Math.round(Math.min(100, Math.max(0, mean + drift + spread * 0.4 * normal(random))) * power) / power;
    };
  },
  memory(random) {
    let pages = Math.floor(20_000 + random() * 400_000);
    const top = pages * 1.4;
    const floor = pages * 0.8;
    const growth = random() * 30;
    return () => {
      pages += Math.round(growth + 60 * normal(random));
      if (pages > top) pages = Math.round(floor + random() * 2000);
      if (pages < floor) pages = Math.round(floor);
      return pages * 4096;
    };
  },
  latency(random) {
    const median = Math.exp(Math.log(2) + random() * 3);
    const sigma = 0.1 + random() * 0.3;
    return () => Math.round(median * Math.exp(sigma * normal(random)) * 1000) / 1000;
  },
  slow(random) {
    const mean = 0.05 + random() * 2;
    let value = Math.floor(random() * 100_000);
    return () => {
      value += poisson(random, mean);
      return value;
    };
  },
  fast(random) {
    const mean = 20 + random() * 2000;
    let value = Math.floor(random() * 1e9);
    return () => {
      value += poisson(random, mean * (1 + 0.05 * normal(random)));
      return value;
    };
  },
  bytes(random) {
    const mean = 5e4 + random() * 5e5;
    let value = Math.floor(random() * 1e12);
    return () => {
      value += Math.max(0, Math.round(mean * (1 + 0.2 * normal(random))));
      return value;
    };
  },
  sum(random) {
    const mean = random() * 20;
    let value = random() * 1e5;
    return () => {
      value += mean * (0.5 + random());
      return value;
    };
  },
  noise(random) {
    const mean = random() * 100;
    return () => mean * (1 + 0.1 * normal(random));
  },
};
