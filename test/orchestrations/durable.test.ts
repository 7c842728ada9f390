import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { cleanUp, HostProcess, makeApp } from '../host/hostProcess.ts';
import { original, request } from './world.ts';

let host: HostProcess;
const ofVm = (name: string) => ({ ...request, vmId: `${request.vmId}-${name}`, limits: { ...request.limits, repairsAtOnce: 100 } });

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [join(import.meta.dirname, 'hostApp.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
  });
  host = await HostProcess.start(await makeApp(bundle.outputFiles[0]!.text));
});
afterAll(cleanUp);

interface WorldView {
  osDisk: string;
  power: string;
  repairVm: boolean;
  disks: string[];
  breaches: string[];
  bootedFromRepairDisk: boolean;
  log: string[];
}
async function run(id: string, meanwhile: () => Promise<void> = async () => {}): Promise<{ outcome: string; world: WorldView }> {
  expect((await host.startInstance('repairVm', id, ofVm(id))).status).toBe(202);
  await meanwhile();
  const status = await host.ended(id, 40_000);
  expect(status.runtimeStatus).toBe('Completed');
  const world = (await host.get(`/api/world/${id}`)).body as unknown as WorldView;
  return { outcome: (status.output as { outcome: string }).outcome, world };
}

describe('the runbook, by Durable Functions on the embedded host', () => {
  test('repairs, and its whole history is small', async () => {
    const { outcome, world } = await run('r-cured');
    expect(outcome).toBe('repaired');
    expect(world).toMatchObject({ osDisk: '/disks/copy', repairVm: false, breaches: [], disks: ['/disks/copy'] });
    const history = await host.status('r-cured', '?showHistory=true&showHistoryOutput=true');
    expect(history.text.length).toBeLessThan(128 * 1024);
  });

  test('rolls back', async () => {
    const { outcome, world } = await run('r-uncured');
    expect(outcome).toBe('rolled-back');
    expect(world).toMatchObject({ osDisk: original.id, power: 'running', repairVm: false, breaches: [], disks: [] });
  });

  test('an activity that throws for ever still ends in a report, and nothing that may have booted is taken away', async () => {
    const { outcome, world } = await run('r-throws');
    expect(outcome).toBe('needs-person');
    expect(world).toMatchObject({ osDisk: '/disks/copy', repairVm: false, breaches: [] });
    expect(world.log.at(-1)).toBe('writeReport');
  });

  test('mode review goes on when a person approves the plan by its hash', async () => {
    const approve = async () => {
      await host.until('r-review', status => (status.customStatus as { state?: string } | null)?.state === 'waiting-approval');
      await host.raise('r-review', 'approve.bbbbbbbbbbbb', {});
      await host.raise('r-review', `approve.${'a'.repeat(12)}`, {});
    };
    expect((await run('r-review', approve)).outcome).toBe('repaired');
  });

  test('cancelled at any moment, it ends in a right state', async () => {
    const after = [0, 20, 60, 120, 180, 240, 320, 400, 500, 650];
    const ends = await Promise.all(
      after.map(ms =>
        run(`r-cancel-${ms}`, async () => {
          await new Promise(resolve => setTimeout(resolve, ms));
          await host.raise(`r-cancel-${ms}`, 'cancel', {});
        }),
      ),
    );
    for (const { outcome, world } of ends) {
      expect(world.breaches).toEqual([]);
      expect(world.repairVm).toBe(false);
      if (world.bootedFromRepairDisk) expect([world.osDisk, world.power]).toEqual(['/disks/copy', 'running']);
      else expect([outcome, world.osDisk, world.power, world.disks]).toEqual(['cancelled', original.id, 'running', []]);
    }
    expect(ends.some(({ outcome, world }) => outcome === 'cancelled' && world.log.includes('ensurePoweredOff'))).toBe(true);
  });
});
