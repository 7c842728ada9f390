import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BootSight, VmFacts } from '../../functions/activities/contract.ts';
import { lifeIn } from '../../functions/activities/interruptVm.ts';
import { closeOcr } from '../../ocr/index.ts';
import { guests } from '../../simulator/guests/index.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { Bench, repairId } from './rig.ts';
import { request } from './samples.ts';

const demo = new URL('../../simulator/scenarios/demo.json', import.meta.url);

/** Its driver never ends starting; COM1 speaks. */
const hanging = (sample: { osDisk: object }, name: string) => {
  const windows = { build: 17763, generation: 'V2', ems: true, autoReboot: false, pagefileMb: 16_384, crashDumpEnabled: 1 };
  const contents = { windows, damage: [{ kind: 'bad-driver', name: 'vendor.sys', hangs: true }] };
  return { ...sample, name, osDisk: { ...sample.osDisk, name: `${name}-os`, contents } };
};

/** Real guests: what a disk holds decides what the console shows. */
describe('the console of a VM', () => {
  let simulator: Simulator;
  let bench: Bench;
  const machines = new Map<string, string>();
  beforeAll(async () => {
    const scenario = JSON.parse(await readFile(demo, 'utf8'));
    const [sample] = scenario.virtualMachines;
    scenario.virtualMachines.push(...['hung-08', 'hung-09'].map(name => hanging(sample, name)));
    for (const { name, resourceGroup } of scenario.virtualMachines)
      machines.set(
        name,
        `/subscriptions/${scenario.subscriptions[0].id}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachines/${name}`,
      );
    const runDir = await mkdtemp(join(tmpdir(), 'bootmedic-simulator-'));
    simulator = await startSimulator({ scenario, guests, runDir, timeScale: 100 });
    bench = new Bench(simulator);
  }, 60_000);
  afterAll(async () => {
    await simulator?.close();
    await closeOcr();
  });

  const facts = async (name: string): Promise<VmFacts> => {
    const { vm } = await bench.value('inspectVm', { request: { ...request, vmId: machines.get(name) ?? '' } });
    if (vm === null) throw new Error(`${name} cannot be read`);
    return vm;
  };

  test.each([
    ['app-nl-01', 'azure-0xc000021a'],
    ['web-en-02', 'azure-0xef'],
  ])('%s stops with %s, read from its picture; the evidence is kept byte for byte', async (name, id) => {
    const { verdict, sight, findings, evidence } = await bench.value('diagnoseVm', { vm: await facts(name) });
    expect({ verdict, sight, best: findings[0]?.id }).toEqual({ verdict: 'failing', sight: 'stop-screen', best: id });
    const picture = evidence.find(each => each.kind === 'screenshot');
    expect(picture).toMatchObject({ fresh: true, contentType: 'image/png' });
    expect(findings[0]?.evidence).toContain(picture?.id);
    const bytes = await bench.tools.records.readEvidence(picture?.blob ?? '');
    expect(Buffer.from(bytes?.subarray(1, 4) ?? []).toString()).toBe('PNG');
  });

  test('db-ok-03 is healthy', async () => {
    expect(await bench.value('diagnoseVm', { vm: await facts('db-ok-03') })).toMatchObject({ verdict: 'healthy', findings: [] });
  });

  test('a VM that is started again shows nothing of the boot before; what its boot tells is told once', async () => {
    const vm = await facts('web-en-02');
    await bench.ensure('ensurePoweredOff', { vmId: vm.id, skipShutdown: true, expectedOsDiskId: vm.osDisk.id });
    const { at: startedAt } = await bench.ensure('ensureStarted', { vmId: vm.id });
    const looks: BootSight[] = [];
    for (let look = 0; look === 0 || !looks.at(-1)?.failure; look++) {
      looks.push(await bench.value('observeBoot', { vm, startedAt, look }));
      await setTimeout(100);
    }
    const failed = looks.at(-1);
    expect(failed).toMatchObject({ sight: 'stop-screen', alive: false, power: 'running', failure: { id: 'azure-0xef' } });
    expect(failed?.evidence.map(evidence => evidence.kind)).toContain('screenshot');
    for (const evidence of looks.flatMap(look => look.evidence))
      expect(Date.parse(evidence.capturedAt)).toBeGreaterThan(Date.parse(startedAt));
    const again = await bench.value('observeBoot', { vm, startedAt, look: looks.length });
    expect(again.failure).not.toBeNull();
    expect(again.evidence.map(evidence => evidence.kind)).not.toContain('screenshot');
  }, 60_000);

  describe('a boot that hangs', () => {
    const interrupt = async (name: string, osDiskId?: string) => {
      const vm = await facts(name);
      return bench.act('interruptVm', { vm, startedAt: vm.powerChangedAt ?? '', osDiskId: osDiskId ?? vm.osDisk.id });
    };
    const sentTo = async (name: string) =>
      (await bench.state()).writes.filter(
        ({ operation, path }: { operation: string; path: string }) => /serialPorts:nmi$/.test(operation) && path.includes(name),
      );
    const onCommand = { match: { method: 'POST', path: '/adminCommand/' } };

    test('is seen to be stuck, by its logo and a log that does not say that services run', async () => {
      const vm = await facts('hung-08');
      const look = () => bench.value('observeBoot', { vm, startedAt: vm.powerChangedAt ?? '', look: 1 });
      const [first, second] = [await look(), await look()];
      expect(first).toMatchObject({ stuck: true, sight: 'loading', failure: null });
      expect([first.trace, first.trace]).toEqual([second.trace, expect.stringMatching(/^loading {2}[0-9a-f]{12}$/)]);
      expect(await bench.value('observeBoot', { vm: await facts('web-en-02'), startedAt: vm.powerChangedAt ?? '', look: 1 })).toMatchObject(
        { stuck: false },
      );
    });

    test('is not interrupted on another disk than the repair’s, nor once it has stopped', async () => {
      expect(await interrupt('hung-08', '/somebody/elses')).toMatchObject({
        value: { sent: 'no', why: expect.stringContaining('runs on') },
      });
      expect(await interrupt('web-en-02')).toMatchObject({ value: { sent: 'no', why: expect.stringContaining('moved meanwhile') } });
      expect(await sentTo('')).toEqual([]);
    });

    test('is not interrupted twice where the host broke down before the answer; what COM1 then said is kept', async () => {
      await bench.inject({ ...onCommand, drop: 'after' });
      const first = await interrupt('hung-08');
      expect(first).toMatchObject({ value: { sent: 'unknown', evidence: [{ kind: 'serial-log' }] } });
      const [heard] = first.ok ? first.value.evidence : [];
      expect(Buffer.from((await bench.tools.records.readEvidence(heard?.blob ?? '')) ?? []).toString()).toContain('NMI_HARDWARE_FAILURE');
      expect(await interrupt('hung-08')).toMatchObject({ value: { sent: 'unknown', why: expect.stringContaining('not sent again') } });
      // Also where somebody has damaged the note of it.
      const notes: string[] = [];
      for await (const name of bench.tools.azure.blobs.list('records', `${repairId}/operations/interrupt-`)) notes.push(name);
      expect(notes).toHaveLength(1);
      await bench.tools.azure.blobs.put('records', notes[0] ?? '', '{"at":', 'application/json');
      expect(await interrupt('hung-08')).toMatchObject({ value: { sent: 'unknown', why: expect.stringContaining('not sent again') } });
      expect(await sentTo('hung-08')).toHaveLength(1);
      const audit = (await bench.tools.records.readWrites(repairId)).filter(({ operation }) => operation.includes('SerialConsole'));
      expect(audit).toMatchObject([
        { status: 0, resource: expect.stringMatching(/hung-08\/providers\/Microsoft.SerialConsole\/serialPorts\/0$/) },
      ]);
    });

    test('whose console refuses is told with what to do, and not asked again', async () => {
      await bench.inject({ ...onCommand, answer: { status: 403 } });
      const refused = { sent: 'no', why: expect.stringContaining('console-permission'), remedy: expect.stringContaining('by hand') };
      expect(await interrupt('hung-09')).toMatchObject({ value: refused });
      expect(await interrupt('hung-09')).toMatchObject({ value: refused });
      expect(await sentTo('hung-09')).toEqual([]);
    });
  });
});

test.each([
  ['nothing', '', null],
  ['that Windows is starting', '\r\nComputer is booting, SAC started and initialized.\r\n\r\nSAC>', null],
  ['that its services run', '\r\nEVENT: The CMD command is now available.\r\nSAC>', 'COM1 says that the services run'],
  ['a stop', '\r\n<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0xEF"</VALUE>\r\n', expect.stringContaining('COM1 tells of')],
])('COM1 that says %s, just before an interrupt', (_, heard, against) => expect(lifeIn(heard)).toEqual(against));
