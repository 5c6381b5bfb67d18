import { z } from 'zod';
import type { ChainView } from '../../model/api.ts';
import { at, name, number, text } from './base.ts';

const step = z.object({ at, from: z.string(), to: z.string(), reason: z.string() });

export const chainSchema = name(
  'Chain',
  z.object({
    chain: text,
    active: text,
    connections: z.array(
      z.object({
        check_id: z.string(),
        name: z.string(),
        order: number,
        state: z.enum(['closed', 'open', 'half-open']).nullable(),
        since_at: at.nullable(),
        trial_at: at.nullable(),
        active: z.boolean(),
        steps: z.array(step),
      }),
    ),
    moves: z.array(step),
  }) satisfies z.ZodType<ChainView>,
  'Database connections that stand in for each other, with their circuit breakers and what these did.',
);
