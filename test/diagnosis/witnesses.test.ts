import { describe, expect, test } from '@jest/globals';
import { diagnose, diagnoseFiles, readSerialLog } from '../../diagnosis/index.ts';
import type { ScreenRead } from '../../ocr/types.ts';
import { bootManagerPage, sacReady, sacStart, stopBlock } from './logs.ts';
import { vm } from './observations.ts';

const now = '2026-01-01T12:00:00.000Z';
const screen = (...lines: string[]): ScreenRead => ({
  lines: lines.map((text, at) => ({ text, confidence: 95, box: { x: 0, y: 20 * at, width: 300, height: 16 } })),
  ...{ width: 1024, height: 768, blank: lines.length === 0 ? 'black' : null, language: 'eng' },
});
const from = (serialLog?: string, shown?: ScreenRead) =>
  diagnoseFiles({ ...(serialLog !== undefined && { serialLog }), ...(shown && { screenshot: shown }) }, now);

describe('the log beside the screen', () => {
  test.each([
    ['Working on updates 35% complete', 'updating'],
    ['CHKDSK is verifying files (stage 1 of 3)...', 'checking-disk'],
  ])('tells what a black screen does not: %s', (line, sight) => {
    const log = `${sacStart}\r\n${line}\r\n`;
    expect(readSerialLog(log).state?.state).toBe(sight);
    expect(from(log, screen())).toMatchObject({ verdict: 'unknown', sight });
    expect(from(log, screen('Press Ctrl+Alt+Delete to unlock.')).sight).toBe('sign-in');
  });

  test('a Setup that has given up is no update that wants patience', () => {
    const line = (text: string) => from(`Windows Boot Manager\r\n${text}\r\n`, screen());
    expect(line('Setup is starting services')).toMatchObject({ sight: 'updating', settledBy: expect.stringContaining('patience') });
    const failed = line('Windows could not complete the installation. To install Windows on this computer, restart the installation.');
    expect(failed).toMatchObject({ verdict: 'unknown', sight: 'setup-failed', settledBy: expect.stringContaining('person') });
  });

  test('the stop that is told as a hard error is read', () => {
    const log = `${sacStart}\r\nSTOP: c000021a {Fatal System Error}\r\nThe Windows Logon Process system process terminated unexpectedly with a status of 0xc0000005 (0x0 0x0).\r\nThe system has been shut down.\r\n`;
    expect(from(log)).toMatchObject({ verdict: 'failing', findings: [{ stopCode: '0xC000021A', playbook: 'stop-0xc000021a' }] });
    expect(from(`${sacStart}\r\napp: STOP: c000021a {Fatal System Error} was seen\r\n`).findings).toEqual([]);
  });

  test('a firmware that found nothing is a failure without a code', () => {
    const log = 'BdsDxe: No bootable option or device was found.\r\n';
    expect(from(log)).toMatchObject({ verdict: 'failing', findings: [{ id: 'eng-uefi-pxe', stopCode: '', confidence: 'likely' }] });
  });

  test('a Windows that stops again and again is told to be in a loop; two stops of different boots that went well are none', () => {
    const stop = sacStart + stopBlock({ code: '0xEF' });
    expect(from(stop).earlierStops).toBe(0);
    expect(from(stop + stop + stop).earlierStops).toBe(2);
    expect(from(stop + sacStart + sacReady + stop).earlierStops).toBe(0);
    expect(from(sacStart + stopBlock({ code: '0x7B' }) + stop).earlierStops).toBe(0);
    expect(from(sacStart + bootManagerPage('0xc000000f', '\\Boot\\BCD')).earlierStops).toBe(0);
  });

  test('a stop that the screen shows and the log does not, for the boot before stopped alike, is a loop too', () => {
    const log = `${sacStart + stopBlock({ code: '0xEF' })}\r\n${sacStart}`;
    expect(from(log, screen('Your PC ran into a problem and needs to restart.', 'Stop code: CRITICAL_PROCESS_DIED')).earlierStops).toBe(1);
    expect(from(log, screen('Your PC ran into a problem and needs to restart.', 'Stop code: INACCESSIBLE_BOOT_DEVICE')).earlierStops).toBe(
      0,
    );
  });
});

test('the build that the agent once told chooses between records of one code', () => {
  const facts = vm('not-ready', 20);
  const of = (osVersion: string) =>
    diagnose({
      vm: { ...facts, powerChangedAt: null, agent: { ...facts.agent, osVersion } },
      serialLog: { at: now, text: stopBlock({ code: '0x7B' }), evidenceId: 'log' },
      now,
    }).findings[0]?.id;
  expect([of('6.3.9600.21620'), of('10.0.20348.2700')]).toEqual(['azure-2012r2-platform-update', 'azure-0x7b']);
});
