/** The live page's settings: all that is in force is told, and no secret. */
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../functions/settings.ts';
import { renderSettings } from '../../report/ui/index.ts';

const given = {
  defaults: {
    mode: 'review',
    consents: ['upload-dump'],
    restartFirst: true,
    scopeTags: ['cost-centre'],
    limits: { keepDays: 9, scopePercent: 31 },
  },
  scopes: [{ match: { subscription: 'sub-of-shop', resourceGroup: 'rg-shop', tag: { name: 'tier', value: 'gold' } }, mode: 'auto' }],
  fourEyes: true,
  callerRights: 'required',
  alertCallers: ['11111111-2222-4333-8444-555555555555'],
  notifications: { webhooks: [{ urlSetting: 'HOOK_OF_SHOP', secretSetting: 'HOOK_SECRET', events: ['needs-person'] }] },
  sweep: {
    ...{ schedule: '0 */15 * * * *', subscriptions: ['sub-swept'], resourceGroups: ['rg-swept'], silentSeconds: 1200, againSeconds: 7200 },
    ...{ optIn: [{ name: 'care', value: 'yes' }], optOut: [{ name: 'sandbox' }], historyDays: 41 },
  },
  vendorFiles: [
    {
      ...{ name: 'vendor incident', driver: 'vendor.sys', folder: 'Vendor', files: 'C-00000291*.sys', unasked: true },
      ...{ modifiedFrom: '2024-07-19T04:00:00Z', modifiedUntil: '2024-07-19T05:27:00Z', sha256: 'ab12'.repeat(16), bytes: 4242 },
    },
  ],
  scripts: { container: 'scripts-of-ours' },
  report: { timeZone: 'Europe/Amsterdam' },
};
const address = 'https://hooks.example/of-shop?key=that-nobody-reads';
const secret = 'a-long-secret-that-nobody-reads';
const inForce = (settings: object) =>
  loadSettings({
    ...{ BOOTMEDIC_BLOB_ENDPOINT: 'https://x.blob.core.windows.net', HOOK_OF_SHOP: address, HOOK_SECRET: secret },
    BOOTMEDIC_SETTINGS: JSON.stringify(settings),
  });
const words = (page: string) =>
  page
    .slice(page.indexOf('<main'), page.indexOf('</main>'))
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** Each value of a document, as the page tells it. */
function leaves(value: unknown, name = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(each => leaves(each, name));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, each]) => leaves(each, key));
  if (name === 'sha256') return [String(value).slice(0, 12)];
  const told: Record<string, string> = {
    silentSeconds: '20 minutes',
    againSeconds: '2 hours',
    fourEyes: 'four eyes',
    unasked: 'unasked',
    restartFirst: 'yes',
  };
  return [told[name] ?? (name === 'callerRights' ? 'rights of their own' : String(value))];
}

test('each setting that is given is told; addresses and secrets are not', () => {
  const page = words(renderSettings({ settings: inForce(given), admission: null, sweep: null }));
  expect(leaves(given).filter(value => !page.includes(value))).toEqual([]);
  for (const hidden of [address, 'hooks.example', secret]) expect(page).not.toContain(hidden);
  // Each limit says what it bounds.
  expect(page).toContain('repairsPerVmAndDay3repairs of one VM in 24 hours');
});

test('what is not set is told as that', () => {
  const page = words(renderSettings({ settings: inForce({ callerRights: 'off' }), admission: null, sweep: null }));
  for (const told of [
    'nobody: no webhook is named',
    'none: only when it is asked for',
    'none begins by itself',
    'may decide on that repair too',
    'are not asked for',
  ])
    expect(page).toContain(told);
  expect(page).not.toMatch(/known to be bad|four eyes/);
});

test('who is under repair, who waits and what is left alone lead to their repairs; scopes are told in words', () => {
  const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg-shop';
  const vmId = `${group}/providers/Microsoft.Compute/virtualMachines/vm-1`;
  const since = '2026-03-01T03:00:00Z';
  const scopes = [
    `group ${group}`,
    `set ${group}/providers/microsoft.compute/availabilitysets/tills`,
    'tag /subscriptions/1 cost centre=Shop 7',
    'odd',
  ];
  const settings = inForce({});
  const admission = {
    limits: settings.defaults.limits,
    running: [{ vmId, repairId: 'r-aaaaaaaaaaaa', since, scopes }],
    waiting: [{ vmId, repairId: 'r-bbbbbbbbbbbb', since, why: 'full', waitsFor: [] }],
    breakers: [{ finding: 'f', failuresInARow: 3, lastRepairId: 'r-cccccccccccc', open: true, until: since }],
  } as unknown as Parameters<typeof renderSettings>[0]['admission'];
  const page = renderSettings({ settings, admission, sweep: null });
  for (const id of ['r-aaaaaaaaaaaa', 'r-bbbbbbbbbbbb', 'r-cccccccccccc']) expect(page).toContain(`href="/api/ui/repairs/${id}"`);
  expect(words(page)).toContain('resource group rg-shop, availability set tills, tag cost centre=Shop 7, odd');
});
