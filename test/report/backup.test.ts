/** The newest backup as the alternative to a repair: in every form where it is known, and said to be unknown where it is not. */
import { describe, expect, test } from '@jest/globals';
import type { RepairStory } from '../../functions/activities/contract.ts';
import { restoring } from '../../orchestrations/phases/backup.ts';
import { renderHtml, renderMarkdown, renderSupportRequest } from '../../report/index.ts';
import { recordOf, repaired } from './sample/stories.ts';

const seen = (page: string) =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<\/?(code|strong|time|span|a)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
const plain = (form: string) => form.replaceAll('\\', '').replaceAll('**', '').replace(/\s+/g, ' ');
const forms = (story: RepairStory) => [seen(renderHtml(recordOf(story), new Map())), plain(renderMarkdown(recordOf(story)))];
const known = repaired.backup!;
const withFound = (changes: object): RepairStory => ({ ...repaired, backup: { ...known, found: { ...known.found!, ...changes } } });
const container = `-c 'IaasVMContainer;iaasvmcontainerv2;rg-shop;vm-till-07' -i 'VM;iaasvmcontainerv2;rg-shop;vm-till-07'`;

describe('known', () => {
  test.each([
    ['when it was, and how long before', '2026-02-28 23:02:11 UTC, 4 hours'],
    ['where', 'vault-shop in resource group rg-backup'],
    ['how', 'daily-30'],
    ['the price', 'what it has written since is lost'],
    ['the command that lists', `${container} --backup-management-type AzureIaasVM --workload-type VM`],
    ['the command that restores', 'az backup restore restore-disks --subscription'],
  ])('tells %s', (_, words) => {
    for (const form of forms(repaired)) expect(form).toContain(words);
  });

  test('a support engineer is told its time', () =>
    expect(renderSupportRequest(recordOf(repaired))).toContain('Newest backup: 2026-02-28 23:02:11 UTC'));

  test('protected without a recovery point: that, and no command', () => {
    for (const form of forms(withFound({ newest: null }))) {
      expect(form).toContain('there is nothing to restore');
      expect(form).not.toContain('az backup');
    }
  });

  test('an item whose id is none of Azure’s makes no command', () => {
    for (const form of forms(withFound({ itemId: '/x; rm -rf /' }))) {
      expect(form).toContain('/x; rm -rf /');
      expect(form).not.toContain('az backup');
    }
  });
});

test.each([
  ['not asked', undefined, 'Azure Backup was not asked'],
  [
    'not to be asked',
    { ...known, found: null, unread: 'RateLimiting: too many' },
    'could not be asked for the newest recovery point: RateLimiting: too many',
  ],
  ['none', { ...known, found: null }, 'No Recovery Services vault in sight protects this VM'],
])('%s: said among what was not checked, and no section of its own', (_, backup, words) => {
  const { backup: __, ...without } = repaired;
  for (const form of forms({ ...without, ...(backup && { backup }) })) {
    expect(form).toContain(words);
    expect(form).not.toContain('The alternative');
  }
});

test('the next step names it where it is known, advises to look where it is not, and is silent where there is none', () => {
  expect(restoring(repaired)).toEqual([
    'Or restore the VM from its newest backup, of 2026-02-28 23:02 UTC: what it has written since would be lost.',
  ]);
  for (const backup of [null, { ...known, found: null, unread: 'no' }])
    expect(restoring({ backup })).toEqual(['Or restore the VM from its newest backup, if it has one.']);
  expect(restoring({ backup: { ...known, found: null } })).toEqual([]);
});
