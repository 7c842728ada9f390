/** What every script must obey, by a grammar of PowerShell; and, where PowerShell is, by its own parser. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bundle } from '../../playbooks/bundle.ts';
import { playbooks } from '../../playbooks/catalogue.ts';
import { scriptIds, scriptText } from '../../playbooks/scripts.ts';
import { scriptTexts } from '../../playbooks/scriptTexts.ts';
import { outdated, type rules, violations } from '../../scripts/powershell/rules.ts';
import { pwsh } from './standins/bench.ts';

describe('every script', () => {
  test.each(scriptIds)('%s is complete, and begins as PowerShell wants it', async id => {
    const { text } = scriptText(id);
    // Whole, as it is sent: nothing in it is left to be known from elsewhere.
    expect(await violations(text)).toEqual([]);
    expect(text.split('\n')[0]).toMatch(
      new RegExp(`^# bootmedic: id=${id}; safety=(auto_safe|auto_with_snapshot|consent); origin=(doc|derived)$`),
    );
    // PowerShell wants param before every other statement; only comments stand before it.
    expect(text.split('\n').find(line => line !== '' && !line.startsWith('#'))).toBe('param(');
    expect(text.indexOf('Set-StrictMode -Version 3')).toBeLessThan(text.indexOf('function '));
    expect(text).toContain(`Invoke-Script -Name '${id}' -Body {`);
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
  });

  const load =
    "$load = Invoke-Native -Tool 'reg' -Arguments @('load', $key, $file)\nif ($load.ExitCode -ne 0) { Stop-Script -Code 'x' -Message 'y' }\n";
  const close = 'try { & $Body $key } finally { Close-Hive -Key $key }';
  test.each<[rule: keyof typeof rules, bad: string, good: string]>([
    ['Windows PowerShell 5.1 syntax', '$x = $a ?? 1', "$x = 'a ?? 1'"],
    ['Windows PowerShell 5.1 syntax', '$x = $a ? 1 : 2', 'if ($a) { $x = 1 } else { $x = 2 }'],
    ['Windows PowerShell 5.1 syntax', '$x = $a?.Length', '$x = $a.Length'],
    ['Windows PowerShell 5.1 syntax', 'Get-Disk && Get-Item', 'Get-Disk; Get-Item'],
    ['a parameter that 5.1 lacks', '$a | ForEach-Object -Parallel { $_ }', '$a | ForEach-Object { $_ }'],
    ['a parameter that 5.1 lacks', 'Get-Content -LiteralPath x -AsByteStream', 'Get-Content -LiteralPath x -Encoding Byte'],
    ['a command that is no function of ours and not on the list', '$a | where { $_ }', '$a | Where-Object { $_ }'],
    ['a command that is no function of ours and not on the list', 'gci C:', 'Get-ChildItem -LiteralPath C:'],
    ['a command that is no function of ours and not on the list', 'Write-Host x', "Write-Line -Text 'x'"],
    [
      'a command that is no function of ours and not on the list',
      "Invoke-Expression 'sfc /scannow'",
      "Write-Line -Text 'Invoke-Expression'",
    ],
    ['a command that is no function of ours and not on the list', 'sfc /scannow', 'Start-Sleep -Seconds 1'],
    ['a network besides the address that was given', '[Net.Dns]::GetHostName()', '[IO.Path]::GetTempPath()'],
    [
      'a network besides the address that was given',
      'New-Object -TypeName System.Net.WebClient',
      'New-Object -TypeName System.Text.UTF8Encoding',
    ],
    [
      'a network besides the address that was given',
      'New-Object -TypeName System.Net.Http.HttpClient',
      'param(\n[string] $DumpUri\n)\nNew-Object -TypeName System.Net.Http.HttpClient',
    ],
    ['a network besides the address that was given', "$x = 'https://example.org/x'", "$x = 'example'"],
    ['a command that is no function of ours and not on the list', 'Invoke-WebRequest -Uri $x', 'Get-Item -LiteralPath $x'],
    ['a command built of a string', '& "sfc $verb"', '& $Body $key'],
    ['a command built of a string', '. $file', '& $file @Arguments 2>&1'],
    ['a command built of a string', "[scriptblock]::Create('x')", '[guid]::NewGuid()'],
    [
      'a command built of a string',
      "$n = Invoke-Native -Tool 'cmd' -Arguments @('/c', $x)\n$n.ExitCode",
      "$n = Invoke-Native -Tool 'sfc' -Arguments @($x)\n$n.ExitCode",
    ],
    [
      'a command built of a string',
      "$n = Invoke-Native -Tool $t -Arguments @('/c')\n$n.ExitCode",
      "$n = Invoke-Native -Tool 'reg' -Arguments @('/c')\n$n.ExitCode",
    ],
    [
      'a command built of a string',
      '$n = Invoke-Native -Tool \'reg\' -Arguments "load $k"\n$n.ExitCode',
      "$n = Invoke-Native -Tool 'reg' -Arguments @('query', $k)\n$n.ExitCode",
    ],
    ['a function without a word of what it is for', 'function Get-X { 1 }', 'function Get-X {\n    # Always the same.\n    1\n}'],
    [
      'a native call whose exit code nobody looks at',
      "$null = Invoke-Native -Tool 'sfc' -Arguments @()",
      "# Proven by its log.\n$null = Invoke-Native -Tool 'sfc' -Arguments @()",
    ],
    [
      'a native call whose exit code nobody looks at',
      "$n = Invoke-Native -Tool 'sfc' -Arguments @()\n$n.Lines",
      "$n = Invoke-Native -Tool 'sfc' -Arguments @()\nif ($n.ExitCode) { return }",
    ],
    ['a hive that is loaded and not unloaded in a finally', `${load}& $Body $key\nClose-Hive -Key $key`, load + close],
    [
      'a hive that is loaded and not unloaded in a finally',
      `for ($i = 0; $i -lt 3; $i++) {\n${load}}\n& $Body $key\n`,
      `for ($i = 0; $i -lt 3; $i++) {\n${load}}\n${close}`,
    ],
    ['a hive that is loaded and not unloaded in a finally', `${load}${close.replace('finally', 'catch')}`, load + close],
    ['a character outside ASCII', "'\u00eb'", "'e'"],
  ])('a rule sees %s: %s', async (rule, bad, good) => {
    const known = ['Invoke-Native', 'Close-Hive', 'Write-Line', 'Stop-Script'];
    expect((await violations(bad, known)).map(each => each.rule)).toContain(rule);
    expect(await violations(good, known)).toEqual([]);
  });

  test('npm run scripts:check looks at each file, and passes', () => {
    const out = execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/checkScripts.ts')], { encoding: 'utf8' });
    expect(out).toMatch(new RegExp(`^${scriptIds.length + 9} PowerShell files, 0 violations`));
  });

  test('every change is backed up: what writes to the repair disk is known by name', () => {
    for (const id of ['probe', 'collect-dump', 'make-safe'] as const)
      expect(scriptTexts[id]).not.toMatch(/Set-RegistryValue|Backup-File|-Write\b|bcdedit|sfc|dism|Remove-Item/);
  });

  test('is run by the workflow on Windows, by what Windows PowerShell 5.1 can read', async () => {
    const trial = readFileSync(join(import.meta.dirname, '../windows/Invoke-Cases.ps1'), 'utf8');
    expect(scriptIds.filter(id => !trial.includes(`Invoke-Case -Id ${id} `))).toEqual([]);
    expect(await outdated(trial)).toEqual([]);
    expect((await outdated(`${trial}\n$x = $a ?? 1\n`)).length).toBeGreaterThan(0);
    // Under StrictMode 3 one file, or none, has no Count.
    expect(trial).not.toMatch(/[^@]\(Get-ChildItem[^()]*\)\.Count/);
  });

  test('a file of the folder that nobody sends is a mistake', () => {
    const folder = join(import.meta.dirname, '../../playbooks');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      name => name.endsWith('.ps1') && !name.includes('prelude/'),
    );
    expect(files.map(name => name.slice(name.lastIndexOf('/') + 1, -4)).sort()).toEqual(scriptIds.toSorted());
    // The runbook itself sends the first two and carries a person's by the third, everything else is a step of a playbook.
    const steps = playbooks.flatMap(({ attempts, beforeBoot }) => [...attempts.flatMap(({ scripts }) => scripts), ...beforeBoot]);
    expect(
      scriptIds.filter(id => !['make-safe', 'probe', 'operator-script'].includes(id) && !steps.some(({ script }) => script === id)),
    ).toEqual([]);
  });
});

describe('the bundler', () => {
  const source = '# bootmedic: id=probe; safety=auto_safe; origin=doc\nparam(\n  [int] $Lun\n)\n\nbody\n';
  test('puts the prelude between param and body', () => {
    expect(bundle('probe', source, 'prelude\n').text).toBe(
      '# bootmedic: id=probe; safety=auto_safe; origin=doc\nparam(\n  [int] $Lun\n)\n\nprelude\n\nbody\n',
    );
    expect(bundle('probe', source.replaceAll('\n', '\r\n'), 'prelude\r\n').sha256).toBe(bundle('probe', source, 'prelude').sha256);
    expect(bundle('probe', source, 'other').sha256).not.toBe(bundle('probe', source, 'prelude').sha256);
  });
  test('refuses a script whose header or param is missing', () => {
    expect(() => bundle('offline-sfc', source, '')).toThrow('first line must be');
    expect(() => bundle('probe', source.replace('param(', 'parm('), '')).toThrow('no param block');
    expect(() => bundle('probe', `\n${source}`, '')).toThrow('first line must be');
  });
});

const withPowerShell = pwsh === undefined ? test.skip : test;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the scripts are not parsed by PowerShell');

withPowerShell('PowerShell parses every script; every command is a function of ours or a cmdlet that Windows PowerShell 5.1 has', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-parse-'));
  for (const id of scriptIds) writeFileSync(join(folder, `${id}.ps1`), scriptText(id).text);
  const program = `
    $all = foreach ($file in Get-ChildItem '${folder}') {
      $tokens = $null; $errors = $null
      $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $tokens, [ref] $errors)
      [pscustomobject]@{
        errors = @($errors | ForEach-Object { $_.Message })
        functions = @($ast.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object { $_.Name })
        commands = @($ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ } | Sort-Object -Unique)
        verbs = @(Get-Verb | ForEach-Object { $_.Verb })
      }
    }
    ConvertTo-Json -InputObject @($all) -Depth 4 -Compress`;
  const scripts: { errors: string[]; functions: string[]; commands: string[]; verbs: string[] }[] = JSON.parse(
    execFileSync(String(pwsh), ['-NoProfile', '-NonInteractive', '-Command', program], { encoding: 'utf8' }),
  );
  const cmdlets = readFileSync(join(import.meta.dirname, '../../scripts/powershell/cmdlets.txt'), 'utf8').split(/\s+/);
  expect(scripts).toHaveLength(scriptIds.length);
  for (const script of scripts) {
    expect(script.errors).toEqual([]);
    expect(script.commands.filter(name => !script.functions.includes(name) && !cmdlets.includes(name))).toEqual([]);
    expect(script.functions.filter(name => !script.verbs.includes(name.split('-')[0] ?? ''))).toEqual([]);
    expect(new Set(script.functions).size).toBe(script.functions.length);
  }
});
