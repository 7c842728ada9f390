import { type DumpHeader, parseDumpHeader } from '../../diagnosis/index.ts';
import type { InterruptEnd, RepairStory, ScriptResult } from '../../functions/activities/contract.ts';
import { type Block, code, facts, list, note, type Section, strong, type Text, tag, text, time } from '../document.ts';
import { size, type Tone } from '../words.ts';
import { evidenceTable } from './finding.ts';

type Found = ScriptResult['findings'][number];

const dumpStates: Record<RepairStory['dump']['state'], [string, Tone]> = {
  uploaded: ['uploaded', 'good'],
  'found-not-uploaded': ['found, not uploaded', 'warn'],
  none: ['none found', 'warn'],
  'not-looked-for': ['not looked for', 'info'],
};

/** Whether there is a dump, where, and what its header says. */
export function dump({ dump, interrupt, attempts, plan, repairId }: RepairStory): Section | null {
  if (dump.state === 'not-looked-for' && plan === null) return null;
  const [word, tone] = dumpStates[dump.state];
  const looks = attempts.flatMap(({ scripts }) => scripts).filter(({ script }) => script === 'collect-dump');
  const uploads = looks.flatMap(({ result }) => (result?.findings ?? []).flatMap(found => upload(found, repairId) ?? []));
  const found = newest(looks);
  const header = found.find(isHeader);
  const others = found.filter(({ id }) => id !== 'dump-header' && id !== 'dump-uploaded');
  return {
    id: 'dump',
    title: 'Memory dump',
    blocks: [
      text(tag(word, tone), ...(uploads.length > 0 ? [] : [' ', dump.why])),
      ...(interrupt ? forced(interrupt, header ? parseDumpHeader(header.evidence) : null) : []),
      ...list(uploads.map(({ said }) => said)),
      ...list(others.map(({ id, evidence }) => [strong(id), ': ', code(evidence)])),
      ...(header ? triage(parseDumpHeader(header.evidence)) : []),
      ...(dump.state === 'uploaded'
        ? [note('warn', 'A dump holds what was in memory, passwords and personal data too: share it as carefully.')]
        : []),
    ],
  };
}

const newest = (looks: RepairStory['attempts'][number]['scripts']): Found[] =>
  looks.findLast(({ result }) => (result?.findings.length ?? 0) > 0)?.result?.findings ?? [];

/** What the newest dump's first page says; null = no script has told one. */
export function headerOf({ attempts }: Pick<RepairStory, 'attempts'>): DumpHeader | null {
  const looks = attempts.flatMap(({ scripts }) => scripts).filter(({ script }) => script === 'collect-dump');
  const header = newest(looks).find(isHeader);
  return header === undefined ? null : parseDumpHeader(header.evidence);
}

/** The bug check of a Windows that was interrupted: NMI_HARDWARE_FAILURE. */
export const interrupted = '0x00000080';

/** Whose moment the dump is of, or why nothing stopped a VM that hung. */
function forced({ at, sent, why, remedy, evidence }: InterruptEnd, header: DumpHeader | null): Block[] {
  if (sent === 'no') return [note('warn', 'No interrupt was sent to the VM, which hung: ', why, '.', remedy === null ? '' : ` ${remedy}`)];
  const ofIt = header?.bugCheck === interrupted;
  const other = header === null ? 'No dump came of it.' : 'The dump that was found is of another stop.';
  const moment = 'The dump is of that moment: it shows what Windows was at while it hung, and no failure of its own.';
  return [
    text(tag('forced', 'info'), ' At ', time(at), ': ', why, '. ', ofIt ? moment : other),
    ...evidenceTable('What COM1 said then', evidence),
  ];
}

/** The bytes of a dump's first page: nobody reads them, this section does. */
export const isHeader = ({ id }: Found): boolean => id === 'dump-header';

/** How large an uploaded dump is and where; null where a finding does not tell of one as collect-dump does, `<bytes> sha256:<hex>`. */
export function upload({ id, evidence }: Found, repairId: string): { said: Text } | null {
  const [, bytes, hash] = /^(\d{1,15}) sha256:([0-9a-f]{64})$/i.exec(evidence) ?? [];
  if (id !== 'dump-uploaded' || bytes === undefined || hash === undefined) return null;
  const blob = code(`${repairId}/memory.dmp`);
  return { said: [size(Number(bytes)), ' in container ', code('dumps'), ', blob ', blob, ', SHA-256 ', code(hash)] };
}

/** What a support engineer asks first, read from the dump's first page. */
function triage(header: DumpHeader): Block[] {
  const said = (value: string | number | null) => (value === null ? null : [code(String(value))]);
  return [
    ...(header.problem ? [text(`Its header: ${header.problem}.`)] : []),
    ...facts({
      'Bug check': header.bugCheck === null ? null : [code(`${header.bugCheck} ${header.bugCheckName ?? ''}`.trim())],
      Parameters: header.parameters.length === 0 ? null : [code(header.parameters.join(', '))],
      Meaning: header.meaning.length === 0 ? null : [header.meaning.join('; ')],
      Crashed: header.crashedAt === null ? null : [time(header.crashedAt), ', by the VM’s clock'],
      'Windows build': said(header.build),
      Kind:
        header.type === null
          ? null
          : [`${header.type} dump, ${header.machine ?? 'unknown machine'}, ${header.processors ?? '?'} processors`],
      'Size when complete': header.requiredBytes === null ? null : [size(header.requiredBytes)],
    }),
  ];
}
