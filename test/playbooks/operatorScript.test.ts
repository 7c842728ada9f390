/** A script of the operator's own: what is refused before a repair begins, and what the frame makes of one that is run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bundleOperatorScript, readOperatorScript, sha256Of } from '../../playbooks/operatorScript.ts';
import { judgeProbe } from '../../playbooks/probe.ts';
import { violations } from '../../scripts/powershell/rules.ts';
import fc from '../fastCheck.ts';
import { addRun, type Case, contents, makeCase, pwsh, type Ran, root, runAll } from './standins/bench.ts';

const header = '# writes: \\Windows\\vendor.ini\n# undone by: Revert\n';
const own = `${header}$path = "$($Disk.WindowsRoot)Windows\\vendor.ini"
$null = Backup-File -Disk $Disk -Path $path
Set-Content -LiteralPath $path -Value 'safe'
Add-Action -What 'wrote the setting' -Target '\\Windows\\vendor.ini' -Before $null -After 'safe' -Revertable $true
'a word for the log'
New-Outcome -Outcome 'fixed' -Code 'setting-written'
`;
const contract = `${header}param(
    [string] $Mode, [int] $Lun,
    [string] $Token, [string] $RepairId
)

Invoke-Script -Name 'mine' -Body { New-Outcome -Outcome 'nothing-to-do' -Code 'all-mine' }
`;
const wrongOf = (content: string): string[] => {
  const read = readOperatorScript(content);
  if ('script' in read) return [];
  for (const { remedy } of read.wrong) expect(remedy.length).toBeGreaterThan(10);
  return read.wrong.map(({ problem }) => problem);
};

describe('a script that somebody gives', () => {
  test('is read with its hash and its own words for whoever approves it', () => {
    const words = { writes: '\\Windows\\vendor.ini', undoneBy: 'Revert' };
    for (const content of [own, contract, `\ufeff${own}`, own.replaceAll('\n', '\r\n')])
      expect(readOperatorScript(content)).toEqual({ script: { sha256: sha256Of(content), ...words } });
  });

  test.each([
    ['is too large', `${own}#${'x'.repeat(256 * 1024)}`, ['is longer than 262144 bytes']],
    ['has no header', 'Get-Disk\n', [/"# writes: /, /"# undone by: /]],
    ['has an endless header', `# writes: ${'x'.repeat(201)}\n# undone by: y\n`, [/"# writes: /]],
    ['has its header behind a statement', `Get-Disk\n${header}`, [/"# writes: /, /"# undone by: /]],
    ['is not ASCII', `${own}# f\u00fcr\n`, [/outside ASCII in line 9/]],
    ['holds a lone surrogate', `${own}'\ud800'\n`, [/outside ASCII in line 9/]],
    ['needs a module', `${own}#Requires -Modules Az.Compute\n`, [/requires in line 9/]],
    ['needs PowerShell 7', `#requires -Version 7.2\n${own}`, [/requires in line 1/]],
    ['has a using statement', `${header}using namespace System.IO\n`, [/using statement in line 3/]],
    ['ends the process', `${own}exit 0\n`, [/ends the process in line 9/]],
    ['has param in its middle', `${header}Get-Disk\nparam(\n)\n`, [/param block in line 4/]],
    ['has param on one line', `${header}param($Mode, $Lun, $Token, $RepairId)\n`, [/param block in line 3/]],
    ['has a param that does not end', contract.replace('\n)\n', ' )\n'), [/without a "\)"/]],
    ['lacks parameters', contract.replace('[int] $Lun,', '').replace('$Token', '$Key'), [/without \$Lun, \$Token$/]],
    ['tells no result', contract.replace(/Invoke-Script.*/, '1'), [/never tells its result/]],
  ])('that %s is refused, with all that is wrong and what to do', (_name, content, expected) => {
    const wrong = wrongOf(content);
    expect(wrong).toHaveLength(expected.length);
    for (const [n, each] of expected.entries()) expect(wrong[n]).toMatch(each);
  });

  test('is refused or accepted, never stumbled over', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), text => Array.isArray(wrongOf(header + text))));
  });

  test('is sent whole behind the prelude, as PowerShell that keeps the rules', async () => {
    for (const content of [own, contract, `${header}'$& $1 $$'\n`]) {
      const text = bundleOperatorScript(content);
      const [, work = ''] = content.split(/^# undone by.*\n/m);
      expect(text).toContain(work.slice(work.indexOf('\n)\n') + 3).trim());
      expect(text.split('\n').find(line => line !== '' && !line.startsWith('#'))).toBe('param(');
      expect(text).not.toContain('no-script');
      expect((await violations(text)).filter(({ text: line }) => !content.includes(line))).toEqual([]);
    }
  });

  test('may repair what stops every other repair, but never what is encrypted or held to ransom', () => {
    const judge = (code: string) =>
      judgeProbe({
        probe: { result: { outcome: 'failed', code, findings: [], actions: [], warnings: [] } },
        ...{ finding: { playbook: 'stop-0xef' }, consents: [], playbook: 'operator-script' },
      } as never).verdict;
    expect(['boot-partition-not-found', 'hive-damaged'].map(judge)).toEqual(['go', 'go']);
    expect(['bitlocker-locked', 'ransom-note', 'windows-not-found'].map(judge)).toEqual(['stop', 'stop', 'stop']);
  });
});

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: no operator’s script is executed');

