import { z } from 'zod';
import type { ScriptResult } from './types.ts';

const PREFIX = 'BOOTMEDIC-RESULT ';
const MAX_BYTES = 3072;

const text = z.string().max(1024);
const line = z.object({
  token: z.string(),
  outcome: z.enum(['fixed', 'nothing-to-do', 'not-applicable', 'failed', 'reverted']),
  code: z.string().regex(/^[a-z0-9-]{1,64}$/),
  findings: z.array(
    z.object({ id: z.string().regex(/^[a-z0-9-]{1,64}$/), confidence: z.enum(['certain', 'likely', 'possible']), evidence: text }),
  ),
  actions: z.array(z.object({ what: text, target: text, before: text.nullable(), after: text.nullable(), revertable: z.boolean() })),
  warnings: z.array(text),
});

/**
 * What a script said of itself: the last line of its output that begins with `BOOTMEDIC-RESULT`, if it is at most 3 KB, has this run's token and
 * fits the schema; else null. Its texts come from somebody else's disk: escape them before showing them.
 */
export function parseResult(output: string, token: string): ScriptResult | null {
  const last = output.split(/\r\n|\r|\n/).findLast(each => each.startsWith(PREFIX));
  if (last === undefined || token === '' || Buffer.byteLength(last) > MAX_BYTES) return null;
  const parsed = line.safeParse(asJson(last.slice(PREFIX.length)));
  if (!parsed.success || parsed.data.token !== token) return null;
  const { token: _, ...result } = parsed.data;
  return result;
}

function asJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
