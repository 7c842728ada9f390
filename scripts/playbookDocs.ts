/** `npm run docs:playbooks`: docs/playbooks.md from the playbooks' own data, so that it cannot say anything else than what is done. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { playbooks, signatures } from '../playbooks/catalogue.ts';
import { modes } from '../playbooks/collected.ts';
import { scriptText } from '../playbooks/scripts.ts';
import type { Attempt, Playbook, ScriptId, ScriptStep } from '../playbooks/types.ts';

const root = new URL('../', import.meta.url);
export const docsPath = new URL('docs/playbooks.md', root);

/** What a script writes to the copy of the disk, and how that is undone: it says so itself, below its first line. */
function effectOf(id: ScriptId): { writes: string; undone: string } {
  const { text } = scriptText(id);
  const [, writes] = /^# writes: (.+)$/m.exec(text) ?? [];
  const [, undone] = /^# undone by: (.+)$/m.exec(text) ?? [];
  if (writes === undefined || undone === undefined)
    throw new Error(`${id}.ps1 does not say what it writes ("# writes: ", "# undone by: ")`);
  return { writes, undone };
}

/** Test files in which a script or a playbook is named. */
function testsOf(...words: string[]): string[] {
  const proofs = modes.map(mode => `playbooks/${mode}/proof.ts`).filter(path => existsSync(new URL(path, root)));
  const tests = ['test/playbooks', 'test/simulator/guests', 'test/end-to-end'].flatMap(folder =>
    readdirSync(new URL(folder, root), { encoding: 'utf8' })
      .filter(name => /(\.test|cases)\.ts$/.test(name))
      .map(name => `${folder}/${name}`),
  );
  return [...tests, ...proofs].filter(path => words.some(word => readFileSync(new URL(path, root), 'utf8').includes(`'${word}'`)));
}

const row = (...cells: string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const link = (path: string): string => `[${path.slice(path.lastIndexOf('/') + 1).replace(/\.test\.ts$|\.ts$/, '')}](../${path})`;
const consentOf = ({ consent, consentRequired }: ScriptStep): string =>
  consent === undefined ? '' : ` (\`${consent}\`${consentRequired ? '' : ', else it only looks'})`;

function stepRow(attempt: Attempt, step: ScriptStep): string {
  const effect = effectOf(step.script);
  const when = step.parameters?.When === undefined ? '' : `, ${step.parameters.When}`;
  const script = `\`${step.script}\`${when}`;
  return row(
    attempt.title,
    script,
    `${step.safety}${consentOf(step)}`,
    step.origin,
    effect.writes,
    effect.undone,
    testsOf(step.script).map(link).join(' '),
  );
}

function hungRow({ title, ifHung }: Attempt): string[] {
  if (ifHung === undefined) return [];
  const { safety, origin, consent } = ifHung;
  const effect = 'nothing: it stops a Windows that hangs, which writes its dump';
  const tests = ['test/azure/serialConsole.test.ts', 'test/activities/console.test.ts', 'test/simulator/guests/interrupt.test.ts'];
  const undone = 'the original OS disk goes back';
  return [
    row(
      title,
      '_interrupt, if that boot hangs_',
      `${safety} (\`${consent}\`, else it is not sent)`,
      origin,
      effect,
      undone,
      tests.map(link).join(' '),
    ),
  ];
}

function section(playbook: Playbook): string[] {
  const signature = signatures.find(({ playbook: id }) => id === playbook.id);
  const quoted = (codes: string[] = [], mark = '') => codes.map(code => `\`${code}\`${mark}`);
  const codes = [
    ...[...quoted(signature?.stopCodes), ...quoted(signature?.derivedStopCodes, ' (derived)')],
    ...[...quoted(signature?.statusCodes), ...quoted(signature?.whenDriverBlamed, ' (where a driver is blamed)')],
  ].join(', ');
  const before: Attempt = { id: 'before', title: '_before every boot_', scripts: playbook.beforeBoot, boot: 'never' };
  const refuses = (playbook.refuses ?? []).map(({ finding, reason }) => `${finding}: ${reason}`);
  return [
    `## ${playbook.id}`,
    '',
    `${playbook.title}. ${codes === '' ? 'Known by its screen.' : `Answers ${codes}.`} Harm of a wrong guess: ${signature?.harm}. [Page](../playbooks/${playbook.id}/README.md) · [Microsoft’s article](${playbook.article})`,
    '',
    ...(playbook.generations ? [`Only for VMs of generation ${playbook.generations.join(' and ')}.`, ''] : []),
    ...(refuses.length > 0 ? [`Must not run with ${refuses.join('; ')}.`, ''] : []),
    row('attempt', 'script', 'safety', 'origin', 'writes to the copy', 'undone by', 'tests'),
    row('---', '---', '---', '---', '---', '---', '---'),
    ...[...playbook.attempts, before].flatMap(attempt => [...attempt.scripts.map(step => stepRow(attempt, step)), ...hungRow(attempt)]),
    '',
  ];
}

/** The page's text. @throws Error when a script's effect is not told here. */
export function playbookPage(): string {
  const scripts = [
    ...new Set(
      playbooks.flatMap(({ attempts, beforeBoot }) => [...attempts.flatMap(each => each.scripts), ...beforeBoot]).map(step => step.script),
    ),
  ];
  const rows = scripts.sort().map(id => row(`\`${id}\``, scriptText(id).safety, scriptText(id).origin));
  return [
    '# Playbooks',
    '',
    'Made of the playbooks’ data by `npm run docs:playbooks`; a test fails when it is stale. Every write goes to a copy of the disk; the original stays as it was.',
    'Every repair is refused where the probe finds a ransom note or BitLocker; a domain controller needs the consent `domain-controller`.',
    '',
    ...playbooks.flatMap(section),
    '## Scripts',
    '',
    row('script', 'safety', 'origin'),
    row('---', '---', '---'),
    ...rows,
    '',
    'What no machine of ours could execute: the scripts under Windows PowerShell 5.1 with the real DISM, SFC, bcdedit, bcdboot, chkdsk and reg.',
    'They run here under PowerShell 7 with stand-ins; `.github/workflows/windows-scripts.yml` runs them on Windows.',
    '',
  ].join('\n');
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) {
  const old = existsSync(docsPath) ? readFileSync(docsPath, 'utf8') : '';
  const page = playbookPage();
  writeFileSync(docsPath, page);
  console.log(old === page ? 'docs/playbooks.md is as it was' : 'docs/playbooks.md written');
}
