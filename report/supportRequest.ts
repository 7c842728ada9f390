/** A request to Microsoft's support, ready to file: what an engineer asks first, from the record. */
import type { DumpHeader } from '../diagnosis/index.ts';
import type { RepairStory } from '../functions/activities/contract.ts';
import type { RepairRecord, WriteEntry } from '../records/index.ts';
import { code, facts, heading, list, pre, type Report, type Section, strong, type Text, table, text, time } from './document.ts';
import { headerOf, interrupted } from './sections/dump.ts';
import { badgeOf, vmName } from './sections/outcome.ts';
import { size } from './words.ts';

/** Requests listed: the newest, which storage of logs at Azure still has. */
const MOST = 60;

export function supportRequest({ story, writes }: RepairRecord): Report {
  const finding = story.diagnosis?.findings[0];
  const header = headerOf(story);
  const ofDump = header?.bugCheck ? `${header.bugCheck} ${header.bugCheckName ?? ''}`.trim() : null;
  const boots = story.outcome === 'repaired' || story.outcome === 'booted-unverified';
  const trouble = boots ? 'The VM did not boot; since the repair it does. The question is why it stopped: ' : 'The VM does not boot: ';
  const symptom = finding ? `${finding.stopCode} ${finding.stopName}`.trim() : (ofDump ?? story.diagnosis?.summary ?? 'it does not boot');
  const sections: (Section | null)[] = [
    { id: 'symptom', title: 'Problem', blocks: [text(trouble, strong(symptom), '. ', story.diagnosis?.summary ?? '')] },
    machine(story),
    codes(story),
    tried(story),
    attached(story),
    requests(writes),
  ];
  return {
    repairId: story.repairId,
    title: `Support request: ${vmName(story)} did not boot (${symptom})`,
    badge: badgeOf(story),
    headline:
      'Severity: choose it by what stands still. Problem type: Virtual Machine running Windows → Cannot start or boot → my VM is not booting.',
    notes: [],
    glance: [],
    sections: sections.filter(section => section !== null),
  };
}

function machine(story: RepairStory): Section {
  const { vm, request, diagnosis, restart, attempts, backup, downFrom, downUntil, startedAt, endedAt } = story;
  const boots = [...(restart ? [restart] : []), ...attempts.flatMap(({ boot }) => boot ?? [])];
  const seen = [...(diagnosis?.evidence ?? []), ...boots.flatMap(({ evidence }) => evidence)]
    .map(({ capturedAt }) => capturedAt)
    .toSorted();
  return {
    id: 'vm',
    title: 'Which VM, and when (UTC)',
    blocks: facts({
      'Resource id': [code(vm?.id ?? request.vmId)],
      Region: vm ? [vm.location, vm.zone === null ? '' : `, zone ${vm.zone}`] : null,
      Size: vm ? [vm.size] : null,
      'Generation and security': vm ? [`${vm.generation}, ${vm.securityType}`] : null,
      'OS disk': vm ? [code(vm.osDisk.id), ` ${size(vm.osDisk.sizeGb * 2 ** 30)} ${vm.osDisk.sku}`] : null,
      Windows: vm?.agent.osVersion ? [vm.agent.osVersion] : null,
      'Windows build': buildOf(story),
      'Last power event': vm?.powerChangedAt ? [time(vm.powerChangedAt)] : null,
      'First and last evidence': seen[0] && seen.at(-1) ? [time(seen[0]), ' to ', time(seen.at(-1) ?? '')] : null,
      'Repair tried': [time(startedAt), ' to ', time(endedAt)],
      'Newest backup': backup?.found?.newest ? [time(backup.found.newest)] : null,
      'Taken down by the repair': downFrom === null ? null : [time(downFrom), ' to ', downUntil === null ? 'not over' : time(downUntil)],
    }),
  };
}

