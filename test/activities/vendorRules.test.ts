/** An operator's rule for a vendor's file: what may be a rule, and what the plan makes of it. */
import { describe, expect, test } from '@jest/globals';
import { withVendorRule } from '../../functions/activities/vendorRules.ts';
import { loadSettings, SettingsError } from '../../functions/settings.ts';
import type { VendorFileRule } from '../../functions/vendorFileSettings.ts';
import { playbookById } from '../../playbooks/index.ts';
import { finding } from './samples.ts';

const window = { modifiedFrom: '2026-11-20T04:00:00Z', modifiedUntil: '2026-11-20T05:30:00Z' };
const rule = { name: 'Acme, 20 November', driver: 'Acme.sys', folder: 'Acme', files: 'sig-*.dat', ...window };
const load = (...vendorFiles: object[]): VendorFileRule[] =>
  loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://a.blob.core.windows.net', BOOTMEDIC_SETTINGS: JSON.stringify({ vendorFiles }) })
    .vendorFiles;
const problems = (...vendorFiles: object[]): string[] => {
  try {
    load(...vendorFiles);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ field, problem, remedy }) => `${field}: ${problem}; ${remedy}`);
  }
};

describe('a rule', () => {
  test('may name its file by time, size or hash', () => {
    expect(load(rule)).toEqual([{ ...rule, unasked: false }]);
    const { modifiedFrom: _, modifiedUntil: __, ...bare } = rule;
    expect(problems({ ...bare, bytes: 41_004 })).toEqual([]);
    expect(problems({ ...bare, sha256: 'a'.repeat(64) })).toEqual([]);
    expect(problems(bare)).toEqual([expect.stringMatching(/vendorFiles\[0\].*says nothing of what is bad; give modifiedFrom/)]);
  });

  test.each([
    ['a folder of Windows', { folder: 'UMDF' }, 'Windows’ own'],
    ['a folder of a language', { folder: 'nl-NL' }, 'Windows’ own'],
    ['a folder elsewhere', { folder: '..\\..\\config' }, 'folder'],
    ['a folder below', { folder: 'Acme\\sub' }, 'folder'],
    ['files that are nearly all', { files: '*.sys' }, 'nearly every file'],
    ['files with a path', { files: '..\\ntoskrnl.exe' }, 'files'],
    ['half a time', { modifiedUntil: undefined }, 'says nothing'],
    ['a time of no zone', { modifiedFrom: '2026-11-20T04:00:00' }, 'modifiedFrom'],
    ['a driver that is none', { driver: 'acme.dll' }, 'driver'],
    ['a field that is none', { sha1: 'x' }, 'sha1'],
  ])('is refused at the start: %s', (_, change, word) => {
    expect(problems({ ...rule, ...change })).toEqual([expect.stringContaining(word)]);
  });

  test('is one for a driver', () => expect(problems(rule, { ...rule, driver: 'ACME.SYS' })[0]).toContain('two rules for one driver'));
});

describe('the plan of one bad driver', () => {
  const { attempts } = playbookById('bad-driver')!;
  const blames = (whatFailed: string | null) => ({ ...finding, whatFailed });
  const stepOf = (script: string, ruled: typeof attempts) => ruled.flatMap(({ scripts }) => scripts).find(step => step.script === script);

  test('shows the rule of the driver that is blamed, as the operator’s, by the consent that the step always needs', () => {
    const ruled = withVendorRule(attempts, blames('\\SystemRoot\\System32\\drivers\\acme.SYS'), load(rule));
    expect(stepOf('vendor-file', ruled)).toMatchObject({
      ...{
        origin: 'operator-rule',
        safety: 'consent',
        consent: 'quarantine-vendor-file',
        why: expect.stringContaining('Acme, 20 November'),
      },
      parameters: { Folder: 'Acme', Files: 'sig-*.dat', FromUtc: '20261120040000', UntilUtc: '20261120053000' },
    });
    expect(stepOf('driver-off', ruled)).toEqual(stepOf('driver-off', attempts));
  });

  test('asks nobody where the rule says so, and the driver still goes off only by its own consent', () => {
    const ruled = withVendorRule(attempts, blames('acme.sys'), load({ ...rule, unasked: true }));
    const step = stepOf('vendor-file', ruled);
    expect([step?.safety, step?.consent, step?.consentRequired]).toEqual(['auto_with_snapshot', undefined, undefined]);
    expect(stepOf('driver-off', ruled)).toMatchObject({ safety: 'consent', consent: 'switch-driver-off', consentRequired: false });
  });

  test.each([null, 'other.sys', 'acme.sys.exe'])('is as ever where %j is blamed', whatFailed => {
    expect(withVendorRule(attempts, blames(whatFailed), load({ ...rule, unasked: true }))).toEqual(attempts);
  });
});
