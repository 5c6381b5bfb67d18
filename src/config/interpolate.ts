import { namesSecret } from './mask.ts';

export interface Interpolated {
  readonly text: string;
  /** Variables that were used. */
  readonly variables: readonly string[];
  /** Variables without value and without default. */
  readonly missing: readonly string[];
  /** True when a variable that was put in holds a secret by its name. */
  readonly secret: boolean;
}

/**
 * Puts environment variables into a text: `${NAME}`, `${NAME:-default}` (also for an empty variable); `$${` stands for a plain `${`.
 */
export function interpolate(text: string, env: Readonly<Record<string, string | undefined>>): Interpolated {
  const variables: string[] = [];
  const missing: string[] = [];
  const result = text.replaceAll(
    /\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
    (whole, escaped: string | undefined, name: string, fallback: string | undefined) => {
      if (escaped !== undefined) return escaped;
      variables.push(name);
      const value = env[name];
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback !== undefined) return fallback;
      missing.push(name);
      return whole;
    },
  );
  return { text: result, variables, missing, secret: variables.some(namesSecret) };
}