function codes(story: RepairStory): Section | null {
  const header = headerOf(story);
  const found = story.diagnosis?.findings ?? [];
  const rows = found.map((each): Text[] => {
    const read = each.parameters.length > 0 ? each.parameters : sameCode(each.stopCode, header?.bugCheck) ? (header?.parameters ?? []) : [];
    return [
      [code(each.stopCode)],
      [each.stopName],
      read.length === 0 ? ['none known'] : [code(read.join(' ')), read === each.parameters ? '' : ', from the dump'],
      each.whatFailed === null ? [] : [code(each.whatFailed)],
      [each.confidence],
    ];
  });
  if (header?.bugCheck && !found.some(({ stopCode }) => sameCode(stopCode, header.bugCheck))) rows.push(ofDump(header, story.interrupt));
  if (rows.length === 0) return null;
  const blocks = table('Stop codes, the likeliest first', ['Code', 'Name', 'Parameters', 'What failed', 'Confidence'], rows);
  return { id: 'codes', title: 'Codes and parameters', blocks };
}

/** A stop that the screen and the log did not show. */
function ofDump({ bugCheck, bugCheckName, parameters, meaning }: DumpHeader, interrupt: RepairStory['interrupt']): Text[] {
  const forced = bugCheck === interrupted && interrupt != null && interrupt.sent !== 'no';
  return [
    [code(bugCheck ?? '')],
    [bugCheckName ?? ''],
    parameters.length === 0 ? ['none known'] : [code(parameters.join(' '))],
    [meaning.join('; ')],
    [forced ? 'read from the dump that the repair’s interrupt made' : 'read from the dump'],
  ];
}

/** `0xEF` and `0x000000EF` are one. */
function sameCode(one: string, other: string | null | undefined): boolean {
  const bare = (text: string) => /^0x0{0,16}([0-9a-f]{1,16})$/i.exec(text)?.[1]?.toLowerCase();
  return other != null && bare(one) !== undefined && bare(one) === bare(other);
}

/** As the dump's header says, or as the probe has read it on the disk. */
function buildOf(story: RepairStory): Text | null {
  const build = headerOf(story)?.build ?? null;
  if (build !== null) return [code(String(build)), ', from the dump'];
  const read = story.probe?.result?.findings.find(({ id }) => id === 'windows-build');
  return read ? [code(read.evidence), ', read on the disk'] : null;
}

function tried({ attempts, restart, refusals, headline }: RepairStory): Section {
  const steps: Text[] = [
    ...(restart === null ? [] : [[`Restart: ${restart.verdict}. ${restart.summary}`] as Text]),
    ...attempts.map((attempt): Text => {
      const scripts = attempt.scripts.map(({ script, result, state }) => `${script} ${result?.outcome ?? state}`).join(', ');
      return [
        strong(attempt.title),
        `: ${scripts || 'no script ran'}. `,
        attempt.boot === null ? 'No boot was tried.' : `Boot ${attempt.boot.verdict}: ${attempt.boot.summary}`,
      ];
    }),
    ...refusals.map(({ code: id, message }): Text => [code(id), ' ', message]),
  ];
  return { id: 'tried', title: 'What was tried', blocks: [text(headline), ...list(steps, true)] };
}

function attached({ dump, plan, attempts }: RepairStory): Section {
  const items: Text[] = [
    [
      dump.state === 'uploaded'
        ? 'The memory dump, in folder dump/ or where dump/README.txt says.'
        : `No memory dump (${dump.state}): ${dump.why}`,
    ],
    ['Serial logs and screenshots, in folder evidence/; what each proves is in report.html.'],
    ...(attempts.some(({ scripts }) => scripts.length > 0) ? [['Logs and result lines of every script, in folder scripts/.'] as Text] : []),
  ];
  const asked = (plan?.support ?? []).map((item): Text => [item]);
  const check = asked.length === 0 ? [] : [heading(3, 'What support asks for: check, and add what is missing'), ...list(asked)];
  return { id: 'attached', title: 'What is attached', blocks: [...list(items), ...check] };
}

function requests(writes: WriteEntry[]): Section | null {
  const rows = writes
    .slice(-MOST)
    .map((entry): Text[] => [
      [time(entry.at)],
      [`${entry.method} ${entry.operation}`],
      [String(entry.status)],
      [code(entry.requestId)],
      [code(entry.correlationId)],
    ]);
  const caption = `The newest ${rows.length} of ${writes.length} writes to Azure`;
  const blocks = table(caption, ['Time', 'Operation', 'Status', 'Request id', 'Correlation id'], rows);
  const all = pre('All of them', 'audit.jsonl');
  return rows.length === 0 ? null : { id: 'requests', title: 'Ids for Azure’s own logs', blocks: [...blocks, ...all] };
}
