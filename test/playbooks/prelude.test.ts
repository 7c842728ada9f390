/** The prelude's pure parts, called one by one in a real PowerShell: redaction, the result line, BCD elements, SFC's log. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseResult } from '../../playbooks/result.ts';
import { scriptTexts } from '../../playbooks/scriptTexts.ts';
import fc from '../fastCheck.ts';
import { pwsh, root, token } from './standins/bench.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the prelude is not executed');

const folder = root;
/** Runs PowerShell after the prelude, with `$data` = the JSON of `input`; answers what it leaves in `$answer`. */
async function powershell<T>(program: string, input: unknown): Promise<T> {
  const [script, data, answer] = ['run.ps1', 'input.json', 'answer.json'].map(name => join(folder, name));
  const head = `$Token = '${token}'; $RepairId = 'r-abcdefgh2345'; $Mode = 'Repair'; $Lun = 0\n`;
  const sfc = scriptTexts['offline-sfc'] ?? '';
  const select = sfc.slice(sfc.indexOf('function Select-CorruptFile'), sfc.indexOf('function Add-CorruptFile'));
  const tail = `[IO.File]::WriteAllText('${answer}', (ConvertTo-Json -InputObject $answer -Depth 6 -Compress))`;
  writeFileSync(
    String(script),
    `${head}${scriptTexts.prelude}\n${select}\n$data = [IO.File]::ReadAllText('${data}') | ConvertFrom-Json\n${program}\n${tail}`,
  );
  writeFileSync(String(data), JSON.stringify(input));
  await promisify(execFile)(String(pwsh), ['-NoProfile', '-NonInteractive', '-File', String(script)], { maxBuffer: 2 ** 26 });
  return JSON.parse(readFileSync(String(answer), 'utf8'));
}

const secret = fc.stringMatching(/^[A-Za-z0-9%]{20,40}$/);
const leak = fc.tuple(
  secret,
  fc.constantFrom(
    'https://a.blob.core.windows.net/d/x?sv=1&sig=§&se=2',
    'Password = "§"',
    'pwd:§',
    'AccountKey=§;x',
    'Authorization: Bearer §',
    'client_secret=§',
    'password="two words, §"',
    "Pwd = 'it; is § & more'",
    '{"password": "§", "user": "x"}',
    '{"dbPassword":"a\\"§"}',
    'passphrase: "cut off §',
    'SharedAccessKey=§',
    'ftp://olivia:§@files.example.com/x',
    'https://user:p@ss§@example.com',
  ),
  fc.string(),
  fc.string(),
);
const word = fc.string({ unit: 'binary', maxLength: 300 });
const report = fc.record({
  findings: fc.array(fc.record({ id: fc.constant('corrupt-file'), evidence: word }), { maxLength: 30 }),
  actions: fc.array(fc.record({ what: word, target: word, before: fc.option(word), after: fc.option(word) }), { maxLength: 20 }),
  warnings: fc.array(word, { maxLength: 20 }),
});

