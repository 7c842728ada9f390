import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Mode } from '../../functions/activities/contract.ts';
import { known } from '../../functions/known.ts';
import { limitsOf, loadSettings, policyFor, SettingsError } from '../../functions/settings.ts';
import fc from '../fastCheck.ts';

const env = { BOOTMEDIC_BLOB_ENDPOINT: 'https://account.blob.core.windows.net' };
const withSettings = (settings: unknown) => loadSettings({ ...env, BOOTMEDIC_SETTINGS: JSON.stringify(settings) });
const vmId = '/subscriptions/6d1b/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm-till';
const question = { vmId, tags: {}, requestedMode: null, requestedConsents: [], requestedRestart: true };

function problems(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(problem => `${problem.field}: ${problem.problem}; ${problem.remedy}`);
    throw error;
  }
  return [];
}

describe('reading', () => {
  test('nothing set: observe everywhere, with the limits of the design', () => {
    const settings = loadSettings(env);
    expect(policyFor(settings, question)).toEqual({ mode: 'observe', consents: [], restartFirst: true });
    expect(limitsOf(settings)).toEqual({
      repairsPerVmAndDay: 3,
      repairsAtOnce: 5,
      repairSeconds: 43_200,
      breakerFailures: 3,
      breakerSeconds: 21_600,
      burstVms: 3,
      burstSeconds: 3600,
      scopePercent: 20,
      bootsPerRepair: 3,
      copiesPerRepair: 3,
      stabilitySeconds: 180,
      silenceSeconds: 1800,
      hangSeconds: 3600,
      restartSilenceSeconds: 600,
      patienceSeconds: 28_800,
      approvalSeconds: 86400,
      keepDays: 7,
    });
    expect(settings).toMatchObject({ armEndpoint: 'https://management.azure.com', timeScale: 1, logLevel: 'info' });
  });

  test('the sweep runs by no timer unless a schedule is set, which must be NCRONTAB', () => {
    const none = { subscriptions: [], resourceGroups: [], optIn: [], optOut: [] };
    expect(loadSettings(env).sweep).toEqual({ ...none, schedule: null, silentSeconds: 900, againSeconds: 86_400, historyDays: 30 });
    const sweep = { schedule: '0 */15 * * * MON-FRI', optIn: [{ name: 'tier', value: 'gold' }] };
    expect(withSettings({ sweep }).sweep).toMatchObject(sweep);
    for (const schedule of ['every hour', '*/5 * * * *', '0 0 0 * * * *', '0 0 0 * * ;'])
      expect(problems(() => withSettings({ sweep: { schedule } }))).toEqual([expect.stringContaining('sweep.schedule: is no NCRONTAB')]);
  });

  test('a time zone of reports is one that there is', () => {
    expect(loadSettings(env).report).toEqual({ timeZone: null });
    expect(withSettings({ report: { timeZone: 'Europe/Amsterdam' } }).report.timeZone).toBe('Europe/Amsterdam');
    expect(problems(() => withSettings({ report: { timeZone: 'Amsterdam' } }))).toEqual([
      'BOOTMEDIC_SETTINGS.report.timeZone: is no time zone; give an IANA name: Europe/Amsterdam',
    ]);
  });

  test('a path is read as well as inline JSON', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'settings-')), 'settings.json');
    writeFileSync(path, JSON.stringify({ defaults: { mode: 'review' } }));
    expect(loadSettings({ ...env, BOOTMEDIC_SETTINGS: path }).defaults.mode).toBe('review');
    expect(problems(() => loadSettings({ ...env, BOOTMEDIC_SETTINGS: `${path}.gone` }))).toEqual([
      expect.stringContaining('names a file that cannot be read'),
    ]);
  });

  test('all that is wrong is told at once, each with field and remedy', () => {
    const wrong = {
      default: {},
      defaults: { mode: 'yolo', limits: { bootsPerRepair: 0 } },
      scopes: [
        { match: {}, mode: 'auto' },
        { match: { tag: 'env=prod' }, consents: ['upload-dumps'] },
      ],
    };
    const all = problems(() => loadSettings({ BOOTMEDIC_ARM_ENDPOINT: 'http://x', BOOTMEDIC_SETTINGS: JSON.stringify(wrong) }));
    expect(all).toEqual([
      expect.stringMatching(/^BOOTMEDIC_ARM_ENDPOINT: is not an https address; give an address/),
      expect.stringMatching(/^BOOTMEDIC_BLOB_ENDPOINT: is not set; name the storage account/),
      expect.stringMatching(/^BOOTMEDIC_SETTINGS\.defaults\.mode: .*; give one of "observe", "review", "auto"$/),
      expect.stringMatching(/^BOOTMEDIC_SETTINGS\.defaults\.limits\.bootsPerRepair: .*; give at least 1$/),
      expect.stringMatching(/^BOOTMEDIC_SETTINGS\.scopes\[0\]\.match: matches nothing; name a subscription/),
      expect.stringMatching(/^BOOTMEDIC_SETTINGS\.scopes\[1\]\.match\.tag: .*; give an object$/),
      expect.stringMatching(/^BOOTMEDIC_SETTINGS\.scopes\[1\]\.consents\[0\]: is not the id of a consent; give one of .*upload-dump/),
      expect.stringMatching(/^BOOTMEDIC_SETTINGS\.default: there is no such field; remove it/),
    ]);
  });

  test('text that is not JSON is told as such', () => {
    expect(problems(() => loadSettings({ ...env, BOOTMEDIC_SETTINGS: '{mode: auto}' }))).toEqual([
      expect.stringMatching(/^BOOTMEDIC_SETTINGS: is not JSON/),
    ]);
  });

  test('shortened waits are refused on anything but this machine', () => {
    expect(problems(() => loadSettings({ ...env, BOOTMEDIC_TIME_SCALE: '20' }))).toEqual([expect.stringMatching(/^BOOTMEDIC_TIME_SCALE/)]);
    expect(loadSettings({ ...env, BOOTMEDIC_ARM_ENDPOINT: 'https://127.0.0.1:8443', BOOTMEDIC_TIME_SCALE: '20' }).timeScale).toBe(20);
  });
});

