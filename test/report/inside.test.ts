import { describe, expect, test } from '@jest/globals';
import type { RepairStory, ScriptEnd } from '../../functions/activities/contract.ts';
import { renderHtml, renderMarkdown } from '../../report/index.ts';
import fc from '../fastCheck.ts';
import { disk, run } from '../simulator/guests/world.ts';
import { hostileText } from './hostility.ts';
import { probe } from './sample/course.ts';
import { repairId } from './sample/night.ts';
import { recordOf, repaired, stories } from './sample/stories.ts';

type Action = NonNullable<ScriptEnd['result']>['actions'][number];
const loader = '{5b970157-8568-11eb-b45c-806e6f6e6963}';
const crash = 'SYSTEM\\ControlSet001\\Control\\CrashControl';

const ems = (before = 'ems=False port= baud='): Action => ({
  what: 'EMS on in the BCD',
  target: loader,
  before,
  after: 'ems=True port=1 baud=115200',
  revertable: true,
});
const settings = (before: string, after: string, target = crash): Action => ({
  what: 'crash dump settings',
  target,
  before,
  after,
  revertable: true,
});
const usual = settings(
  'NMICrashDump absent; AutoReboot=1; CrashDumpEnabled=2; DedicatedDumpFile absent; DumpFileSize absent',
  'NMICrashDump=1; AutoReboot=0; CrashDumpEnabled=7; DedicatedDumpFile=C:\\bootmedic.dmp; DumpFileSize=8449',
);

/** A repair whose attempts each ended with a run of boot-settings that did this. */
function story(...runs: Action[][]): RepairStory {
  const attempts = runs.map((actions, n) => ({
    attempt: `a${n}`,
    title: 'an attempt',
    boot: null,
    scripts: [
      {
        ...probe,
        run: `${n}-boot-settings`,
        script: 'boot-settings' as const,
        result: {
          outcome: actions.length > 0 ? ('fixed' as const) : ('nothing-to-do' as const),
          code: 'set',
          findings: [],
          actions,
          warnings: [],
        },
      },
    ],
  }));
  return { ...repaired, attempts };
}
/** The section, as Markdown. */
const inside = (told: RepairStory): string => /^## What stays inside the VM\n.*?(?=^## )/ms.exec(renderMarkdown(recordOf(told)))?.[0] ?? '';
/** Lines of its code. */
const commands = (told: RepairStory): string[] =>
  [...inside(told).matchAll(/^```text\n(.*?)\n```$/gms)].flatMap(match => (match[1] ?? '').split('\n'));
const key = `"HKLM\\${crash}"`;

