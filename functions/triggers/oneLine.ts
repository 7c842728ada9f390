import { z } from 'zod';

/** Names of people and alerts: one line of printable text. */
export const oneLine = z
  .string()
  .min(1)
  .max(500)
  .refine(text => !/\p{Cc}/u.test(text), { error: 'holds control characters', params: { remedy: 'give one line of plain text' } });
