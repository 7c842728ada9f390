/** What every script must obey, checked without PowerShell; and, where PowerShell is, by its own parser. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bundle } from '../../playbooks/bundle.ts';
import { scriptIds, scriptText } from '../../playbooks/scripts.ts';
import { scriptTexts } from '../../playbooks/scriptTexts.ts';
import { pwsh } from './standins/bench.ts';

/** Code only: comments, here-strings and strings blanked out (a `#` or `?` inside one is no syntax). */
function code(text: string): string {
  return text.replaceAll(/@'\n[\s\S]*?\n'@|'(?:[^']|'')*'|"(?:[^"`]|`.|"")*"|#[^\n]*/g, part => (part.startsWith('#') ? '' : '""'));
}

/** Violations of the house's PowerShell rules: Windows PowerShell 5.1 syntax, no aliases, ASCII, no text run as code. */
function violations(text: string): string[] {
  const plain = code(text);
  const rules: [string, RegExp][] = [
    ['ternary or null-coalescing operator', /\?\?|\?\.|\?\[| \? [^|]*:/],
    ['pipeline chain', /&&|\|\|/],
    [
      'alias',
      /(?:^|[|;{(=]\s*)(?:%|\?|cat|cd|cp|copy|curl|del|dir|echo|foreach-?\s*{|gc|gci|gi|gm|gp|gwmi|iex|iwr|ls|mkdir|mv|ni|ps|rd|ri|rm|sc|select|set|si|sleep|sls|sort|type|wget|where)\s+(?!=)/im,
    ],
    ['text run as code', /Invoke-Expression|\[scriptblock\]::Create|-EncodedCommand/i],
    ['7-only parameter', /-Parallel\b|-AsHashtable\b|-AsByteStream\b|-SkipHttpErrorCheck\b|-NoProxy\b/i],
    ['native tool not called by Invoke-Native', /(?<!>)&\s*(?!\$file @Arguments|\$Body)\S/],
    ['formatted output', /\bWrite-(?:Output|Host|Verbose|Progress|Information)\b|\bOut-(?:Host|String|File)\b|\bFormat-/],
    ['old management cmdlet', /\bGet-WmiObject\b|\[wmi/i],
  ];
  const found = rules.filter(([, pattern]) => pattern.test(plain)).map(([name]) => name);
  const character = /[^\n\x20-\x7e]/.exec(text);
  return character === null ? found : [...found, `character ${character[0].codePointAt(0)} at ${character.index}`];
}

describe('every script', () => {
  test.each(scriptIds)('%s obeys the rules', id => {
    const { text } = scriptText(id);
    expect(violations(text)).toEqual([]);
    expect(text.split('\n')[0]).toMatch(
      new RegExp(`^# bootmedic: id=${id}; safety=(auto_safe|auto_with_snapshot|consent); origin=(doc|derived)$`),
    );
    // PowerShell wants param before every other statement; only comments stand before it.
    expect(text.split('\n').find(line => line !== '' && !line.startsWith('#'))).toBe('param(');
    expect(text.indexOf('Set-StrictMode -Version 3')).toBeLessThan(text.indexOf('function '));
    expect(text).toContain(`Invoke-Script -Name '${id}' -Body {`);
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
  });

  test('the rule check can fail', () => {
    for (const bad of [
      '$a ?? 1',
      '$x = $a ? 1 : 2',
      'a && b',
      'Get-Item | % { }',
      'iex $x',
      '& sfc /scannow',
      'Write-Host x',
      "'\u00eb'",
      '| where { }',
    ])
      expect(violations(bad)).not.toEqual([]);
    expect(violations("$a = 'b ?? c && d' # && %")).toEqual([]);
  });

  test('every hive that is loaded is unloaded in a finally', () => {
    const loads = scriptTexts.prelude.match(/'load'/g) ?? [];
    expect(loads).toHaveLength(1);
    expect(scriptTexts.prelude).toMatch(/'load'[\s\S]*?finally \{\s*Close-Hive/);
    for (const id of scriptIds) expect(scriptTexts[id]).not.toMatch(/'(load|unload)'/);
  });

  test('every change is backed up: what writes to the repair disk is known by name', () => {
    for (const id of ['probe', 'collect-dump', 'make-safe'] as const)
      expect(scriptTexts[id]).not.toMatch(/Set-RegistryValue|Backup-File|-Write\b|bcdedit|sfc|dism|Remove-Item/);
  });

  test('a file of the folder that nobody sends is a mistake', () => {
    const files = readdirSync(join(import.meta.dirname, '../../playbooks/scripts')).filter(name => name.endsWith('.ps1'));
    expect(files.sort()).toEqual(scriptIds.map(id => `${id}.ps1`).sort());
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
  const cmdlets = readFileSync(join(import.meta.dirname, 'cmdlets.txt'), 'utf8').split(/\s+/);
  expect(scripts).toHaveLength(scriptIds.length);
  for (const script of scripts) {
    expect(script.errors).toEqual([]);
    expect(script.commands.filter(name => !script.functions.includes(name) && !cmdlets.includes(name))).toEqual([]);
    expect(script.functions.filter(name => !script.verbs.includes(name.split('-')[0] ?? ''))).toEqual([]);
    expect(new Set(script.functions).size).toBe(script.functions.length);
  }
});