describe('what stays inside the VM', () => {
  test('every setting, before and after, and what undoes it', () => {
    expect(commands(story([ems(), usual]))).toEqual([
      `bcdedit /ems ${loader} off`,
      `reg delete ${key} /v NMICrashDump /f`,
      `reg add ${key} /v AutoReboot /t REG_DWORD /d 1 /f`,
      `reg add ${key} /v CrashDumpEnabled /t REG_DWORD /d 2 /f`,
      `reg delete ${key} /v DedicatedDumpFile /f`,
      `reg delete ${key} /v DumpFileSize /f`,
      'del /f /a "C:\\bootmedic.dmp"',
      `rmdir /s /q C:\\bootmedic\\${repairId}`,
    ]);
    expect(inside(story([ems(), usual]))).toContain('| CrashDumpEnabled | `SYSTEM\\ControlSet001\\Control\\CrashControl` | `2` → `7` |');
    expect(inside(story([ems(), usual]))).toContain('| `ems=False port= baud=` → `ems=True port=1 baud=115200` |');
    const page = renderHtml(recordOf(story([ems(), usual])), new Map());
    expect(page).toContain(`bcdedit /ems ${loader} off`);
    expect(page).toContain('del /f /a &quot;C:\\bootmedic.dmp&quot;');
  });

  test('the script’s own account of a disk is understood whole', async () => {
    const { result } = await run('boot-settings', disk({ ems: false, pagefileMb: 0, crashDumpEnabled: 2, controlSets: [1, 2] }));
    const told = story(result?.actions ?? []);
    const lines = commands(told);
    for (const start of [
      'bcdedit /ems {',
      `reg add ${key} /v CrashDumpEnabled /t REG_DWORD /d 2`,
      `reg delete ${key} /v DedicatedDumpFile`,
    ])
      expect(lines.some(line => line.startsWith(start))).toBe(true);
    expect(lines.filter(line => line.includes('ControlSet002')).length).toBe(lines.filter(line => line.includes('ControlSet001')).length);
    expect(lines).toContain('del /f /a "C:\\bootmedic.dmp"');
    expect(inside(told)).not.toContain('No command');
  });

  test('a later attempt that had nothing left to set does not hide what an earlier one set, and the first prior value counts', () => {
    const grown = settings('DumpFileSize=8449', 'DumpFileSize=9000');
    expect(commands(story([ems(), usual], [grown], []))).toEqual(commands(story([ems(), usual])));
    expect(inside(story([ems(), usual], [grown]))).toContain('nothing → `9000`');
  });

  test('EMS that was on at another port stays on, at that port', () =>
    expect(commands(story([ems('ems=True port=2 baud=9600')]))[0]).toBe('bcdedit /emssettings EMSPORT:2 EMSBAUDRATE:9600'));

  test('a dump file of the customer’s own is not deleted', () => {
    const own = settings('DedicatedDumpFile=D:\\own.dmp', 'DedicatedDumpFile=C:\\own.dmp');
    expect(commands(story([own]))).toEqual([
      `reg add ${key} /v DedicatedDumpFile /t REG_SZ /d "D:\\own.dmp" /f`,
      `rmdir /s /q C:\\bootmedic\\${repairId}`,
    ]);
  });

  test.each([
    ['a variable that the prompt would expand', settings('DumpFile=%TEMP%\\x.dmp', 'DumpFile=%SystemRoot%\\MEMORY.DMP'), '%TEMP%\\x.dmp'],
    ['a quote', settings('DumpFile=C:\\x" & calc & ".dmp', 'DumpFile=%SystemRoot%\\MEMORY.DMP'), 'calc'],
    ['a number that is none', settings('AutoReboot=1 & calc', 'AutoReboot=0'), 'calc'],
    ['a value that reads like another', settings('DumpFile=x; AutoReboot=7', 'DumpFile=y'), 'AutoReboot=7'],
    ['a key of another place', settings('AutoReboot=1', 'AutoReboot=0', 'SYSTEM\\x" & calc & "'), 'calc'],
    ['a loader that is no id', { ...ems(), target: '{x} & calc' }, 'calc'],
  ])('%s: it is said, not made a command', (_, action, words) => {
    expect(commands(story([action]))).toEqual([`rmdir /s /q C:\\bootmedic\\${repairId}`]);
    expect(inside(story([action]))).toContain(words);
    expect(inside(story([action]))).toContain('No command');
  });

  test('whatever an action says, each line is one of ours', () =>
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, (target, before, after) => {
        const told = story([
          { ...ems(before), target },
          settings(before, after, target),
          settings(`DumpFile=${before}; AutoReboot=${after}`, `DumpFile=x; AutoReboot=0`),
        ]);
        for (const line of commands(told))
          expect(line).toMatch(
            /^(reg (add|delete) "HKLM\\SYSTEM\\ControlSet001[\w\\]*" [^"&%^<>|]*("[^"&%^<>|]*" \/f)?|rmdir \/s \/q [\w:\\-]+)$/,
          );
      }),
      { numRuns: 60 },
    ));

  test('is said only where the VM runs on the repaired disk, or may', () => {
    expect(inside({ ...story([usual]), outcome: 'booted-unverified' })).toContain('del /f');
    expect(inside({ ...story([usual]), outcome: 'needs-person' })).toContain('if the VM runs on the repair disk');
    for (const outcome of ['rolled-back', 'cancelled'] as const) expect(inside({ ...story([usual]), outcome })).toBe('');
    expect(inside(stories.healthy)).toBe('');
    expect(inside(story([]))).toBe('');
  });
});
