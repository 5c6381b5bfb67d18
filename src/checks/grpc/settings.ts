import { z } from 'zod';
import { socketKeys } from '../tcp/settings.ts';

/** The keys of endpoints of type `grpc`. */
export const grpcKeys = {
  ...socketKeys,
  service: z
    .string()
    .max(200)
    .default('')
    .describe('Service whose health is asked (grpc.health.v1.Health/Check); empty asks for the server as a whole.'),
  secure: z.boolean().default(false).describe('true speaks TLS.'),
};
