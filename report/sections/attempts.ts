import type {
  AttemptRecord,
  BootRecord,
  InterruptEnd,
  Plan,
  RepairStory,
  ScriptEnd,
  ScriptResult,
  ScriptStep,
} from '../../functions/activities/contract.ts';
import {
  type Block,
  code,
  facts,
  heading,
  link,
  list,
  note,
  pre,
  type Section,
  strong,
  type Text,
  table,
  tag,
  text,
  time,
} from '../document.ts';
import { duration, secondsBetween, size, type Tone } from '../words.ts';
import { isHeader, upload } from './dump.ts';
import { evidenceTable } from './finding.ts';

const outcomeTones: Record<ScriptResult['outcome'], Tone> = {
  fixed: 'good',
  'nothing-to-do': 'info',
  'not-applicable': 'info',
  failed: 'bad',
  reverted: 'warn',
};
const bootTones: Record<'repaired' | 'failed' | 'booted-unverified', Tone> = {
  repaired: 'good',
  failed: 'bad',
  'booted-unverified': 'warn',
};
const safeties: Record<ScriptStep['safety'], string> = {
  auto_safe: 'reads only',
  auto_with_snapshot: 'writes to the repair disk only, the prior value is kept',
  consent: 'needs consent',
  manual_only: 'done by a person only',
};

/** What each script found and changed on the repair disk, and how each boot went. */
export function attempts(story: RepairStory): Section | null {
  const { plan, restart } = story;
  if (story.attempts.length === 0 && story.probe === null && restart === null) return null;
  const repaired = story.attempts.length > 0 || story.probe !== null;
  return {
    id: 'attempts',
    title: 'What was tried',
    blocks: [
      ...(plan ? [text('Playbook: ', strong(plan.playbook.title), ' — ', link(plan.playbook.article))] : []),
      ...(restart
        ? [heading(3, 'One restart, before anything else'), text(plan?.restart.why ?? ''), ...bootBlocks(restart, 'its own disk')]
        : []),
      ...(repaired && plan && !restart ? [text(`No restart was tried: ${plan.restart.why}.`)] : []),
      ...(repaired ? [text('Every script ran against the repair disk, a copy: the original OS disk was not written to.')] : []),
      ...(story.probe ? [heading(3, 'A look at the disk, reading only'), ...script(story.probe, undefined, story)] : []),
      ...story.attempts.flatMap((attempt, n) => attemptBlocks(attempt, n + 1, story)),
    ],
  };
}

const origins: Record<ScriptStep['origin'], string> = {
  doc: ' (Microsoft’s article names this step)',
  derived: ' (we derived this step from the article’s causes)',
  operator: ' (a person gave this script)',
  'operator-rule': ' (an operator’s rule in the settings says so)',
};

function attemptBlocks({ attempt, title, scripts, boot }: AttemptRecord, number: number, story: RepairStory): Block[] {
  // What was done once more is a step of an earlier attempt.
  const steps = [...stepsOf(story.plan, attempt), ...(story.plan?.attempts.flatMap(each => each.scripts) ?? [])];
  return [
    heading(3, `Attempt ${number}: ${title}`),
    ...(scripts.length === 0 ? [text('No script of it was run.')] : []),
    ...scripts.flatMap(end =>
      script(
        end,
        steps.find(({ script }) => script === end.script),
        story,
      ),
    ),
    ...copiesGivenUp(scripts, story),
    ...(boot === null ? [text('No boot was tried after it.')] : bootBlocks(boot, 'the repair disk')),
    ...interruptBlocks(story, boot),
  ];
}

/** A script that was cut off costs its copy; what follows it ran on a fresh one. */
function copiesGivenUp(scripts: ScriptEnd[], { copies = [] }: RepairStory): Block[] {
  return copies.flatMap(({ name, givenUp, deleted }, n) => {
    if (givenUp === null || !scripts.some(({ run }) => run === givenUp.run)) return [];
    const next = copies[n + 1];
    const then: Text = next ? [' What follows ran on a fresh copy of the same snapshot, ', code(next.name), '.'] : [' No other was made.'];
    const gone = deleted ? 'It was deleted.' : 'It had not been deleted when this was written.';
    return [note('warn', `${givenUp.why}.`), text('Copy ', code(name), ' was given up at ', time(givenUp.at), `. ${gone}`, ...then)];
  });
}