present('a script that is run', () => {
  const scripts: Record<string, string> = {
    own,
    silent: `${header}$null = $Disk.WindowsRoot\n`,
    breaks: own.replace("'a word for the log'", "throw 'in the middle'"),
    lies: `${header}New-Outcome -Outcome 'repaired' -Code 'x'\n`,
    broken: `${header}if ($true) {\n`,
    contract,
  };
  const made = new Map<string, Case>();
  let ran: Map<string, Ran[]>;
  const before: Record<string, Record<string, string>> = {};
  beforeAll(async () => {
    mkdirSync(join(root, 'scripts'), { recursive: true });
    for (const [name, content] of Object.entries(scripts)) {
      const each = makeCase(`operator-${name}`);
      const script = `operator-${name}`;
      writeFileSync(join(root, 'scripts', `${script}.ps1`), bundleOperatorScript(content));
      before[name] = contents(each);
      for (const Mode of name === 'own' ? ['Detect', 'Repair', 'Revert'] : ['Repair']) addRun(each, script as 'probe', { Mode });
      made.set(name, each);
    }
    ran = await runAll([...made.values()]);
  }, 120_000);
  const runs = (name: string): Ran[] => ran.get(`operator-${name}`) ?? [];
  const left = (name: string) => contents(made.get(name) ?? makeCase(name));

  test('is looked at, run and taken back like one of ours', () => {
    const [detect, repair, revert] = runs('own');
    expect(detect?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'would-run', actions: [] });
    expect(repair?.result).toMatchObject({ outcome: 'fixed', code: 'setting-written', actions: [{ after: 'safe' }], warnings: [] });
    expect(repair?.output).toContain('a word for the log');
    expect(revert?.result).toMatchObject({ outcome: 'reverted' });
    expect(left('own')).toEqual(before.own);
  });

  test('that tells no outcome is not believed more than it says', () => {
    const [run] = runs('silent');
    expect(run?.result).toMatchObject({
      outcome: 'fixed',
      code: 'ended',
      actions: [],
      warnings: [expect.stringContaining('only its log')],
    });
  });

  test('that breaks in its middle has what it backed up put back, and no result of its own making', () => {
    expect(runs('breaks')[0]).toMatchObject({ exitCode: 1, result: null });
    expect(left('breaks')).toEqual(before.breaks);
    expect(runs('lies')[0]?.result).toMatchObject({ outcome: 'failed', code: 'bad-outcome' });
  });

  test('that PowerShell cannot read runs nothing', () => {
    const [run] = runs('broken');
    expect(run?.result).toBeNull();
    expect(run?.calls).toEqual(['']);
    expect(left('broken')).toEqual(before.broken);
  });

  test('with the contract’s own parameters has the whole of it', () => {
    expect(runs('contract')[0]?.result).toMatchObject({ outcome: 'nothing-to-do', code: 'all-mine' });
    expect(readFileSync(join(root, 'scripts/operator-contract.ps1'), 'utf8')).toContain('function Invoke-OnRepairDisk');
  });
});
