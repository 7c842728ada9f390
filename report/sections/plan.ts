/** What an approval lets happen: every write to Azure and every script, each with its class of safety. */
import type { Attempt, EvidencePlan, Plan, PlannedWrite, ScriptStep } from '../../functions/activities/contract.ts';
import { type Block, code, heading, list, note, pre, type Section, strong, type Text, table, tag, text } from '../document.ts';
import { counted, duration, shortId, shortOperation, type Tone } from '../words.ts';

/** The one drawing of a plan: in the report and on the live page. */
export function planSection(plan: Plan | null, evidencePlan: EvidencePlan | null | undefined): Section | null {
  if (plan === null) return evidencePlan ? seeing(evidencePlan) : null;
  const steps = [...plan.attempts.flatMap(attempt => attempt.scripts.map(step => ({ attempt: attempt.title, step })))];
  const before = plan.beforeBoot.map(step => ({ attempt: 'before the boot', step }));
  return {
    id: 'plan',
    title: 'The plan',
    blocks: [
      text(strong(plan.playbook.title), `. Expected downtime: ${duration(plan.expectedDowntimeSeconds)}.`),
      ...asks(plan.missingConsents),
      ...passing(plan.passes ?? []),
      text(plan.restart.wanted ? 'First one restart: ' : 'No restart first: ', plan.restart.why, '.'),
      ...writeTable(plan.writes),
      ...table('Scripts on the copy, in order', ['Attempt', 'Script', 'Why', 'Class', 'From'], [...steps, ...before].map(scriptRow)),
      ...list(plan.attempts.flatMap(ifHung)),
      heading(3, 'What stays afterwards'),
      ...list(plan.keeps.map(kept => [kept])),
      ...pre('Hash that an approval names', plan.hash),
    ],
  };
}

function seeing({ why, writes, keeps, missingConsents, hash }: EvidencePlan): Section {
  return {
    id: 'plan',
    title: 'The plan to see the VM',
    blocks: [
      text(why, ' The VM is not taken down by this.'),
      ...asks(missingConsents),
      ...writeTable(writes),
      heading(3, 'What stays afterwards'),
      ...list(keeps.map(kept => [kept])),
      ...pre('Hash that an approval names', hash),
    ],
  };
}

function ifHung({ title, ifHung: step }: Attempt): Text[] {
  if (!step) return [];
  return [[strong(title), ': only if that boot hangs, and with the consent ', step.consent, ` (${origins[step.origin]}): ${step.why}`]];
}

const asks = (consents: string[]): Block[] => (consents.length === 0 ? [] : [note('warn', 'Asks for consent to: ', consents.join(', '))]);

/** Said before anything else: whoever approves lets this be no reason to stop. */
function passing(passes: string[]): Block[] {
  return passes.map(what => note('warn', 'Without force this repair would stop, because of ', what, '.'));
}

/** What a person decides about comes first; all that is done, in order, is one click behind it. */
function writeTable(writes: PlannedWrite[]): Block[] {
  const columns = ['Phase', 'Write', 'On', 'Why', 'Class'];
  const takes = writes.filter(({ destructive }) => destructive);
  const all = (caption: string, folded: boolean) => table(caption, columns, writes.map(writeRow), folded);
  if (writes.length <= 5) return all('Writes to Azure, in order', false);
  return [
    text(`${counted(writes.length, 'write')} to Azure, of which ${takes.length} ${takes.length === 1 ? 'takes' : 'take'} something away.`),
    ...table('What takes something away', columns, takes.map(writeRow)),
    ...all(`Writes to Azure, in order: all ${writes.length}`, true),
  ];
}

function writeRow({ phase, operation, target, why, destructive, undo, atMost }: PlannedWrite): Text[] {
  return [
    [phase],
    [strong(shortOperation(operation)), atMost > 1 ? ` at most ${atMost} times` : ''],
    [code(shortId(target))],
    [why],
    destructive ? [tag('takes something away', 'warn'), ' undone by: ', undo] : [tag('adds or reads', 'good')],
  ];
}

/** The class in a word or two; the rest of what it means follows. */
const classes: Record<ScriptStep['safety'], [word: string, tone: Tone, more: string]> = {
  auto_safe: ['reads only', 'good', ''],
  auto_with_snapshot: ['reversible', 'info', ' writes to the copy only, the prior value is kept'],
  consent: ['needs consent', 'warn', ''],
  manual_only: ['by a person', 'bad', ' only'],
};

const origins: Record<ScriptStep['origin'], string> = {
  doc: 'Microsoft’s article',
  derived: 'derived',
  operator: 'a person',
  'operator-rule': 'operator rule',
};

function scriptRow({ attempt, step }: { attempt: string; step: ScriptStep }): Text[] {
  const [word, tone, more] = classes[step.safety];
  return [[attempt], [code(step.script)], [step.why], [tag(word, tone), more], [origins[step.origin]]];
}