test('every consent that the product asks for by name is one that can be given', () => {
  const folders = ['orchestrations/phases', 'functions/activities', 'playbooks'].map(
    folder => new URL(`../../${folder}/`, import.meta.url),
  );
  const sources = folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap(name =>
      name.endsWith('.ts') ? readFileSync(new URL(name, folder), 'utf8') : [],
    ),
  );
  const asked = sources.flatMap(source => [...source.matchAll(/(?:consent: |missingConsents\.push\()'([a-z-]+)'/g)].map(([, id]) => id));
  expect([...new Set(asked)].toSorted()).toEqual(known.consents);
});

describe('policy', () => {
  const settings = withSettings({
    defaults: { mode: 'review' },
    scopes: [
      { match: { resourceGroup: 'RG-Shop' }, mode: 'auto', consents: ['upload-dump', 'domain-controller'] },
      { match: { tag: { name: 'env', value: 'prod' } }, mode: 'review', consents: ['upload-dump'] },
      { match: { subscription: '6D1B', resourceGroup: 'rg-shop', tag: { name: 'ENV', value: 'frozen' } }, mode: 'observe' },
    ],
  });

  test.each([
    ['a matching scope replaces the defaults', {}, { mode: 'auto', consents: ['domain-controller', 'upload-dump'], restartFirst: true }],
    [
      'of two, the strictest mode and the consents of both',
      { env: 'prod' },
      { mode: 'review', consents: ['upload-dump'], restartFirst: true },
    ],
    [
      'tag values count with their case, tag names do not',
      { ENV: 'PROD' },
      { mode: 'auto', consents: ['domain-controller', 'upload-dump'], restartFirst: true },
    ],
    ['a scope without consents gives the defaults', { env: 'frozen' }, { mode: 'observe', consents: [], restartFirst: true }],
    [
      "the VM's tag tightens",
      { 'Bootmedic-Mode': ' Review ' },
      { mode: 'review', consents: ['domain-controller', 'upload-dump'], restartFirst: true },
    ],
    [
      'an unknown word in the tag is the strictest',
      { 'bootmedic-mode': 'off' },
      { mode: 'observe', consents: ['domain-controller', 'upload-dump'], restartFirst: true },
    ],
  ])('%s', (_, tags, policy) => {
    expect(policyFor(settings, { ...question, tags: tags as Record<string, string> })).toEqual(policy);
  });

  test('no scope matches: the defaults', () => {
    expect(policyFor(settings, { ...question, vmId: vmId.replace('rg-shop', 'rg-other') })).toEqual({
      mode: 'review',
      consents: [],
      restartFirst: true,
    });
  });

  test("a request's consents are added, each once", () => {
    const policy = policyFor(settings, {
      ...question,
      requestedConsents: ['upload-dump', 'act-on-uncertain-finding'],
      requestedRestart: true,
    });
    expect(policy.consents).toEqual(['act-on-uncertain-finding', 'domain-controller', 'upload-dump']);
  });

  test('whatever settings, tag and request say, the mode is never freer than any of them', () => {
    const order: Mode[] = ['observe', 'review', 'auto'];
    const mode = fc.constantFrom<Mode>(...order);
    fc.assert(
      fc.property(fc.array(mode, { minLength: 1, maxLength: 4 }), fc.option(mode), fc.option(mode), (scopes, tag, requestedMode) => {
        const some = withSettings({ scopes: scopes.map(each => ({ match: { resourceGroup: 'rg-shop' }, mode: each })) });
        const tags: Record<string, string> = tag ? { 'bootmedic-mode': tag } : {};
        const said = [...scopes, ...(tag ? [tag] : []), ...(requestedMode ? [requestedMode] : [])];
        const strictest = Math.min(...said.map(each => order.indexOf(each)));
        expect(policyFor(some, { ...question, tags, requestedMode }).mode).toBe(order[strictest]);
      }),
    );
  });

  test('of all scopes by subscription, group and tag, those that match decide: the strictest mode, and only what all of them consent to', () => {
    const order: Mode[] = ['observe', 'review', 'auto'];
    const given = ['upload-dump', 'domain-controller', 'enable-boot-diagnostics'];
    const part = (mine: string, other: string) => fc.constantFrom(undefined, mine, other);
    const scope = fc
      .record({
        ...{ subscription: part('6D1B', 'other'), resourceGroup: part('RG-shop', 'rg-other'), tag: part('prod', 'test') },
        ...{ mode: fc.constantFrom(...order), consents: fc.subarray(given) },
      })
      .filter(({ subscription, resourceGroup, tag }) => Boolean(subscription ?? resourceGroup ?? tag));
    const fits = ({ subscription, resourceGroup, tag }: { subscription?: string; resourceGroup?: string; tag?: string }) =>
      subscription !== 'other' && resourceGroup !== 'rg-other' && tag !== 'test';
    const defined = (fields: object) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 5 }), fc.constantFrom(...order), fc.subarray(given), (scopes, mode, consents) => {
        const written = scopes.map(({ mode, consents, tag, ...place }) => ({
          match: defined({ ...place, ...(tag && { tag: { name: 'env', value: tag } }) }),
          ...{ mode, consents },
        }));
        const policy = policyFor(withSettings({ defaults: { mode, consents }, scopes: written }), { ...question, tags: { ENV: 'prod' } });
        const matching = scopes.filter(each => fits(defined(each)));
        const rules = matching.length > 0 ? matching : [{ mode, consents }];
        expect(policy.mode).toBe(order[Math.min(...rules.map(rule => order.indexOf(rule.mode)))]);
        expect(policy.consents).toEqual(given.filter(id => rules.every(rule => rule.consents.includes(id))).toSorted());
      }),
    );
  });

  test('a restart first is turned off by a scope or a request, never on', () => {
    const restarts = (scopes: object[], more = {}) => {
      const settings = loadSettings({ ...env, BOOTMEDIC_SETTINGS: JSON.stringify({ defaults: { restartFirst: false }, scopes }) });
      return policyFor(settings, { ...question, ...more }).restartFirst;
    };
    const scope = (restartFirst?: boolean) => ({
      match: { resourceGroup: 'rg-shop' },
      ...(restartFirst !== undefined && { restartFirst }),
    });
    expect([restarts([]), restarts([scope()]), restarts([scope(true)]), restarts([scope(true), scope(false)])]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(restarts([scope(true)], { requestedRestart: false })).toBe(false);
  });
});
