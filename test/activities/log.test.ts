import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { correlationId } from '../../azure/call.ts';
import { runActivity } from '../../functions/activities/activity.ts';
import { activities } from '../../functions/activities/index.ts';
import { createTools } from '../../functions/activities/tools.ts';
import { diskId, type Rig, rig, vmId } from '../simulator/support/estate.ts';
import { inRepairGroup, names } from './samples.ts';

const repairId = 'r-abcdefghijkl';

describe('the log', () => {
  let azure: Rig;
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line));
      done();
    },
  });
  beforeAll(async () => {
    azure = await rig(undefined, 400);
    const { simulator } = azure;
    process.env.IDENTITY_ENDPOINT = simulator.identityEndpoint;
    process.env.IDENTITY_HEADER = simulator.identityHeader;
    const env = {
      BOOTMEDIC_ARM_ENDPOINT: simulator.armEndpoint,
      BOOTMEDIC_BLOB_ENDPOINT: simulator.blobEndpoint,
      BOOTMEDIC_TIME_SCALE: String(simulator.timeScale),
    };
    const tools = createTools(env, sink);
    const call = { repairId, phase: 'protect', since: new Date().toISOString() };
    const off = { vmId: vmId('broken'), skipShutdown: true, expectedOsDiskId: diskId('broken-os') };
    await runActivity('ensurePoweredOff', activities.ensurePoweredOff, { ...call, input: off }, tools);
    const unknown = { vmId: vmId('nobody'), diskId: inRepairGroup('Microsoft.Compute/disks', names.disk), lun: 0 };
    await runActivity('ensureAttached', activities.ensureAttached, { ...call, input: unknown }, tools);
  }, 30_000);
  afterAll(() => azure?.simulator.close());

  test('has one correlation id for a repair, in each line, as Azure’s own logs have it', () => {
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatchObject({ repairId, phase: 'protect', correlationId: correlationId(repairId) });
  });

  test('has each write to Azure: what, how it was answered and how long that took', () => {
    const writes = lines.filter(({ msg }) => msg === 'azure write');
    expect(writes).toEqual([
      expect.objectContaining({
        ...{ level: 'info', step: 'ensurePoweredOff', method: 'POST', resource: `${vmId('broken')}/powerOff`, status: 202 },
        requestId: expect.stringMatching(/./),
        ms: expect.any(Number),
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('skipShutdown=');
  });

  test('has levels as words and times in ISO, as the host beside it', () => {
    expect(new Set(lines.map(({ level }) => level))).toEqual(new Set(['info', 'warn']));
    for (const { time } of lines) expect(new Date(String(time)).toISOString()).toBe(time);
  });
});