/** Beside the boot in which it was sent, or would have been. */
function interruptBlocks({ plan, interrupt }: RepairStory, boot: BootRecord | null): Block[] {
  const step = plan?.attempts.find(({ ifHung }) => ifHung)?.ifHung;
  if (!interrupt || !step || boot === null || interrupt.at < boot.startedAt || interrupt.at > boot.endedAt) return [];
  return [
    heading(4, 'Non-maskable interrupt ', tag(interruptWords[interrupt.sent][0], interruptWords[interrupt.sent][1])),
    ...facts({
      Why: [
        step.why,
        step.origin === 'doc' ? ' (Microsoft’s article names this step)' : ' (we derived this step from the article’s causes)',
      ],
      Safety: [safeties[step.safety]],
      At: [time(interrupt.at)],
      End: [interrupt.why],
    }),
  ];
}

const interruptWords: Record<InterruptEnd['sent'], [string, Tone]> = {
  yes: ['sent', 'good'],
  unknown: ['may have been sent', 'warn'],
  no: ['not sent', 'warn'],
};

function stepsOf(plan: Plan | null, attempt: string): ScriptStep[] {
  return [...(plan?.attempts.find(({ id }) => id === attempt)?.scripts ?? []), ...(plan?.beforeBoot ?? [])];
}

function script(end: ScriptEnd, step: ScriptStep | undefined, story: RepairStory): Block[] {
  const { result } = end;
  const took = secondsBetween(end.startedAt, end.endedAt);
  const state: Text = result ? [tag(result.outcome, outcomeTones[result.outcome])] : [tag(`no result line: ${end.state}`, 'bad')];
  return [
    heading(4, code(end.script), ' ', ...state),
    ...facts({
      Why: step ? [step.why, origins[step.origin]] : null,
      Copy: end.copy === undefined ? null : [`number ${end.copy}`, end.again ? ', which lacked what it had changed before' : ''],
      Safety: step ? [safeties[step.safety]] : null,
      Code: result ? [code(result.code)] : null,
      Ran: [time(end.startedAt), took === null ? '' : `, ${duration(took)}`],
      Log: [code(end.log)],
      Script: [
        'SHA-256 ',
        code(step?.own ? end.scriptSha256 : end.scriptSha256.slice(0, 12)),
        ...(step?.own ? [' of ', code(step.own.name), ', kept as evidence ', code(step.own.blob)] : []),
        ...(end.exitCode === null ? [] : [`, exit code ${end.exitCode} (not taken as evidence)`]),
      ],
    }),
    ...(result ? resultBlocks(result, end, story) : pre('Its last lines', end.tail)),
  ];
}

function resultBlocks({ outcome, findings, actions, warnings }: ScriptResult, end: ScriptEnd, story: RepairStory): Block[] {
  const changes = actions.map((action): Text[] => [
    [action.what],
    [code(action.target)],
    [action.before === null ? 'nothing' : code(action.before)],
    [action.after === null ? 'nothing' : code(action.after)],
    [action.revertable ? 'yes' : 'no'],
  ]);
  return [
    ...list(findings.filter(found => !isHeader(found)).map(found => finding(found, story))),
    ...(changes.length === 0 && outcome !== 'fixed' ? [text('It changed nothing.')] : []),
    ...table(`Changed by ${end.run}`, ['What', 'Where', 'Before', 'After', 'Revertable'], changes),
    ...(actions.some(({ revertable }) => revertable) ? [howToRevert(end, story)] : []),
    ...warnings.map(warning => note('warn', warning)),
  ];
}

function finding(found: ScriptResult['findings'][number], { repairId }: RepairStory): Text {
  const said = upload(found, repairId)?.said ?? [code(measured(found))];
  return ['Found ', strong(found.id), ` (${found.confidence}): `, ...said];
}

function howToRevert({ script }: ScriptEnd, { repairId }: RepairStory): Block {
  const manifest = code(`\\bootmedic\\${repairId}\\`);
  return text('To revert: run ', code(script), ' in mode ', code('Revert'), ' on the disk; the prior values are in ', manifest, ' on it.');
}

function bootBlocks(boot: BootRecord, disk: string): Block[] {
  const took = secondsBetween(boot.startedAt, boot.endedAt);
  return [
    heading(4, `Boot from ${disk} `, tag(boot.verdict, bootTones[boot.verdict])),
    text(boot.summary),
    ...facts({ Started: [time(boot.startedAt)], Watched: took === null ? null : [`for ${duration(took)}`] }),
    ...evidenceTable('Evidence after this boot', boot.evidence),
  ];
}

/** A count of bytes as a size: nobody reads eleven digits. */
function measured({ id, evidence }: Parameters<typeof upload>[0]): string {
  return id.endsWith('-bytes') && /^\d{1,15}$/.test(evidence) ? size(Number(evidence)) : evidence;
}
