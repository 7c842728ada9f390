/** The words that every schema of a record shares. */
import { z } from 'zod';
import type { OutcomeKind } from '../functions/activities/contract.ts';

/** ISO 8601 with a time zone. */
export const instant = z.iso.datetime({ offset: true });

export const modes = ['observe', 'review', 'auto'] as const;
export const outcomes = [
  'repaired',
  'booted-unverified',
  'healthy',
  'refused',
  'rolled-back',
  'cancelled',
  'joined',
  'observed',
  'unknown',
  'needs-person',
] as const satisfies OutcomeKind[];

export const confidence = z.enum(['certain', 'likely', 'possible']);
export const harm = z.enum(['none', 'low', 'high']);
export const generation = z.enum(['V1', 'V2']);
