/** A script of the operator's own, under the same contract as ours: checked when it is given, bundled with the prelude when it is sent. */
import { createHash } from 'node:crypto';
import { articleIndex } from './restartOnce.ts';
import { scriptText } from './scripts.ts';
import { scriptTexts } from './scriptTexts.ts';
import { bootSettings, supportBundle } from './steps.ts';
import type { OperatorScript, Playbook } from './types.ts';

/** Of the playbook, its attempt, its script and the consent it always needs. */
export const operatorScriptId = 'operator-script';
export const longestOperatorScript = 256 * 1024;

/** What is wrong with it, for whoever gives it. */
interface Complaint {
  problem: string;
  remedy: string;
}
export type ReadScript = Pick<OperatorScript, 'sha256' | 'writes' | 'undoneBy'>;

const PARAMETERS = ['Mode', 'Lun', 'Token', 'RepairId'];
const CONTRACT = 'see docs/operator-script.md';

/**
 * Reads what a script says of itself, or what keeps it from being run: all of it at once. It is not parsed: a PowerShell that finds an error
 * in it runs nothing of it.
 */
export function readOperatorScript(content: string): { script: ReadScript } | { wrong: Complaint[] } {
  if (Buffer.byteLength(content) > longestOperatorScript)
    return { wrong: [{ problem: `is longer than ${longestOperatorScript} bytes`, remedy: 'give a shorter one' }] };
  const plain = plainText(content);
  const wrong = [...complaints(plain)];
  const says = (word: string) =>
    headerOf(plain)
      .find(line => line.startsWith(`# ${word}: `))
      ?.slice(word.length + 4)
      .trim() ?? '';
  const [writes, undoneBy] = [says('writes'), says('undone by')];
  for (const [word, text] of Object.entries({ writes, 'undone by': undoneBy })) {
    if (text !== '' && text.length <= 200) continue;
    const problem = `has no comment "# ${word}: ..." of at most 200 characters at its top`;
    wrong.push({
      problem,
      remedy: `say there what ${word === 'writes' ? 'it changes' : 'takes that back'}: whoever approves it reads that`,
    });
  }
  return wrong.length > 0 ? { wrong } : { script: { sha256: sha256Of(content), writes, undoneBy } };
}

/** The text that is sent, with the SHA-256 of the operator's own. */
export function bundleOperatorScript(content: string): string {
  const plain = plainText(content);
  const frame = scriptText(operatorScriptId).text;
  if (!hasParam(plain)) {
    const place = / {4}Stop-Script -Code 'no-script'.*\n/;
    return frame.replace(place, () => `\n${plain}\n`);
  }
  const end = plain.indexOf('\n)\n') + 3;
  return `${plain.slice(0, end)}\n${(scriptTexts.prelude ?? '').replaceAll('\r\n', '\n').trim()}\n${plain.slice(end)}`;
}

export function operatorPlaybook(own: OperatorScript): Playbook {
  const title = `The operator’s own script ${own.name}`;
  const why = `A person asks for it. It writes: ${own.writes}. Undone by: ${own.undoneBy}. SHA-256 ${own.sha256}.`;
  return {
    ...{ id: operatorScriptId, title, article: articleIndex, answers: [], repairs: operatorRepairs },
    attempts: [
      {
        ...{ id: operatorScriptId, title, boot: 'if-changed' },
        scripts: [
          {
            ...{
              script: operatorScriptId,
              mode: 'Repair',
              safety: 'consent',
              origin: 'operator',
              why,
              timeoutSeconds: 3600,
              usualSeconds: 300,
            },
            ...{ consent: operatorScriptId, consentRequired: true, own },
          },
        ],
      },
    ],
    ...{ beforeBoot: [bootSettings], support: [...supportBundle] },
  };
}

/** A person knows better than the probe what a damaged disk needs; encryption and extortion stay out of reach. */
export const operatorRepairs = ['boot-partition-not-found', 'boot-entry-not-found', 'hive-damaged'];

export const sha256Of = (content: string): string => createHash('sha256').update(content, 'utf8').digest('hex');

function plainText(content: string): string {
  return `${content
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd()}\n`;
}

/** Comment lines before anything else. */
function headerOf(plain: string): string[] {
  const lines = plain.split('\n');
  const end = lines.findIndex(line => line.trim() !== '' && !line.startsWith('#'));
  return lines.slice(0, end === -1 ? lines.length : end);
}

/** Is its first statement a param block? Attributes may stand before it. */
function hasParam(plain: string): boolean {
  const rest = plain.split('\n').slice(headerOf(plain).length);
  return /^\s*param\s*\($/i.test(rest.find(line => line.trim() !== '' && !/^\[CmdletBinding\(.*\)\]$/i.test(line.trim())) ?? '');
}

function* complaints(plain: string): Generator<Complaint> {
  const lines = plain.split('\n');
  const at = (pattern: RegExp): number => lines.findIndex(line => pattern.test(line)) + 1;
  const odd = at(/[^\t\x20-\x7e]/);
  if (odd > 0 || !plain.isWellFormed()) {
    const remedy = 'write it in plain ASCII; Windows PowerShell 5.1 reads anything else as the repair VM’s code page';
    yield { problem: `holds a character outside ASCII in line ${odd}`, remedy };
  }
  const needs = at(/^\s*#requires\b.*-(modules?|pssnapin|assembly|psedition\s+core|version\s+([6-9]|\d\d))/i);
  if (needs > 0) {
    const remedy = 'use what every Windows Server has: nothing is installed on the repair VM, and it has Windows PowerShell 5.1';
    yield { problem: `requires in line ${needs} what the repair VM has not`, remedy };
  }
  const using = at(/^\s*using\s+(module|assembly|namespace)\b/i);
  if (using > 0) yield { problem: `has a using statement in line ${using}`, remedy: 'write full type names: the prelude stands before it' };
  const param = at(/^param\s*\(/i);
  if (hasParam(plain)) yield* paramComplaints(plain);
  else if (param > 0) {
    const remedy = 'put it first, as "param(" with the closing ")" on a line of its own, or leave it out';
    yield { problem: `has a param block in line ${param} that is not its first statement`, remedy };
  } else {
    const exit = at(/^\s*(exit|\[Environment\]::Exit)\b/i);
    if (exit > 0) yield { problem: `ends the process in line ${exit}, before its result is told`, remedy: `return instead, ${CONTRACT}` };
  }
}

function* paramComplaints(plain: string): Generator<Complaint> {
  const end = plain.indexOf('\n)\n');
  const block = plain.slice(0, Math.max(end, 0));
  if (end === -1) yield { problem: 'has a param block without a ")" on a line of its own', remedy: 'close it so' };
  const missing = PARAMETERS.filter(name => !new RegExp(`\\$${name}\\b`, 'i').test(block));
  if (end !== -1 && missing.length > 0) {
    const remedy = `declare them, ${CONTRACT}, or leave param out: then it is called with $Disk`;
    yield { problem: `has a param block without ${missing.map(name => `$${name}`).join(', ')}`, remedy };
  }
  if (!/\bInvoke-Script -Name /.test(plain)) {
    const remedy = `put its work into Invoke-Script -Name '...' -Body { ... }, ${CONTRACT}, or leave param out`;
    yield { problem: 'has a param block of its own, and never tells its result', remedy };
  }
}
