import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Plan, RepairRequest, VmFacts } from '../../functions/activities/contract.ts';
import { mostRunCommands } from '../../functions/activities/plannedWrites.ts';
import { playbookById, playbooks } from '../../playbooks/catalogue.ts';
import { scriptText } from '../../playbooks/index.ts';
import { plan as planSchema } from '../../records/plan.ts';
import { estate, GROUP, LOCATION, OTHER, type Rig, rig, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { toy } from '../simulator/support/guests.ts';
import { Bench } from './rig.ts';
import { finding, request } from './samples.ts';

const groupId = (name: string) => `/subscriptions/${SUBSCRIPTION}/resourceGroups/${name}`;
const machine = (name: string, changes: object = {}) => ({
  ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
  osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name, false) },
  ...changes,
});
const scenario = estate({
  subscriptions: [
    {
      id: SUBSCRIPTION,
      quotas: [
        { location: 'northeurope', name: 'cores', limit: 1 },
        { location: LOCATION, name: 'standardDASv5Family', limit: 0 },
      ],
      restrictions: [{ size: 'Standard_D2s_v5', location: LOCATION, zones: ['2'] }],
    },
  ],
  resourceGroups: [
    { name: GROUP, location: LOCATION },
    { name: OTHER, location: LOCATION },
    { name: 'rg-locked', location: LOCATION },
    {
      name: 'rg-app',
      location: LOCATION,
      managedBy: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Solutions/applications/till`,
    },
    { name: 'rg-denied', location: LOCATION },
    { name: 'rg-bootmedic', location: LOCATION },
  ],
  denyAssignments: [
    { name: 'till may not be stopped', scope: groupId('rg-denied'), actions: ['*/powerOff/action'] },
    { name: 'not for us', scope: groupId(GROUP), actions: ['*'], exceptApp: true },
    { name: 'not for what is in it', scope: groupId(GROUP), actions: ['*'], doNotApplyToChildScopes: true },
  ],
  policies: [
    { name: 'snapshots-need-an-owner', scope: groupId('rg-bootmedic'), type: 'Microsoft.Compute/snapshots', field: 'tags.owner' },
    { name: 'disks-here', scope: groupId(GROUP), type: 'Microsoft.Compute/disks', field: 'location', allowed: [LOCATION] },
    {
      name: 'small-vms',
      scope: groupId('rg-bootmedic'),
      type: 'Microsoft.Compute/virtualMachines',
      field: 'properties.hardwareProfile.vmSize',
      allowed: ['Standard_B1s'],
    },
  ],
  scaleSets: [
    { name: 'flex', resourceGroup: GROUP, location: LOCATION },
    { name: 'healing', resourceGroup: GROUP, location: LOCATION, automaticRepairs: true },
    { name: 'uniform', resourceGroup: GROUP, location: LOCATION, orchestrationMode: 'Uniform' },
  ],
  locks: [
    { name: 'no-delete', scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-locked`, level: 'CanNotDelete' },
    { name: 'read-only', scope: vmId('frozen'), level: 'ReadOnly' },
    { name: 'harmless', scope: vmId('sound'), level: 'CanNotDelete' },
  ],
  virtualMachines: [
    machine('sound', {
      image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2019-datacenter-core-smalldisk', version: 'latest' },
    }),
    machine('zonal', { zone: '2', osDisk: { name: 'zonal-os', sizeGb: 1016, contents: toy('zonal', false) } }),
    machine('north', { location: 'northeurope' }),
    machine('resting', { power: 'deallocated' }),
    machine('private', { tags: { 'Bootmedic-Mode': 'off' } }),
    machine('blind', { bootDiagnostics: false }),
    machine('caged', { resourceGroup: 'rg-locked' }),
    machine('frozen'),
    machine('till', { resourceGroup: 'rg-app' }),
    machine('forbidden', { resourceGroup: 'rg-denied' }),
    machine('member', { scaleSet: 'flex' }),
    machine('healed', { scaleSet: 'healing' }),
    machine('uniform', { scaleSet: 'uniform' }),
    machine('lost', { scaleSet: 'nowhere' }),
    machine('desktop', { tags: { 'cm-resource-parent': `${groupId(GROUP)}/providers/Microsoft.DesktopVirtualization/hostpools/pool` } }),
    machine('personal', {
      tags: {
        'CM-resource-parent': `${groupId(GROUP)}/providers/Microsoft.DesktopVirtualization/hostpools/pool`,
        'bootmedic-mode': 'auto',
      },
    }),
    machine('grouped', { tags: { 'cm-resource-parent': `${groupId(GROUP)}/providers/Microsoft.Web/sites/app` } }),
    // More than a page of a list holds.
    ...['1', '2', '3', '4', '5', '6'].map(n => machine(`web${n}`, { availabilitySet: 'as-web', tags: { App: 'web' } })),
    machine('web7', { resourceGroup: OTHER, tags: { app: 'web' } }),
  ],
});
const asked = (name: string, group = GROUP): RepairRequest => ({ ...request, vmId: vmId(name, group) });

