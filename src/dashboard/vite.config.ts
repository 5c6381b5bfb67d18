import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Shapes and scales that no chart of ours has. uPlot hangs them on its class, where no bundler can see that nobody uses them. */
const unused = [
  '(paths.stepped = stepped);',
  '(paths.bars    = bars);',
  '(paths.spline  = monotoneCubic);',
  'uPlot.tzDate  = tzDate;',
];

const slimCharts: Plugin = {
  name: 'slim-charts',
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return null;
    const missing = unused.filter((line) => !code.includes(line));
    if (missing.length > 0)
      throw new Error(`uPlot has changed; look at slimCharts in vite.config.ts: ${missing.join(' ')}`);
    return { code: unused.reduce((text, line) => text.replace(line, ''), code), map: null };
  },
};

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
    rolldownOptions: { output: { hashCharacters: 'base36' } },
  },
});
