/** Settings that are wrong stop the start, with every field named; nothing else does, and no wrong word loosens what may be done. */
import { expect, test } from '@jest/globals';
import { loadSettings, policyFor, SettingsError } from '../../functions/settings.ts';
import fc from '../fastCheck.ts';
import { isUnpolluted, mutated, oddText, oddValue } from './odd.ts';

const secrets = { WEBHOOK_URL: 'https://hooks.example/x', WEBHOOK_SECRET: 'a long text that nobody knows' };
const env = { BOOTMEDIC_BLOB_ENDPOINT: 'https://account.blob.core.windows.net', ...secrets };
const right = {
  defaults: {
    mode: 'review',
    consents: ['upload-dump'],
    restartFirst: true,
    scopeTags: ['app'],
    limits: { repairsAtOnce: 5, scopePercent: 20 },
  },
  scopes: [
    { match: { subscription: 's', resourceGroup: 'g', tag: { name: 'env', value: 'prod' } }, mode: 'observe' },
    { match: { resourceGroup: 'rg-shop' }, mode: 'auto', consents: [] },
  ],
  fourEyes: true,
  callerRights: 'required',
  alertCallers: ['461e8683-5575-4561-ac7f-899cc907d62a'],
  notifications: { webhooks: [{ urlSetting: 'WEBHOOK_URL', secretSetting: 'WEBHOOK_SECRET', events: ['ended'] }] },
  sweep: { schedule: '0 */15 * * * *', subscriptions: ['s'], optIn: [{ name: 'app' }], silentSeconds: 900 },
  vendorFiles: [{ name: 'July', driver: 'csagent.sys', folder: 'CrowdStrike', files: 'C-00000291*.sys', bytes: 40_000, unasked: true }],
  scripts: { container: 'our-scripts' },
  report: { timeZone: 'Europe/Amsterdam' },
};

/** The settings, or the fields that are wrong. */
function load(given: Record<string, string | undefined>) {
  try {
    return { settings: loadSettings({ ...env, ...given }) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { field, problem, remedy } of error.problems) expect([field, problem, remedy].every(text => text.length > 0)).toBe(true);
    return { fields: error.problems.map(({ field }) => field) };
  }
}

test('the whole of it can be used, and every field that there is is in it', () => {
  const { settings } = load({ BOOTMEDIC_SETTINGS: JSON.stringify(right) });
  const inIt = new Set(Object.keys(right));
  const others = ['armEndpoint', 'blobEndpoint', 'timeScale', 'logLevel', 'authentication', 'localCallers'];
  expect(Object.keys(settings ?? {}).filter(name => !inIt.has(name) && !others.includes(name))).toEqual([]);
});

test('any JSON, and a right document with one thing wrong in it', () => {
  fc.assert(
    fc.property(fc.oneof(oddValue, mutated(right)), document => {
      const { settings, fields } = load({ BOOTMEDIC_SETTINGS: JSON.stringify(document) });
      expect(isUnpolluted()).toBe(true);
      // Or the setting that it names, and that is not there.
      for (const field of fields ?? []) expect(field).toMatch(/^BOOTMEDIC_SETTINGS|^\w+$/);
      if (settings === undefined) return;
      const question = {
        vmId: '/subscriptions/s/resourceGroups/g/providers/x/y/z',
        requestedMode: null,
        requestedConsents: [],
        requestedRestart: true,
      };
      expect(['observe', 'review', 'auto']).toContain(policyFor(settings, { ...question, tags: { __proto__: 'x', env: 'prod' } }).mode);
      expect(settings.defaults.limits.repairsAtOnce).toBeGreaterThanOrEqual(1);
      expect(settings.defaults.limits.scopePercent).toBeLessThanOrEqual(100);
    }),
    { numRuns: 250 },
  );
});

test('any text in any variable', () => {
  const names = ['BOOTMEDIC_SETTINGS', 'BOOTMEDIC_ARM_ENDPOINT', 'BOOTMEDIC_BLOB_ENDPOINT', 'BOOTMEDIC_TIME_SCALE', 'BOOTMEDIC_LOG_LEVEL'];
  fc.assert(
    fc.property(fc.constantFrom(...names), oddText, (name, text) => {
      const { fields } = load({ [name]: text });
      for (const field of fields ?? []) expect(names.some(each => field.startsWith(each))).toBe(true);
      expect(isUnpolluted()).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('a tag of a VM, whatever it holds, never loosens the mode', () => {
  const settings = loadSettings({ ...env, BOOTMEDIC_SETTINGS: JSON.stringify({ defaults: { mode: 'review' } }) });
  fc.assert(
    fc.property(oddText, oddText, (name, value) => {
      const tags = Object.defineProperty({ [name]: value }, 'bootmedic-mode', { value, enumerable: true });
      const question = { vmId: '/a/b', tags, requestedMode: null, requestedConsents: [], requestedRestart: true };
      expect(['observe', 'review']).toContain(policyFor(settings, question).mode);
    }),
    { numRuns: 100 },
  );
});
