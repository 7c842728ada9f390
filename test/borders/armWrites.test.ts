/** What Azure is asked and answers on the way to a write, with a field missing or another in its place: a value or a fault that says what is wrong. */
import { expect, test } from '@jest/globals';
import { Bench } from '../activities/rig.ts';
import { finding, names, request, spec } from '../activities/samples.ts';
import fc from '../fastCheck.ts';
import { call, diskId, idOf, LOCATION, onVm, SUBSCRIPTION, vmId } from '../simulator/support/estate.ts';
import { azure, bench, inspectBefore, vm } from './inspected.ts';
import { isUnpolluted, mutated } from './odd.ts';

inspectBefore();

type Act = (bench: Bench) => ReturnType<Bench['act']>;
interface Ask {
  path: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
  act: Act;
}

const compute = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute`;
const expires = '2030-01-01T00:00:00.000Z';
const startedAt = '2026-01-01T00:00:00.000Z';
const snapshotId = idOf('Microsoft.Compute/snapshots', names.snapshot);
const copyId = diskId(names.disk);
const script = { repairVmId: vmId('helper', 'rg-office'), run: '1-x', script: 'offline-sfc', mode: 'Repair' as const };
const run = { ...script, lun: 0, timeoutSeconds: 600, parameters: {}, uploadDump: false };
const plan: Act = each =>
  each.act('planRepair', {
    ...{ request, vm, finding, earlierStops: 0, restartedAt: null },
    ...{ policy: { mode: 'auto', consents: [], restartFirst: true }, sight: 'stop-screen' },
  });
const read = async (url: string) => (await call(azure, 'GET', url)).body;
const twice =
  (act: Act): Act =>
  async each => {
    await act(each);
    return act(each);
  };

async function asks(): Promise<Ask[]> {
  const skus = await read(`${compute}/skus?api-version=2021-07-01&$filter=location eq '${LOCATION}'`);
  const usages = await read(`${compute}/locations/${LOCATION}/usages?api-version=2025-04-01`);
  const shown = (await onVm(azure, 'GET', 'broken', '?$expand=instanceView')).body;
  const view = {
    executionState: 'Succeeded',
    exitCode: 0,
    output: 'BOOTMEDIC-RESULT {}',
    error: '',
    startTime: startedAt,
    endTime: startedAt,
  };
  const command = {
    ...{ id: `${run.repairVmId}/runCommands/1-x`, name: '1-x', location: LOCATION },
    properties: { provisioningState: 'Succeeded', source: { script: 'x' }, timeoutInSeconds: 600, instanceView: view },
  };
  const made = { provisioningState: 'Succeeded', diskSizeGB: 127, timeCreated: startedAt, uniqueId: 'u', incremental: true };
  const creationData = { createOption: 'Copy', sourceResourceId: diskId('broken-os') };
  const volume = { location: LOCATION, tags: {}, sku: { name: 'Standard_LRS' }, properties: { ...made, creationData } };
  // Nobody listens there.
  const uris = { consoleScreenshotBlobUri: 'https://127.0.0.1:9999/a?sig=x', serialConsoleLogBlobUri: 'https://127.0.0.1:9999/b?sig=x' };
  const theSnapshot: Act = each => each.act('ensureSnapshot', { snapshotId, diskId: diskId('broken-os'), location: LOCATION, expires });
  const boot: Act = each => each.act('observeBoot', { vm, startedAt, look: 1 });
  const off: Act = each => each.act('ensurePoweredOff', { vmId: request.vmId, skipShutdown: true, expectedOsDiskId: diskId('broken-os') });
  const swap: Act = each =>
    each.act('ensureOsDisk', {
      vmId: request.vmId,
      from: { id: diskId('broken-os'), name: 'broken-os' },
      to: { id: copyId, name: names.disk },
    });
  const accepted = { status: 202, headers: { location: '/no/address', 'azure-asyncoperation': 'neither' } };
  return [
    // First, for the next ones do power it off.
    { path: 'virtualMachines/broken/powerOff', method: 'POST', ...accepted, body: {}, act: twice(off) },
    { path: 'Microsoft.Compute/skus', method: 'GET', body: { value: skus.value.slice(0, 2) }, act: plan },
    { path: '/usages', method: 'GET', body: usages, act: plan },
    { path: 'virtualMachines/broken\\?', method: 'GET', body: shown, act: off },
    { path: 'virtualMachines/broken\\?', method: 'GET', body: shown, act: swap },
    { path: 'virtualMachines/broken\\?', method: 'GET', body: shown, act: boot },
    { path: 'retrieveBootDiagnosticsData', method: 'POST', body: uris, act: boot },
    { path: 'retrieveBootDiagnosticsData', method: 'POST', body: uris, act: each => each.act('diagnoseVm', { vm }) },
    { path: 'runCommands/', method: 'PUT', status: 201, body: command, act: each => each.act('ensureScript', run) },
    { path: 'runCommands/', method: 'GET', body: command, act: twice(each => each.act('ensureScript', run)) },
    { path: 'snapshots/', method: 'GET', body: { ...volume, id: snapshotId }, act: twice(theSnapshot) },
    { path: 'snapshots/', method: 'PUT', ...accepted, body: { ...volume, id: snapshotId }, act: twice(theSnapshot) },
    {
      ...{ path: 'disks/', method: 'PUT', status: 200, body: { ...volume, id: copyId } },
      act: twice(each => each.act('ensureRepairDisk', { diskId: copyId, snapshotId, vm, expires })),
    },
    {
      ...{ path: 'virtualMachines/', method: 'GET', body: shown },
      act: twice(each => each.act('ensureRepairVm', { spec, size: 'Standard_D2s_v5' })),
    },
    {
      ...{
        path: 'Microsoft.Network/',
        method: 'GET',
        body: { id: 'x', properties: { provisioningState: 'Succeeded', subnets: [{ name: 'repair' }] } },
      },
      act: each => each.act('ensureRepairNetwork', { spec }),
    },
  ];
}

test('sizes, quotas, consoles, run commands, what is there already and what a write is answered with', async () => {
  let refused = 0;
  let answered = 0;
  let n = 0;
  for (const { path, method, status = 200, headers = {}, body, act } of await asks()) {
    await fc.assert(
      fc.asyncProperty(mutated(body), async changed => {
        await bench.inject({ match: { method, path }, times: 9, answer: { status, headers, body: changed ?? null } });
        // Another repair each time, whose memory is its own.
        const reply = await act(new Bench(azure.simulator, undefined, `r-${String(++n).padStart(12, 'b')}`.replaceAll(/[0189]/g, 'z')));
        await bench.clearFaults();
        if (reply.ok) answered++;
        else {
          refused++;
          expect(reply.fault.message.length).toBeGreaterThan(5);
          // No programming error in disguise.
          expect([method, path, JSON.stringify(changed)?.slice(0, 300), reply.fault.message, reply.fault.code]).not.toContain('internal');
        }
        expect(isUnpolluted()).toBe(true);
      }),
      { numRuns: 12 },
    );
  }
  expect([refused, answered].every(count => count > 20)).toBe(true);
}, 120_000);