describe('before anything is touched', () => {
  let azure: Rig;
  let bench: Bench;
  beforeAll(async () => {
    azure = await rig(scenario, 400);
    bench = new Bench(azure.simulator, { defaults: { mode: 'auto', consents: ['upload-dump'], scopeTags: ['app'] } });
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  const inspect = async (name: string, group = GROUP) => bench.value('inspectVm', { request: asked(name, group) });
  const facts = async (name: string): Promise<VmFacts> => {
    const { vm } = await inspect(name);
    if (vm === null) throw new Error(`${name} cannot be read`);
    return vm;
  };
  const policy = { mode: 'auto' as const, consents: ['upload-dump'], restartFirst: true };
  const seen = { sight: 'stop-screen' as const, earlierStops: 0, restartedAt: null };

  test.each([
    ['resting', GROUP, 'deallocated'],
    ['private', GROUP, 'opted-out'],
    ['caged', 'rg-locked', 'locked'],
    ['frozen', GROUP, 'locked'],
    ['nobody', GROUP, 'vm-not-found'],
    ['till', 'rg-app', 'managed-application'],
    ['forbidden', 'rg-denied', 'deny-assignment'],
    ['healed', GROUP, 'automatic-repairs'],
    ['uniform', GROUP, 'scale-set-instance'],
    ['lost', GROUP, 'scale-set-instance'],
    ['desktop', GROUP, 'session-host'],
  ])('%s in %s is refused: %s', async (name, group, code) => {
    const { refusals } = await inspect(name, group);
    expect(refusals.map(refusal => refusal.code)).toContain(code);
    for (const refusal of refusals) {
      expect(refusal.message.length).toBeGreaterThan(10);
      expect(refusal.remedy.length).toBeGreaterThan(10);
    }
  });

  test('a sound VM is not refused, nor one that a lock only keeps from deletion', async () => {
    for (const name of ['sound', 'zonal', 'north', 'member', 'personal', 'grouped']) expect((await inspect(name)).refusals).toEqual([]);
  });

  test('what a VM is a part of is counted: group, availability set and tag, over all pages and groups', async () => {
    const { scopes } = await bench.value('measureScopes', { vmId: vmId('WEB1') });
    expect(scopes.map(({ what, size }) => [what, size])).toEqual([
      [`resource group ${GROUP}`, 20],
      ['availability set as-web', 6],
      ['tag app=web', 7],
    ]);
    const again = await bench.value('measureScopes', { vmId: vmId('web2', GROUP.toUpperCase()) });
    expect(again.scopes.map(({ id }) => id)).toEqual(scopes.map(({ id }) => id));
    const alone = await bench.value('measureScopes', { vmId: vmId('caged', 'rg-locked') });
    expect(alone.scopes.map(({ size }) => size)).toEqual([1]);
    const nowhere = await bench.value('measureScopes', { vmId: vmId('x', 'rg-nowhere') });
    expect(nowhere.scopes.map(({ size }) => size)).toEqual([null]);
  });

  test('what is no VM of Azure Resource Manager is refused by its id', async () => {
    const code = async (vm: string) => (await bench.value('inspectVm', { request: { ...request, vmId: vm } })).refusals[0]?.code;
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers`;
    expect(await code(`${group}/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines/3`)).toBe('scale-set-instance');
    expect(await code(`${group}/Microsoft.ClassicCompute/virtualMachines/old`)).toBe('classic-vm');
    expect(await code(`${group}/Microsoft.Web/sites/app`)).toBe('not-a-vm');
  });

  test('a VM whose boot diagnostics are off is not refused: a small plan offers the one write that makes it visible', async () => {
    const { vm, refusals } = await inspect('blind');
    expect([refusals, vm?.bootDiagnostics, (await facts('sound')).bootDiagnostics]).toEqual([[], 'off', 'managed']);
    const plan = await bench.value('planEvidence', { vm: await facts('blind'), policy });
    expect(plan).toMatchObject({
      writes: [{ operation: 'Microsoft.Compute/virtualMachines/write', target: vm?.id, destructive: false, atMost: 1 }],
      missingConsents: ['enable-boot-diagnostics'],
    });
    const given = await bench.value('planEvidence', {
      vm: await facts('blind'),
      policy: { ...policy, consents: ['enable-boot-diagnostics'] },
    });
    expect(given.missingConsents).toEqual([]);
    expect(given.hash).not.toBe(plan.hash);
  });

  const planFor = (vm: VmFacts, changes: object = {}): Promise<Plan> =>
    bench.value('planRepair', { request, policy, vm, finding, ...seen, ...changes });

  test('a plan fits the schema of the record, and its hash stands for all of it', async () => {
    const plan = await planFor(await facts('sound'));
    expect(planSchema.parse(plan)).toEqual(plan);
    expect(plan.hash).toMatch(/^[0-9a-f]{64}$/);
    const other = await planFor(await facts('sound'), { policy: { ...policy, consents: [] } });
    expect(other.hash).not.toBe(plan.hash);
  });

  test('a person’s own script is its whole playbook, always waits for an approval, and the plan’s hash stands for its text', async () => {
    const script = {
      name: 'mine.ps1',
      sha256: 'a'.repeat(64),
      blob: 'r-abcdefghijkl/operator-script.ps1',
      writes: 'one file',
      undoneBy: 'Revert',
    };
    const vm = await facts('sound');
    const eager = { ...policy, consents: ['operator-script', 'upload-dump'] };
    const plan = await planFor(vm, { request: { ...request, script }, policy: eager });
    expect(planSchema.parse(plan)).toEqual(plan);
    expect(plan).toMatchObject({ playbook: { id: 'operator-script' }, consents: ['upload-dump'], missingConsents: ['operator-script'] });
    expect(plan.attempts.map(({ scripts }) => scripts)).toMatchObject([[{ safety: 'consent', origin: 'operator', own: script }]]);
    expect(plan.keeps.join()).toContain(`mine.ps1, SHA-256 ${script.sha256}`);
    const other = await planFor(vm, { request: { ...request, script: { ...script, sha256: 'b'.repeat(64) } }, policy: eager });
    expect(other.hash).not.toBe(plan.hash);
  });

  test('puts a Gen1 repair VM with the failed VM’s build, of another edition, beside it', async () => {
    const { repairVm, snapshot, repairDisk } = await planFor(await facts('sound'));
    expect(repairVm).toMatchObject({ generation: 'V1', zone: null, location: LOCATION, computerName: 'bmabcdefghijkl' });
    expect(repairVm.image.sku).toBe('2019-datacenter-smalldisk');
    expect(repairVm.sizes[0]).toBe('Standard_D2s_v5');
    expect(repairVm.sizes).not.toContain('Standard_D2as_v5');
    expect(repairVm.id).toBe(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-bootmedic/providers/Microsoft.Compute/virtualMachines/bootmedic-abcdefghijkl-vm`,
    );
    expect(snapshot.id).toContain('/rg-bootmedic/');
    expect(repairDisk).toEqual({ id: expect.stringContaining(`/${GROUP}/`), name: 'bootmedic-abcdefghijkl-disk' });
  });

  test('a zonal VM gets a repair VM in its zone, of a size that the zone has; a large disk gets more time', async () => {
    const small = await planFor(await facts('sound'));
    const { repairVm, attempts } = await planFor(await facts('zonal'));
    expect(repairVm.zone).toBe('2');
    expect(repairVm.sizes).not.toContain('Standard_D2s_v5');
    expect(repairVm.sizes.length).toBeGreaterThan(2);
    expect(attempts[0]?.scripts[0]?.timeoutSeconds).toBe((small.attempts[0]?.scripts[0]?.timeoutSeconds ?? 0) * 8);
  });

  test('what policies deny, and what they let through, is known before anything is made; each by its own name', async () => {
    const plan = await planFor(await facts('sound'));
    const { refusals } = await bench.value('preflightPlan', { vm: await facts('sound'), plan });
    expect(refusals.map(({ code, message }) => [code, /policy ([\w-]+)/.exec(message)?.[1]])).toEqual([
      ['policy-denies', 'snapshots-need-an-owner'],
      ['policy-denies', 'small-vms'],
    ]);
    const restartOnly = await planFor(await facts('sound'), { finding: { ...finding, playbook: null } });
    expect((await bench.value('preflightPlan', { vm: await facts('sound'), plan: restartOnly })).refusals).toHaveLength(1);
  });

  test('a playbook for one generation is refused on a VM of the other before anything is made; one that names none runs on both', async () => {
    const vm = await facts('sound');
    const other = vm.generation === 'V1' ? 'V2' : 'V1';
    const codes = async () =>
      (
        await bench.value('preflightPlan', { vm, plan: await planFor(vm, { request: { ...request, playbook: 'stop-0xef' } }) })
      ).refusals.map(({ code }) => code);
    const playbook = playbookById('stop-0xef');
    if (playbook === undefined) throw new Error('no playbook');
    expect(await codes()).not.toContain('other-generation');
    try {
      playbook.generations = [other];
      expect(await codes()).toContain('other-generation');
      playbook.generations = [other, vm.generation];
      expect(await codes()).not.toContain('other-generation');
    } finally {
      delete playbook.generations;
    }
  });

  test('no plan needs more run commands than Azure allows on a VM, and one that did would not begin', async () => {
    const vm = await facts('sound');
    const consents = ['upload-dump'];
    const counts = new Map<string, number>();
    for (const { id } of playbooks) {
      const plan = await planFor(vm, { request: { ...request, playbook: id }, policy: { ...policy, consents } });
      counts.set(id, mostRunCommands(plan.writes));
    }
    expect(counts.size).toBeGreaterThanOrEqual(8);
    expect([...counts].filter(([, most]) => most > 25 || most < 5)).toEqual([]);
    const plan = await planFor(vm, { policy: { ...policy, consents } });
    const codes = async (writes: Plan['writes']) =>
      (await bench.value('preflightPlan', { vm, plan: { ...plan, writes } })).refusals.map(({ code }) => code);
    const scripts = plan.writes.filter(({ operation }) => operation.endsWith('/runCommands/write'));
    const most = mostRunCommands(plan.writes);
    const more = (atMost: number) => [...plan.writes, ...scripts.slice(0, 1).map(write => ({ ...write, atMost }))];
    expect(await codes(more(25 - most))).not.toContain('too-many-scripts');
    expect(await codes(more(26 - most))).toContain('too-many-scripts');
  });

  test('no quota is told before anything is touched', async () => {
    const reply = await bench.act('planRepair', { request, policy, vm: await facts('north'), finding, ...seen });
    expect(reply).toMatchObject({ ok: false, fault: { kind: 'quota', code: 'NoRepairQuota' } });
  });

  test('a guest that still answers is let shut down', async () => {
    const vm = await facts('sound');
    expect((await planFor(vm)).skipShutdown).toBe(true);
    expect((await planFor(vm, { sight: 'boot-menu' })).skipShutdown).toBe(true);
    expect((await planFor(vm, { sight: 'sign-in' })).skipShutdown).toBe(false);
    const living = { ...vm, agent: { ...vm.agent, status: 'ready' as const } };
    expect((await planFor(living, { sight: 'black' })).skipShutdown).toBe(false);
  });

  test('a VM that answers is let shut down, and only when a person has agreed to the word force; no setting agrees in advance', async () => {
    const forced = await planFor(await facts('sound'), {
      finding: { ...finding, id: 'forced', stopCode: '' },
      policy: { ...policy, consents: ['upload-dump', 'force'] },
    });
    expect([forced.missingConsents, forced.skipShutdown, forced.restart.wanted]).toEqual([['force'], false, false]);
    const off = forced.writes.find(({ phase, operation }) => phase === 'protect' && operation.endsWith('powerOff/action'));
    expect(off).toMatchObject({ destructive: true, why: expect.stringMatching(/^force: it runs and answers/) });
    expect((await planFor(await facts('sound'))).missingConsents).toEqual([]);
  });

  test('every write is listed in its order, with what undoes it', async () => {
    const { writes } = await planFor(await facts('sound'), { policy: { ...policy, mode: 'review', consents: [] } });
    const phases = ['restart', 'provision', 'probe', 'protect', 'repair', 'swap', 'verify', 'roll back', 'clean up'];
    expect([...new Set(writes.map(write => write.phase))]).toEqual(phases);
    for (const write of writes) expect(write.undo).not.toBe('');
    const at = (operation: string) => writes.findIndex(write => write.operation.endsWith(operation));
    const protecting = writes.filter(({ phase }) => phase === 'protect').map(({ operation }) => operation.split('/').slice(1).join('/'));
    expect(protecting).toEqual(['virtualMachines/powerOff/action', 'snapshots/write', 'disks/write']);
    expect(at('snapshots/write')).toBeLessThan(at('powerOff/action'));
  });

  test('every script is named with the hash of what is sent, its class and its origin, once', async () => {
    const { scripts = [], attempts } = await planFor(await facts('sound'));
    expect(scripts.map(({ script }) => script)).toEqual(
      expect.arrayContaining(['make-safe', 'probe', 'boot-settings', 'offline-sfc', 'collect-dump']),
    );
    expect(new Set(scripts.map(({ script, mode }) => `${script} ${mode}`)).size).toBe(scripts.length);
    for (const { script, sha256 } of scripts) expect(sha256).toBe(scriptText(script).sha256);
    const sfc = attempts.flatMap(each => each.scripts).find(({ script }) => script === 'offline-sfc');
    expect(scripts.find(({ script }) => script === 'offline-sfc')).toMatchObject({
      safety: 'auto_with_snapshot',
      origin: sfc?.origin,
      consent: null,
    });
  });

  test('what is kept has its price, an estimate; none where the list has no price', async () => {
    const vm = await facts('sound');
    const { osDisk } = vm;
    expect(osDisk).toMatchObject({ sku: 'Premium_LRS', sizeGb: 127 });
    const estimated = await planFor(vm);
    expect(estimated.keeps.at(-1)).toContain('; about $0.65 a day, an estimate.');
    expect(estimated.keepsPerDay).toEqual({ amount: 1.07, currency: 'USD' });
    expect(estimated.keeps[0]).toContain('AutoReboot 0');
    const unknown = await planFor({ ...vm, osDisk: { ...osDisk, sku: 'UltraSSD_LRS' } });
    expect([unknown.keepsPerDay, unknown.keeps.at(-1)]).toEqual([null, expect.stringMatching(/full price\.$/)]);
  });

  test('settings in the VM stay only where a script of the plan sets them', async () => {
    const restartAlone = await planFor(await facts('sound'), { finding: { ...finding, playbook: null } });
    expect(restartAlone.attempts).toEqual([]);
    expect(restartAlone.keeps.join()).not.toContain('inside the VM');
  });

  const restart = async (changes: object) => (await planFor(await facts('sound'), changes)).restart;

  test('the interrupt of a boot that hangs is in the plan, and among its writes only where it is consented to', async () => {
    const vm = await facts('sound');
    const isInterrupt = ({ operation }: { operation: string }) => operation.startsWith('Microsoft.SerialConsole');
    const without = await planFor(vm, { policy: { ...policy, consents: [] } });
    expect(without.writes.filter(isInterrupt)).toEqual([]);
    expect(without.attempts.filter(({ ifHung }) => ifHung)).toMatchObject([
      { id: 'write-dump', boot: 'for-dump', ifHung: { safety: 'consent', origin: 'doc', consent: 'send-nmi' } },
    ]);
    const { writes, missingConsents } = await planFor(vm, { policy: { ...policy, consents: ['send-nmi'] } });
    const target = `${vm.id}/providers/Microsoft.SerialConsole/serialPorts/0`;
    expect(writes.filter(isInterrupt)).toMatchObject([
      { phase: 'verify', target, destructive: true, atMost: 1, why: expect.stringContaining('send-nmi') },
    ]);
    expect([missingConsents, without.missingConsents]).toEqual([[], []]);
  });

  test('an operator’s rule for the driver that is blamed is in the plan, with its origin, and nobody is asked where it says so', async () => {
    const rule = { name: 'Acme', driver: 'acme.sys', folder: 'Acme', files: 'sig-*.dat', bytes: 7, unasked: true };
    const ruled = new Bench(azure.simulator, { defaults: { mode: 'auto' }, vendorFiles: [rule] });
    const asked = { request: { ...request, playbook: 'bad-driver' }, policy, vm: await facts('sound'), ...seen };
    const plan = await ruled.value('planRepair', { ...asked, finding: { ...finding, whatFailed: 'ACME.sys' } });
    const of = ({ scripts = [] }: Plan) => scripts.find(({ script }) => script === 'vendor-file');
    expect(of(plan)).toMatchObject({ origin: 'operator-rule', safety: 'auto_with_snapshot', consent: null });
    expect(plan.missingConsents).toEqual([]);
    expect(planSchema.parse(plan)).toEqual(plan);
    const other = await ruled.value('planRepair', { ...asked, finding: { ...finding, whatFailed: 'other.sys' } });
    expect([of(other)?.origin, other.missingConsents]).toEqual(['derived', ['switch-driver-off']]);
  });

  test('a VM that was not restarted since it failed is to be restarted once', async () => {
    expect(await restart({})).toMatchObject({ wanted: true, snapshot: { name: 'bootmedic-abcdefghijkl-first-snap' } });
  });

  test('nor does a screen that shows nothing keep a VM that hangs from it', async () => {
    const hang = { ...finding, id: 'seen-hang' };
    expect(await restart({ sight: 'loading' })).toMatchObject({ wanted: false });
    expect(await restart({ sight: 'loading', finding: hang })).toMatchObject({ wanted: true });
  });

  test.each([
    ['the settings', { policy: { ...policy, restartFirst: false } }, 'turn it off'],
    ['a screen that comes again', { sight: 'key-prompt' }, 'the same screen'],
    ['a restart of ours before', { restartedAt: '2026-01-01T00:00:00Z' }, 'for the same trouble'],
    ['a loop', { earlierStops: 2 }, '3 stops'],
  ])('no restart because of %s', async (_, changes, why) => {
    expect(await restart(changes)).toMatchObject({ wanted: false, why: expect.stringContaining(why) });
  });

  test('no restart of a VM that somebody has started again already', async () => {
    const vm = await facts('sound');
    const start = (at: string) => ({ at, what: 'start' as const, by: 'person' as const });
    const restartOf = async (...powerEvents: NonNullable<VmFacts['powerEvents']>) => (await planFor({ ...vm, powerEvents })).restart;
    const newest = start('2026-01-02T08:00:00Z');
    expect(await restartOf(newest, start('2026-01-02T07:00:00Z'))).toMatchObject({ wanted: false, why: expect.stringContaining('08:00') });
    expect(await restartOf(newest, start('2025-12-20T07:00:00Z'))).toMatchObject({ wanted: true });
    expect(await restartOf(newest)).toMatchObject({ wanted: true });
  });

  test('a stop that no playbook answers is given a restart only, also where there is no room for a repair VM', async () => {
    const plan = await planFor(await facts('north'), { finding: { ...finding, playbook: null } });
    expect(plan).toMatchObject({ attempts: [], restart: { wanted: true } });
    expect([...new Set(plan.writes.map(write => write.phase))]).toEqual(['restart']);
    expect(plan.keeps.join()).toContain('first-snap');
  });

  test('a playbook that does not exist is said so', async () => {
    const reply = await bench.act('planRepair', {
      request: { ...request, playbook: 'none' },
      policy,
      vm: await facts('sound'),
      finding,
      ...seen,
    });
    expect(reply).toMatchObject({ ok: false, fault: { kind: 'fatal', code: 'noPlaybook' } });
  });

  test('nothing was written', async () => {
    expect((await bench.state()).writes).toEqual([]);
  });
});
