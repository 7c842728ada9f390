import type { Diagnosis, Evidence, Finding } from '../../functions/activities/contract.ts';
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
import { counted, type Tone } from '../words.ts';
import { inWords } from './azureSays.ts';

const confidenceTones: Record<Finding['confidence'], Tone> = { certain: 'good', likely: 'info', possible: 'warn' };
const harms: Record<Finding['harm'], string> = {
  none: 'acting on it costs nothing, even if it is wrong',
  low: 'acting on it costs little if it is wrong',
  high: 'acting on it costs much if it is wrong',
};
const sights: Record<Diagnosis['sight'], string> = {
  'stop-screen': 'a Windows stop screen',
  'boot-manager-error': 'an error of the boot manager',
  'sign-in': 'a sign-in screen',
  updating: 'Windows working on updates',
  'undoing-changes': 'Windows undoing changes',
  'checking-disk': 'Windows checking a disk',
  loading: 'Windows loading',
  'key-prompt': 'a prompt for a BitLocker key',
  'recovery-environment': 'the Windows Recovery Environment',
  'setup-failed': 'Windows Setup, which cannot go on',
  'boot-menu': 'the boot menu',
  'linux-console': 'a Linux console',
  black: 'a black screen',
  blank: 'one colour and nothing on it',
  unrecognised: 'something we do not recognise',
  nothing: 'nothing: there is no picture and no log',
};
const kinds: Record<Evidence['kind'], string> = {
  'serial-log': 'serial log',
  screenshot: 'screenshot',
  'instance-view': 'instance view',
  'boot-diagnostics': 'boot diagnostics',
  'resource-health': 'resource health',
  'activity-log': 'activity log',
};

/** What was found, how sure we are, what it rests on and what speaks against it. */
export function finding(diagnosis: Diagnosis | null): Section | null {
  if (diagnosis === null) return null;
  const [first, ...others] = diagnosis.findings;
  return {
    id: 'finding',
    title: 'What was found',
    blocks: [
      text(diagnosis.summary),
      ...(first ? findingBlocks(first) : facts({ 'The console showed': [sights[diagnosis.sight]] })),
      ...(diagnosis.settledBy === null ? [] : [note('info', 'What would settle it: ', diagnosis.settledBy)]),
      ...(others.length > 0 ? [heading(3, 'Also possible')] : []),
      ...list(others.map(other => [strong(`${other.stopCode} ${other.stopName}`), ' ', confidence(other), ' ', ...contradicted(other)])),
      ...evidenceTable('Evidence before the repair', diagnosis.evidence),
    ],
  };
}

function findingBlocks(found: Finding): Block[] {
  return [
    ...facts({
      'Stop code': [strong(found.stopCode), ` ${found.stopName}`],
      Meaning: [found.title],
      Confidence: [confidence(found), ` — ${harms[found.harm]}`],
      'What failed': found.whatFailed === null ? null : [code(found.whatFailed)],
      Parameters: found.parameters.length === 0 ? null : [code(found.parameters.join('  '))],
      Playbook: [found.playbook === null ? 'none: no safe automatic repair is known' : code(found.playbook)],
      Article: found.article === null ? null : [link(found.article)],
    }),
    ...(found.advice.length > 0 ? [heading(3, 'What a person can do')] : []),
    ...list(
      found.advice.map(line => [code(line)]),
      true,
    ),
    ...(found.basis.length > 0 ? [heading(3, 'It rests on')] : []),
    ...list(found.basis.map(line => [code(line)])),
    heading(3, 'Against it'),
    ...(found.contradictions.length > 0 ? list(found.contradictions.map(line => [code(line)])) : [text('Nothing that was seen.')]),
  ];
}

const confidence = (found: Finding) => tag(found.confidence, confidenceTones[found.confidence]);

function contradicted({ contradictions }: Finding): Text {
  return contradictions.length === 0 ? [] : ['but: ', contradictions.join(' · ')];
}

/** What was seen, when, and whether it can say anything about the present. */
export function evidenceTable(caption: string, evidence: Evidence[]): Block[] {
  const rows = evidence.map((item): Text[] => [
    [kinds[item.kind]],
    [time(item.capturedAt)],
    [item.fresh ? tag('fresh', 'good') : tag('old', 'warn')],
    [code(item.blob)],
    [code(item.sha256.slice(0, 12))],
  ]);
  // A guest may write JSON too; what it says is quoted.
  const words = ({ kind, excerpt }: Evidence) => (kind === 'serial-log' ? null : inWords(excerpt));
  const read = evidence.filter(item => item.kind !== 'screenshot').map(item => ({ ...item, words: words(item) }));
  const answers = read.flatMap(({ kind, words }) => (words === null ? [] : [{ name: `The ${kinds[kind]} says`, value: words }]));
  return [
    ...table(`${caption}: ${counted(rows.length, 'piece')}`, ['Kind', 'Captured', 'Fresh', 'Blob', 'SHA-256'], rows, true),
    ...(answers.length === 0 ? [] : [{ kind: 'facts' as const, facts: answers }]),
    ...read.flatMap(({ kind, excerpt, words }) => (words === null ? pre(`What the ${kinds[kind]} says`, excerpt) : [])),
  ];
}
