/** No refusal without a line in docs/refusals.md, and none without a test that meets it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checks, refusalsFor, type Seen } from '../../functions/activities/preflight.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const inFolder = (folder: string) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => read(`${folder}/${file}`));

const sources = [
  ...['preflight', 'inspectVm', 'preflightPlan'].map(name => read(`functions/activities/${name}.ts`)),
  ...inFolder('orchestrations'),
].join('\n');
const codes = [
  ...new Set([...sources.matchAll(/\bcode: '([a-z]+(?:-[a-z]+)+|forbidden|locked|deallocated)'/g)].map(([, code]) => code ?? '')),
];
const documented = [...read('docs/refusals.md').matchAll(/^\| `([a-z-]+)` \| (.+) \| (.+) \|$/gm)].map(([, code]) => code);

test('every refusal is in the table, and the table has no other', () => {
  expect(documented.toSorted()).toEqual(codes.toSorted());
});

test('every refusal is met by a test', () => {
  const tests = inFolder('test').join('\n');
  expect(codes.filter(code => !tests.includes(`'${code}'`))).toEqual([]);
});

describe('what the VM and its disk show', () => {
  const vm = {
    ...{ id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm', name: 'vm', location: 'l', zone: null },
    ...{
      tags: {},
      etag: null,
      uniqueId: 'u',
      size: 's',
      provisioning: 'succeeded',
      provisioningState: 'Succeeded',
      provisioningError: null,
    },
    ...{ power: 'running', powerChangedAt: null, agent: { status: 'none', at: null, version: null }, osVersion: null, generation: 'V2' },
    ...{ securityType: 'Standard', image: null, dataDisks: [], bootDiagnostics: 'managed', scaleSetId: null, extensions: [] },
    osDisk: { id: '/d', name: 'd', windows: true, ephemeral: false, createOption: 'FromImage', legacyEncryption: false },
  } as Seen['vm'];
  const disk = {
    ...{ id: '/d', name: 'd', location: 'l', zone: null, tags: {}, sku: 'Premium_LRS', sizeGb: 127, generation: 'V2', securityType: null },
    ...{ diskEncryptionSetId: null, guestEncrypted: false, maxShares: 1, attachedTo: null, provisioning: 'succeeded' },
    ...{ provisioningState: 'Succeeded', sourceId: null, access: {} },
  } as NonNullable<Seen['disk']>;
  const sound: Seen = {
    ...{ vm, disk, powerEvents: null, locks: [], missingActions: [], denials: [], groupManager: null, scaleSet: null },
  };
  const os = (change: object) => ({ vm: { ...vm, osDisk: { ...vm.osDisk, ...change } } });

  test('a sound VM is not refused', () => {
    expect(refusalsFor(sound)).toEqual([]);
  });

  const met: [string, Partial<Seen>][] = [
    ['opted-out', { vm: { ...vm, tags: { 'BOOTMEDIC-mode': ' Off ' } } }],
    ['deallocated', { vm: { ...vm, power: 'deallocated' } }],
    ['scale-set-instance', { vm: { ...vm, scaleSetId: '/set' }, scaleSet: { flexible: false, automaticRepairs: false } }],
    ['scale-set-instance', { vm: { ...vm, scaleSetId: '/set' } }],
    ['automatic-repairs', { vm: { ...vm, scaleSetId: '/set' }, scaleSet: { flexible: true, automaticRepairs: true } }],
    ['session-host', { vm: { ...vm, tags: { 'cm-resource-parent': '/x/providers/Microsoft.DesktopVirtualization/hostpools/p' } } }],
    ['managed-application', { groupManager: '/app' }],
    ['deny-assignment', { denials: [{ name: 'd', actions: ['a'] }] }],
    ['not-windows', os({ windows: false })],
    ['ephemeral-os-disk', os({ ephemeral: true })],
    ['unmanaged-os-disk', { ...os({ id: null }), disk: undefined }],
    ['os-disk-not-found', { disk: undefined }],
    ['os-disk-sku', { disk: { ...disk, sku: 'PremiumV2_LRS' } }],
    ['os-disk-sku', { disk: { ...disk, sku: 'UltraSSD_LRS' } }],
    ['disk-encryption', { disk: { ...disk, guestEncrypted: true } }],
    ['disk-encryption', os({ legacyEncryption: true })],
    ['disk-encryption', { vm: { ...vm, extensions: ['AzureDiskEncryption'] } }],
    ['confidential-vm', { vm: { ...vm, securityType: 'ConfidentialVM' } }],
    ['trusted-launch-state', { vm: { ...vm, securityType: 'TrustedLaunch' } }],
    ['shared-disk', { disk: { ...disk, maxShares: 2 } }],
    ['locked', { locks: [{ id: `${vm.id}/providers/Microsoft.Authorization/locks/l`, level: 'ReadOnly' }] }],
    ['permission-missing', { missingActions: ['a'] }],
  ];

  test.each(met)('%s: %j', (code, change) => {
    const refusals = refusalsFor({ ...sound, ...change });
    expect(refusals.map(each => each.code)).toEqual([code]);
    expect([refusals[0]?.message.startsWith('vm: '), (refusals[0]?.remedy.length ?? 0) > 10]).toEqual([true, true]);
  });

  test('each check is met here', () => {
    expect(checks.map(({ code }) => code).filter(code => !met.some(([each]) => each === code))).toEqual([]);
  });
});
