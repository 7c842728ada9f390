/** `bootmedic plan`: what a repair would do to a VM, write by write. Nothing is done. */

import { z } from 'zod';
import { shortOperation } from '../report/words.ts';
import type { Client } from './client.ts';
import { headed, printable, type Terminal } from './terminal.ts';
import { nameOf, type View } from './views.ts';
import { elapsed, originWord } from './words.ts';

const text = z.string().transform(printable);
const told = z.object({
  finding: z.object({ title: text, stopCode: text, confidence: text }).nullable().catch(null),
  plan: z
    .object({
      hash: text,
      playbook: z.object({ id: text, title: text }),
      writes: z.array(
        z.object({ phase: text, operation: text, target: text, why: text, destructive: z.boolean(), undo: text, atMost: z.number() }),
      ),
      expectedDowntimeSeconds: z.number(),
      keeps: z.array(text),
      keepsPerDay: z.object({ amount: z.number(), currency: text }).nullish(),
      scripts: z
        .array(z.object({ script: text, mode: text, safety: text, origin: text, consent: text.nullable(), sha256: text }))
        .default([]),
      missingConsents: z.array(text),
      passes: z.array(text).default([]),
    })
    .nullable(),
});
export type Planned = z.infer<typeof told>;

/** The plan of a repair that has ended; what the app answers is returned as it is for machines. */
export async function planOf(client: Client, id: string): Promise<{ raw: unknown; planned: Planned }> {
  const raw = await client.raw(`repairs/${id}`);
  return { raw, planned: told.parse(raw) };
}

const WIDE = 44;

/** As a person reads it before consenting. */
export function planText({ finding, plan }: Planned, { vmId, headline, nextSteps }: View, terminal: Terminal): string {
  const { paint } = terminal;
  if (plan === null) return [`\n${headline}\n`, ...nextSteps.map(step => `  - ${step}\n`)].join('');
  const found = finding && `${finding.stopCode || finding.title}${finding.stopCode ? `, ${finding.title}` : ''} (${finding.confidence})`;
  const rows = plan.writes.map(({ phase, operation, target, why, destructive, undo, atMost }, n) => [
    String(n + 1),
    phase,
    `${shortOperation(operation)} ${nameOf(target)}${atMost > 1 ? `, at most ${atMost} times` : ''}${destructive ? ' (destructive)' : ''}`,
    why,
    undo,
  ]);
  const scripts = plan.scripts.map(each => [
    each.script,
    each.mode,
    each.consent ?? classes[each.safety] ?? each.safety,
    originWord(each.origin),
    each.sha256,
  ]);
  const { keepsPerDay } = plan;
  return [
    `\n${paint.bold(`Plan for ${nameOf(vmId)}`)}  ${plan.hash.slice(0, 12)}\n`,
    found ? `Found: ${found}. Playbook ${plan.playbook.id}: ${plan.playbook.title}.\n` : '',
    `The VM would be down for about ${elapsed(plan.expectedDowntimeSeconds)}, until its first boot.\n`,
    plan.missingConsents.length > 0 ? `It would wait for consent to: ${plan.missingConsents.join(', ')}.\n` : '',
    ...plan.passes.map(what => `It would pass, by that consent: ${what}.\n`),
    `\nWrites to Azure, in order:\n`,
    headed(['', 'phase', 'what', 'why', 'how it is undone'], rows, terminal, [undefined, undefined, WIDE, WIDE, WIDE]),
    scripts.length > 0 ? `\nScripts, on the repair VM alone:\n` : '',
    scripts.length > 0 ? headed(['script', 'mode', 'class or consent', 'origin', 'SHA-256'], scripts, terminal) : '',
    `\nKept afterwards${keepsPerDay ? `, at most ${keepsPerDay.amount.toFixed(2)} ${keepsPerDay.currency} a day together` : ''}:\n`,
    ...plan.keeps.map(what => `  - ${what}\n`),
    '\nNothing was done.\n',
  ].join('');
}

const classes: { [safety: string]: string } = { auto_safe: 'reads only', auto_with_snapshot: 'on the copy', manual_only: 'by a person' };