present('the prelude', () => {
  const leaks = fc.sample(leak, { numRuns: 120, seed: 1 });
  const reports = fc.sample(report, { numRuns: 25, seed: 2 });
  let answer: {
    protected: string[];
    lines: string[];
    devices: ({ Identity: string; Partition: string } | null)[];
    files: string[][];
    paths: string[];
  };
  const gpt =
    '0000000000000000000000000000000006000000000000004800000000000000382c0f8eeae4ba47b7fc9d8c74dccf0b0000000000000000a994230b5e097d488d48719ecd4d78ca00000000000000000000000000000000';
  const mbr = `0000000000000000000000000000000006000000000000004800000000000000${'0000100000000000'}${'00'.repeat(8)}0000000001000000${'cdab3412'}${'00'.repeat(28)}`;
  const logs = [
    ['[SR] Verify complete'],
    [
      '2021, Info  CSI  0000000b [SR] Repairing corrupted file [l:34 ml:48]"\\??\\F:\\Windows\\System32"\\[l:12]"winlogon.exe" from store',
      "x [SR] Cannot repair member file [l:12]'winlogon.exe' of Microsoft-Windows-Winlogon, version 10.0",
    ],
    [
      'x [SR] Repairing corrupted file \\??\\F:\\Windows\\SysWOW64\\a b.dll from store',
      'x [SR] Repairing corrupted file [ml:520{260},l:108{54}]"\\??\\E:\\Program Files\\DAO"[l:20{10}]"dao360.dll" from store',
    ],
    ["x [SR] Cannot repair member file [l:7]'url.dll' of Microsoft-Windows-IE, Version = 6.0", 'x [SR] Repairing 1 components'],
  ];
  const paths = [
    '%SystemRoot%\\MEMORY.DMP',
    'D:\\dumps\\m.dmp',
    '\\??\\C:\\dd.sys',
    '%SystemDrive%\\dd.sys',
    '',
    '\\\\server\\share\\m.dmp',
    'relative.dmp',
  ];

  beforeAll(async () => {
    answer = await powershell(
      `
      $protected = @($data.leaks | ForEach-Object { Protect-Text -Text $_ })
      $lines = @(foreach ($each in $data.reports) {
        $script:Findings.Clear(); $script:Actions.Clear(); $script:Warnings.Clear()
        foreach ($f in $each.findings) { Add-Finding -Id $f.id -Confidence 'certain' -Evidence $f.evidence }
        foreach ($a in $each.actions) { Add-Action -What $a.what -Target $a.target -Before $a.before -After $a.after -Revertable $true }
        foreach ($w in $each.warnings) { Add-Caution -Text $w }
        Get-ResultLine -Outcome 'failed' -Code 'some-code'
      })
      $devices = @($data.devices | ForEach-Object { $d = ConvertFrom-BcdDevice -Hex $_; if ($null -eq $d) { 'none' } else { $d } })
      $files = @(foreach ($log in $data.logs) { , @(Select-CorruptFile -Lines $log) })
      $paths = @($data.paths | ForEach-Object { ConvertTo-VolumePath -Path $_ })
      $answer = @{ protected = $protected; lines = $lines; devices = $devices; files = $files; paths = $paths }`,
      {
        leaks: leaks.map(([value, pattern, before, after]) => `${before} ${pattern.replace('§', () => value)} ${after}`),
        reports,
        devices: [gpt, mbr, '05'.repeat(88), 'abc', ''],
        logs,
        paths,
      },
    );
  }, 60_000);

  test('hides what looks like a secret', () => {
    for (const [i, [value]] of leaks.entries()) expect(answer.protected[i]).not.toContain(value);
  });

  test('hides recovery keys and what stands before a host, and nothing that only looks a bit like them', async () => {
    const key = Array.from({ length: 8 }, (_, n) => String(111_111 * (n + 1))).join('-');
    const read = await powershell<string[]>('$answer = @($data | ForEach-Object { Protect-Text -Text $_ })', [
      `Recovery key: ${key}.`,
      key.replaceAll('-', ' '),
      `${key}9`,
      'https://a.example.com/x?mail=o@example.com',
      'design=round; F:\\Windows\\System32\\winlogon.exe 2024-06-10T11:50:00Z',
    ]);
    expect(read.slice(0, 2)).toEqual(['Recovery key: ***.', '***']);
    expect(read.slice(2)).toEqual([
      `${key}9`,
      'https://a.example.com/x?mail=o@example.com',
      'design=round; F:\\Windows\\System32\\winlogon.exe 2024-06-10T11:50:00Z',
    ]);
  }, 60_000);

  test('writes a result line that parses, in 3 KB of ASCII, whatever the disk says', () => {
    expect(answer.lines).toHaveLength(reports.length);
    answer.lines.forEach((line, i) => {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(3072);
      expect(line).toMatch(/^BOOTMEDIC-RESULT [\x20-\x7e]+$/);
      const parsed = parseResult(line, token);
      expect(parsed).toMatchObject({ outcome: 'failed', code: 'some-code' });
      const kept = (parsed?.findings.length ?? 0) + (parsed?.actions.length ?? 0);
      const all = (reports[i]?.findings.length ?? 0) + (reports[i]?.actions.length ?? 0);
      if (kept < all) expect(parsed?.warnings.at(-1)).toMatch(/^\d+ more entries are in the log$/);
      else expect(parsed?.actions.map(action => action.before === null)).toEqual(reports[i]?.actions.map(action => action.before === null));
    });
  });

  test('reads the disk out of a BCD device element', () => {
    expect(answer.devices).toEqual([
      { Identity: 'gpt:0b2394a9-095e-487d-8d48-719ecd4d78ca', Partition: '8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b' },
      { Identity: 'mbr:1234abcd', Partition: '1048576' },
      'none',
      'none',
      'none',
    ]);
  });

  test("finds the corrupt files in SFC's log", () => {
    expect(answer.files).toEqual([
      [],
      ['\\Windows\\System32\\winlogon.exe'],
      ['\\Program Files\\DAO\\dao360.dll', '\\Windows\\SysWOW64\\a b.dll'],
      ['url.dll'],
    ]);
  });

  test("knows the guest's paths below its system drive", () => {
    expect(answer.paths).toEqual(['\\Windows\\MEMORY.DMP', '\\dumps\\m.dmp', '\\dd.sys', '\\dd.sys', '', '', '']);
  });

  test("decodes a tool's output by its bytes: UTF-16 where a zero is among them, else the code page that it came in", async () => {
    const program = `
      $page = [Text.Encoding]::GetEncoding(28591)
      $text = 'Überprüfung läuft: 100 %', '', '文件 is broken'
      $bytes = [Text.Encoding]::Unicode.GetBytes(($text -join "\`r\`n") + "\`r\`n")
      # As PowerShell cuts them: a line ends with a byte 13, a byte 10, or the two together.
      $cut = { param($Encoding) [regex]::Split($Encoding.GetString($bytes), '\r\n|\r|\n') }
      $answer = @(
        , @(ConvertFrom-NativeOutput -Lines (& $cut $page) -Encoding $page)
        , @(ConvertFrom-NativeOutput -Lines @('Geprüft.', 'Fertig.') -Encoding $page)
        , @(ConvertFrom-NativeOutput -Lines @("W\`0i\`0n\`0", "\`0") -Encoding ([Text.Encoding]::UTF8))
        , @(ConvertFrom-NativeOutput -Lines @() -Encoding $page)
      )`;
    const read = (await powershell<string[][]>(program, [])).map(lines => lines.filter(line => line.trim() !== ''));
    expect(read).toEqual([['Überprüfung läuft: 100 %', '文件 is broken'], ['Geprüft.', 'Fertig.'], ['Win'], []]);
  }, 60_000);

  test('changes nothing whose backup the manifest does not name', async () => {
    const windows = join(folder, 'unnamed/');
    mkdirSync(windows);
    writeFileSync(join(windows, 'a.dll'), 'a');
    const program = (broken: string) => `
      function Invoke-Native { [pscustomobject]@{ ExitCode = 0; Lines = @() } }
      function Copy-WithRobocopy { param($From, $To, $Name) Copy-Item -LiteralPath "$From/$Name" -Destination $To; $true }
      function Write-VolumeCache { }
      ${broken}
      $script:Id = 'offline-sfc'
      $disk = @{ WindowsRoot = $data; BootRoot = '' }
      $answer = @(try { Backup-File -Disk $disk -Path "$($data)a.dll" } catch { $_.Exception.Data['bootmedic'] })`;
    expect(await powershell(program(''), windows)).toEqual([1]);
    expect(await powershell(program('function Add-ManifestLine { }'), windows)).toEqual(['backup-failed']);
  }, 60_000);

  const hives = new URL('../../../shared/reference/hives', import.meta.url).pathname;
  const withHives = existsSync(hives) ? test : test.skip;
  if (!existsSync(hives)) console.warn(`SKIPPED: ${hives} is not here`);
  withHives('tells by a real hive’s header whether its logs are applied; what is behind it only loading tells', async () => {
    const names = ['BCD', 'SYSTEM', 'SYSTEM_B', 'corrupted_system_hive'];
    for (const name of names)
      writeFileSync(join(folder, name), execFileSync('xz', ['-dc', join(hives, `${name}.xz`)], { maxBuffer: 2 ** 26 }));
    writeFileSync(join(folder, 'empty'), '');
    const replay = scriptTexts['replay-hives'] ?? '';
    const state = replay.slice(replay.indexOf('function Get-HiveState'), replay.indexOf('function Update-Hive'));
    const paths = [...names, 'empty', 'none'].map(name => join(folder, name));
    const read = await powershell<string[]>(`${state}\n$answer = @($data | ForEach-Object { Get-HiveState -Path $_ })`, paths);
    expect(read).toEqual(['clean', 'clean', 'dirty', 'clean', 'foreign', 'missing']);
  });

  const sample = new URL('../../../shared/reference/dumps/triage-x64-header.bin', import.meta.url).pathname;
  const withSample = existsSync(sample) ? test : test.skip;
  if (!existsSync(sample)) console.warn(`SKIPPED: ${sample} is not here`);
  withSample('reads the header of a real dump', async () => {
    const read = await powershell<{ Length: number; Time: string; Header: string }>(
      `$answer = Read-DumpHeader -Path $data -GuestPath '\\Windows\\MEMORY.DMP'`,
      sample,
    );
    const bytes = readFileSync(sample);
    expect(read.Header).toBe(`${bytes.subarray(0, 0x60).toString('base64')}:${bytes.subarray(0xf80, 0xfc0).toString('base64')}`);
    expect(read.Length).toBe(bytes.length);
    expect(new Date(read.Time).getUTCFullYear()).toBeGreaterThan(2018);
  });
});
