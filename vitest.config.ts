import { transform } from 'esbuild';
import { defineConfig, type Plugin } from 'vitest/config';

/** Vite's compiler does not lower standard decorators; only files that use them go through esbuild. */
const lowerDecorators: Plugin = {
  name: 'lower-decorators',
  enforce: 'pre',
  async transform(code, id) {
    if (!id.endsWith('.ts') || !/^\s*@\w|\{\s*@\w/m.test(code)) return null;
    const out = await transform(code, {
      loader: 'ts',
      target: 'es2022',
      sourcefile: id,
      sourcemap: 'external',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    return { code: out.code, map: out.map };
  },
};

export default defineConfig({
  plugins: [lowerDecorators],
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
