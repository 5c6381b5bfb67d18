import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * What no chart of ours uses: other shapes and scales, and the library's own way of writing times. uPlot reaches it all from its one big
 * function, where no bundler can see that it is never called. Each pair is a piece of its source and what stands there instead.
 */
const cuts: readonly (readonly [string, string])[] = [
  ['(paths.stepped = stepped);', ''],
  ['(paths.bars    = bars);', ''],
  ['(paths.spline  = monotoneCubic);', ''],
  ['uPlot.tzDate  = tzDate;', ''],
  ['uPlot.fmtDate = fmtDate;', ''],
  ['uPlot.rangeLog = rangeLog;', ''],
  ['uPlot.rangeAsinh = rangeAsinh;', ''],
  ['const [ timeIncrsMs, _timeAxisStampsMs, timeAxisSplitsMs ] = genTimeStuffs(1);', ''],
  ['const [ timeIncrsS,  _timeAxisStampsS,  timeAxisSplitsS  ] = genTimeStuffs(1e-3);', ''],
  ['(opts.fmtDate || fmtDate)', 'opts.fmtDate'],
  ['(ms == 1 ? timeAxisSplitsMs(_tzDate) : timeAxisSplitsS(_tzDate))', 'numAxisSplits'],
  ['timeAxisVals(_tzDate, timeAxisStamps((ms == 1 ? _timeAxisStampsMs : _timeAxisStampsS), _fmtDate))', 'numAxisVals'],
  ['timeSeriesVal(_tzDate, timeSeriesStamp(_timeSeriesStamp, _fmtDate))', 'numSeriesVal'],
  ['(isStr(sv) ? timeSeriesVal(_tzDate, timeSeriesStamp(sv, _fmtDate)) : sv || _timeSeriesVal)', 'sv || numSeriesVal'],
  ['(isTime ? (ms == 1 ? timeIncrsMs : timeIncrsS) : numIncrs)', 'numIncrs'],
  ['timeAxisVals(_tzDate, timeAxisStamps(av, _fmtDate))', 'av'],
  ['timeAxisVal(_tzDate, av)', 'av'],
  ['sc.distr == 3 ? logAxisSplits : sc.distr == 4 ? asinhAxisSplits : numAxisSplits', 'numAxisSplits'],
  [
    'sc.distr >= 3 && sc.log == 10 ? log10AxisValsFilt : sc.distr == 3 && sc.log == 2 ? log2AxisValsFilt : retArg1',
    'retArg1',
  ],
];

const slimCharts: Plugin = {
  name: 'slim-charts',
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return null;
    const missing = cuts.filter(([from]) => !code.includes(from));
    if (missing.length > 0)
      throw new Error(`uPlot has changed; look at slimCharts in vite.config.ts: ${missing[0]?.[0]}`);
    return { code: cuts.reduce((text, [from, to]) => text.replace(from, () => to), code), map: null };
  },
};

/** Everything of the first screen but the charts is one file: pieces of a few kB compress badly and cost a request each. */
const firstScreen =
  /node_modules\/(@?preact)|dashboard\/(data\/(?!checks)|frame\/(?!login|help)|show\/(answer|chart|plot|overlays|palette|time-axis|format|status|icons|spark|timeline)\.|pages\/overview)|model\/duration/;

/** Builds the dashboard into `dist/dashboard`; the server gives these files out below `/monitoring/`. */
export default defineConfig({
  root: here,
  base: '/monitoring/',
  plugins: [slimCharts],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // light-dark() and nesting are passed through: these browsers know them.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // A data: address would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // The names of all other pages' files stand in the first screen, and nothing compresses a hash.
        hashCharacters: 'base36',
        entryFileNames: 'assets/[name]-[hash:6].js',
        chunkFileNames: 'assets/[name]-[hash:6].js',
        assetFileNames: 'assets/[name]-[hash:6][extname]',
        codeSplitting: { groups: [{ name: 'first', test: firstScreen }] },
      },
    },
  },
});
