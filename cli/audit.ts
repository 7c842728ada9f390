/** `bootmedic audit`: who had what done to Azure, request by request. */

import { z } from 'zod';
import { shortOperation } from '../report/words.ts';
import type { Client } from './client.ts';
import { headed, printable, type Terminal } from './terminal.ts';
import { nameOf } from './views.ts';

const text = z.string().transform(printable);
const write = z.object({
  at: text,
  operation: text,
  resource: text,
  status: z.number(),
  requestId: text,
  correlationId: text,
  answered: z.boolean().optional(),
  by: text.default(''),
  planHash: text.default(''),
  approvedBy: text.default(''),
  before: text.optional(),
  after: text.optional(),
});
const audit = z.object({ writes: z.array(write) });
type Write = z.infer<typeof write>;

/** @throws ZodError when the app answers something else; what it answers is returned as it is for machines */
export async function auditOf(client: Client, id: string): Promise<{ raw: unknown; writes: Write[] }> {
  const raw = await client.raw(`repairs/${id}/audit`);
  return { raw, writes: audit.parse(raw).writes };
}

export function auditText(writes: Write[], terminal: Terminal): string {
  if (writes.length === 0) return 'It has changed nothing in Azure.\n';
  const heads = ['time (UTC)', 'request', 'answer', 'asked by', 'plan', 'approved by', 'request id'];
  const rows = writes.map(each => [
    each.at.slice(0, 19).replace('T', ' '),
    whatOf(each),
    answerOf(each),
    each.by,
    each.planHash,
    each.approvedBy,
    each.requestId,
  ]);
  const body = headed(heads, rows, terminal);
  return `${body}\nIn Azure’s activity log: correlation id ${writes[0]?.correlationId}\n`;
}

function whatOf({ operation, resource, before, after }: Write): string {
  const name = nameOf(resource.replace(/\/(?:powerOff|start|attachDetachDataDisks)$/, ''));
  return `${shortOperation(operation)} ${name}${before && after ? ` (${nameOf(before)} → ${nameOf(after)})` : ''}`;
}

/** Nothing on record is not nothing done. */
function answerOf({ status, answered }: Write): string {
  if (status > 0) return String(status);
  return answered === false ? 'not recorded' : 'none';
}
