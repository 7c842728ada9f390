/** The question before a decision: it names the VM and what follows. A page of its own, so that it needs no JavaScript. */
import type { View } from '../../functions/triggers/views.ts';
import { type Block, code, factList, list, strong, type Text, tag, text } from '../document.ts';
import { cutTo, type Measure, shortened } from '../fit.ts';
import { counted, duration, shortId, shortOperation } from '../words.ts';
import { nameOf, pathTo } from './list.ts';
import { placeOf } from './repair.ts';

export interface Confirmation {
  view: View;
  verb: 'approve' | 'reject' | 'cancel';
  /** Goes with the form and must come back. */
  csrf: string;
}

export function confirmPage({ view, verb, csrf }: Confirmation, measure: Measure) {
  const vm = cutTo(nameOf(view.vmId), 300);
  const whole: Text = ['the whole plan is in ', { page: `/api/repairs/${view.id}/report.html`, word: 'the report' }, '.'];
  const said = verb === 'approve' ? whatFollows(view, vm) : [text(verb === 'reject' ? rejected : cancelled)];
  const words = {
    approve: { question: `Approve the plan for ${vm}?`, yes: `Yes, go on with ${vm}`, danger: false },
    reject: { question: `Reject the plan for ${vm}?`, yes: `Yes, reject it for ${vm}`, danger: true },
    cancel: { question: `Cancel the repair of ${vm}?`, yes: `Yes, cancel it for ${vm}`, danger: true },
  }[verb];
  return {
    ...words,
    ...{ vm, csrf, planHash: view.planHash, back: pathTo(view.id), action: `${pathTo(view.id)}/${verb}` },
    tone: words.danger ? 'bad' : 'warn',
    facts: factList({
      VM: placeOf(view.vmId),
      Repair: [code(view.id)],
      Plan: verb === 'cancel' ? null : [code(view.planHash.slice(0, 12))],
    }),
    blocks: shortened([{ id: 'follows', title: '', blocks: said }], measure, whole).flatMap(({ blocks }) => blocks),
  };
}

const rejected = 'The repair ends, and puts back what it has changed. Nothing of the plan is done.';
const cancelled =
  'The repair stops at its next step; the VM gets its original OS disk and power state back. A disk that has booted is not taken away.';

function whatFollows({ plan, evidencePlan }: View, vm: string): Block[] {
  const asked = plan ?? evidencePlan;
  if (asked === null) return [text('There is no plan to read yet.')];
  const takes = asked.writes.filter(({ destructive }) => destructive);
  const down = plan === null ? 'is not taken down by it' : `is down for about ${duration(plan.expectedDowntimeSeconds)}`;
  return [
    text(strong(vm), ` ${down}. The plan has ${counted(asked.writes.length, 'write')} to Azure; these take something away:`),
    ...list(
      takes.map(write => [
        strong(shortOperation(write.operation)),
        ' on ',
        code(shortId(write.target)),
        `${write.atMost > 1 ? `, at most ${write.atMost} times` : ''}: ${write.why}. Undone by: ${write.undo}.`,
      ]),
    ),
    ...(asked.missingConsents.length === 0
      ? []
      : [text('You consent to: ', ...asked.missingConsents.flatMap(id => [tag(id, 'warn'), ' ']))]),
    ...(plan?.passes ?? []).map(what => text(tag('force', 'warn'), ' Without it this repair would stop, because of ', what, '.')),
  ];
}
