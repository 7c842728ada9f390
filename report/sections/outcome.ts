import type { Refusal, RepairStory } from '../../functions/activities/contract.ts';
import type { RepairRecord } from '../../records/index.ts';
import { type Block, code, type Fact, factList, facts, list, note, type Section, strong, type Text, text, time } from '../document.ts';
import { type Badge, badgeFor, duration, secondsBetween, size } from '../words.ts';
import { planSection } from './plan.ts';

/** A story that nobody has concluded yet reads as it began. */
const underWay = (story: RepairStory) => story.outcome === 'unknown' && story.startedAt === story.endedAt;

export function badgeOf(story: RepairStory): Badge {
  return underWay(story) ? { word: 'Under way', tone: 'info', icon: 'info' } : badgeFor(story.outcome);
}

/** What a reader must know before believing the rest. */
export function notesOn(story: RepairStory): { tone: 'info'; text: Text }[] {
  if (underWay(story)) return [{ tone: 'info', text: ['The repair had not ended when this was written: it tells what was known so far.'] }];
  if (story.cleanedUp || story.outcome === 'joined') return [];
  return [{ tone: 'info', text: ['Written before the clean-up had ended: what is left behind may still become less.'] }];
}

export function vmName({ vm, request }: RepairStory): string {
  return vm?.name ?? request.vmId.split('/').at(-1) ?? request.vmId;
}

/** What a person looks for first. */
export function glance(story: RepairStory): Fact[] {
  const finding = story.diagnosis?.findings[0];
  const down = secondsBetween(story.downFrom, story.downUntil);
  return factList({
    VM: [strong(vmName(story))],
    Found: finding ? [strong(finding.stopCode), ` ${finding.stopName}`] : null,
    'Downtime by us': story.downFrom === null ? ['none'] : [strong(down === null ? 'not over yet' : duration(down))],
    Ended: underWay(story) ? null : [time(story.endedAt)],
  });
}

/** Which VM, who asked, when. */
export function about({ story, writes }: RepairRecord): Section {
  const { vm, request } = story;
  const took = secondsBetween(story.startedAt, story.endedAt);
  const blocks = facts({
    'Resource id of the VM': [code(vm?.id ?? request.vmId)],
    Place: vm ? [vm.location, vm.zone === null ? '' : `, zone ${vm.zone}`] : null,
    Machine: vm ? [`${vm.size}, ${size(vm.memoryMb * 2 ** 20)} memory, ${generationOf(vm)}`] : null,
    'OS disk before': vm ? [code(vm.osDisk.name), ` ${size(vm.osDisk.sizeGb * 2 ** 30)} ${vm.osDisk.sku}`] : null,
    'Asked by': [code(request.requestedBy), ' at ', time(request.requestedAt)],
    'Mode asked for': [request.mode ?? 'as the scope’s settings say'],
    Began: [time(story.startedAt)],
    Took: took === null || underWay(story) ? null : [duration(took)],
    'Correlation id': writes[0] ? [code(writes[0].correlationId)] : null,
  });
  return { id: 'about', title: 'About this repair', blocks };
}

function generationOf({ generation, securityType }: { generation: 'V1' | 'V2'; securityType: string }): string {
  return `generation ${generation === 'V1' ? '1' : '2'}${securityType === 'Standard' ? '' : `, ${securityType}`}`;
}

export function nextSteps(story: RepairStory): Section {
  const joined: Text[] = story.joinedTo === null ? [] : [['Follow repair ', code(story.joinedTo), ': it does the work.']];
  const asked = [...joined, ...unique(story.nextSteps).map((step): Text => [step])];
  const blocks: Block[] = asked.length > 0 ? list(asked, true) : [text('Nothing has to be done now.')];
  return { id: 'next', title: 'What to do next', blocks: [...blocks, ...story.refusals.map(refusal => refused(refusal, story))] };
}

function refused({ code: id, message, remedy }: Refusal, { nextSteps }: RepairStory): Block {
  return note('warn', strong(message), ' ', nextSteps.includes(remedy) ? '' : remedy, ' (', code(id), ')');
}

/** What was going to be done, where nothing of it was carried out yet. */
export function plan({ plan, evidencePlan, attempts, restart }: RepairStory): Section | null {
  // After a restart that cured nothing of the rest follows.
  const begun = plan !== null && (attempts.length > 0 || restart?.verdict === 'repaired');
  return begun ? null : planSection(plan, evidencePlan);
}

const unique = (steps: string[]) => [...new Set(steps)];
