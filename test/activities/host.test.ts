/** Azure's own view through the real clients, on VMs whose guests all show the same stop screen. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Name } from '../../functions/activities/activity.ts';
import type { RepairRequest, VmFacts } from '../../functions/activities/contract.ts';
import { closeOcr } from '../../ocr/index.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import type { Command } from '../../orchestrations/steps.ts';
import { guests } from '../../simulator/guests/index.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import demo from '../../simulator/scenarios/demo.json' with { type: 'json' };
import { GROUP, LOCATION, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { Bench } from './rig.ts';
import { request } from './samples.ts';

const timeScale = 200;
const web = demo.virtualMachines.find(({ name }) => name === 'web-en-02');
const machine = (name: string, changes: object = {}) => ({
  ...{ ...web, name, resourceGroup: GROUP, location: LOCATION, ...changes },
  osDisk: { ...web?.osDisk, name: `${name}-os` },
  lastAgentReadyMinutesAgo: undefined,
});
const scenario = {
  subscriptions: [{ id: SUBSCRIPTION }],
  resourceGroups: [{ name: GROUP, location: LOCATION }],
  virtualMachines: [
    machine('plain'),
    machine('faulty', { platformEvent: { cause: 'host-fault', minutesAgo: 5 } }),
    machine('recovered', { platformEvent: { cause: 'host-fault', minutesAgo: 50, endedMinutesAgo: 40 } }),
    machine('resting', { power: 'deallocated', runningForMinutes: 30 }),
    machine('blind', { bootDiagnostics: false }),
    machine('own', { bootDiagnostics: { storageUri: 'https://gone.blob.core.invalid' } }),
  ],
};

describe('Azure’s own view', () => {
  let simulator: Simulator;
  let bench: Bench;
  beforeAll(async () => {
    const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-simulator-'));
    simulator = await startSimulator({ scenario, guests, runDir, timeScale });
    bench = new Bench(simulator);
  }, 60_000);
  afterAll(async () => {
    await simulator?.close();
    await closeOcr();
  });

  const inspect = (name: string) => bench.value('inspectVm', { request: { ...request, vmId: vmId(name) } });
  const facts = async (name: string): Promise<VmFacts> => {
    const { vm } = await inspect(name);
    if (vm === null) throw new Error(`${name} cannot be read`);
    return vm;
  };

  test('an Available host says nothing of the guest: the stop screen counts', async () => {
    const { verdict, findings, evidence, unread } = await bench.value('diagnoseVm', { vm: await facts('plain') });
    expect([verdict, findings[0]?.id, unread]).toEqual(['failing', 'azure-0xef', []]);
    const kinds = ['activity-log', 'boot-diagnostics', 'instance-view', 'resource-health', 'screenshot'];
    expect(evidence.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
    for (const { since } of evidence) expect(Date.parse(since ?? '')).toBeLessThan(Date.now());
  });

  test('a host that is down is the cause, whatever the screen shows; the same after it is back is not', async () => {
    const down = await bench.value('diagnoseVm', { vm: await facts('faulty') });
    expect(down).toMatchObject({ verdict: 'platform', findings: [], settledBy: expect.stringContaining('az vm redeploy') });
    expect(down.summary).toContain('unexpected failures');
    const back = await bench.value('diagnoseVm', { vm: await facts('recovered') });
    expect(back).toMatchObject({ verdict: 'failing', findings: [{ id: 'azure-0xef' }] });
    expect(back.summary).toContain('Azure itself took the VM down');
  });

  test('who stopped a VM is told with the time, and named in the evidence alone', async () => {
    const { vm, refusals } = await inspect('resting');
    expect(vm?.powerEvents).toMatchObject([{ what: 'deallocate', by: 'person' }]);
    expect(refusals[0]).toMatchObject({ code: 'deallocated', message: expect.stringMatching(/somebody has switched it off at 20\d\d-/) });
    const diagnosis = await bench.value('diagnoseVm', { vm: await facts('resting') });
    expect(diagnosis.summary).toContain('deallocated at');
    expect(JSON.stringify({ refusals, vm, diagnosis })).not.toContain('operator@');
    const log = diagnosis.evidence.find(({ kind }) => kind === 'activity-log');
    const bytes = await bench.tools.records.readEvidence(log?.blob ?? '');
    expect(Buffer.from(bytes ?? []).toString()).toContain('operator@contoso.example');
  });

  test('our own operations are told as ours', async () => {
    const vm = await facts('recovered');
    await bench.ensure('ensurePoweredOff', { vmId: vm.id, skipShutdown: true, expectedOsDiskId: vm.osDisk.id });
    const begun = Date.now();
    for (;;) {
      const [newest] = (await facts('recovered')).powerEvents ?? [];
      if (newest?.what === 'power-off') {
        expect(newest.by).toBe('us');
        break;
      }
      if (Date.now() - begun > 10_000) throw new Error('the activity log never told it');
      await setTimeout(100);
    }
  }, 20_000);

  test('a storage account that is gone is told, and is no fault', async () => {
    const { verdict, unread, summary, settledBy } = await bench.value('diagnoseVm', { vm: await facts('own') });
    expect([verdict, unread?.length]).toEqual(['unknown', 1]);
    expect(summary).toContain('Not looked at: the console (ENOTFOUND');
    expect(settledBy).toContain('boot diagnostics');
  });

  test.each([
    ['a boot is watched', { status: 503, headers: {} }],
    ['a boot is watched', { status: 429, headers: { 'Retry-After': '5' } }],
  ])('where the console fails while %s (%j), the look says so, and does not fail', async (_, answer) => {
    await bench.inject({ match: { method: 'POST', path: 'plain/retrieveBootDiagnosticsData' }, answer });
    const sight = await bench.value('observeBoot', { vm: await facts('plain'), startedAt: new Date(0).toISOString(), look: 0 });
    expect(sight.summary).toContain('not looked at: the console');
    await bench.inject({ match: { method: 'POST', path: 'plain/retrieveBootDiagnosticsData' }, answer });
    expect(await bench.act('diagnoseVm', { vm: await facts('plain') })).toMatchObject({ ok: false });
  });

  /** The real runbook and activities; the waits are shortened as the rehearsal's are. */
  async function repair(vm: string, id: string, changes: Partial<RepairRequest> = {}) {
    const own = new Bench(simulator, { defaults: { mode: 'auto' } }, id);
    let phase = '';
    const answer = async (command: Command): Promise<unknown> => {
      if (command.do === 'now') return new Date().toISOString();
      if (command.do === 'show') phase = command.status.phase ?? phase;
      if (command.do === 'sleep' || command.do === 'retry') await setTimeout((command.seconds * 1000) / timeScale);
      if (command.do === 'retry') return true;
      if (command.do === 'wait') return null;
      if (command.do === 'ask') return { decision: 'admitted' };
      if (command.do !== 'activity') return;
      // Far enough: it would go on to repair.
      if (command.name === 'planRepair') return { ok: false, fault: { kind: 'fatal', code: 'farEnough', message: 'it was diagnosed' } };
      return own.act(command.name as Name, command.input as never, phase);
    };
    const steps = repairVm({ ...request, vmId: vmId(vm), ...changes }, id);
    let next = steps.next();
    while (!next.done) next = steps.next(await answer(next.value));
    const story = (await own.tools.records.readRecord(id))?.story;
    return { end: next.value, story, writes: await own.tools.records.readWrites(id) };
  }

  test('whole: a VM that the platform keeps down is not operated on', async () => {
    const { end, story, writes } = await repair('faulty', 'r-aaaaaaaaaaaa');
    expect(end.outcome).toBe('refused');
    expect(story?.refusals).toMatchObject([{ code: 'platform-cause' }]);
    expect(writes).toEqual([]);
  });

  test('whole: diagnostics that are off are not turned on while nobody has approved it', async () => {
    const { end, story, writes } = await repair('blind', 'r-bbbbbbbbbbbb');
    expect([end.outcome, writes]).toEqual(['cancelled', []]);
    expect(story?.evidencePlan?.missingConsents).toEqual(['enable-boot-diagnostics']);
  });

  test('whole: with consent they are turned on by the one planned write, and the VM is then diagnosed', async () => {
    const { end, story, writes } = await repair('blind', 'r-cccccccccccc', { consents: ['enable-boot-diagnostics'] });
    expect(end.headline).toContain('it was diagnosed');
    expect(story?.diagnosis).toMatchObject({ verdict: 'failing', findings: [{ id: 'azure-0xef' }] });
    expect(writes.map(({ operation, resource }) => [operation, resource])).toEqual(
      story?.evidencePlan?.writes.map(({ operation, target }) => [operation, target]),
    );
    expect(story?.leftovers.map(({ removeWith }) => removeWith)).toEqual([`az vm boot-diagnostics disable --ids ${vmId('blind')}`]);
  }, 30_000);
});
