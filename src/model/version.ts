/** The package's version; `scripts/check.mjs` compares it with package.json. */
export const version = '0.1.0';
