/**
 * An entry for the embedded host: the real triggers, runbook, admission and records (on Azurite), and activities from a table:
 * what a VM is called says what they answer. Not a test itself.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import * as df from 'durable-functions';
import { createBlobStore } from '../../azure/blobs.ts';
import { createClock } from '../../azure/clock.ts';
import type { Given } from '../../functions/activities/activity.ts';
import type { Envelope, RepairRequest, RepairStory, SweepReport } from '../../functions/activities/contract.ts';
import { readRepairs, startFleetRepairs } from '../../functions/activities/fleet.ts';
import { purgeHistory } from '../../functions/activities/purgeHistory.ts';
import { startAlertRepairs } from '../../functions/activities/startAlertRepairs.ts';
import { writeReport } from '../../functions/activities/writeReport.ts';
import { writeSweep } from '../../functions/activities/writeSweep.ts';
import { known } from '../../functions/known.ts';
import { registerRunbooks } from '../../functions/runbooks.ts';
import { loadSettings } from '../../functions/settings.ts';
import { registerTriggers } from '../../functions/triggers/index.ts';
import { createRecords } from '../../records/index.ts';
import { entry, png, record } from '../records/sample.ts';

/** All of them show the same stop. */
const limits = { burstVms: 1000 };
const settings = loadSettings({
  BOOTMEDIC_SETTINGS: JSON.stringify({ scripts: { container: 'scripts' }, defaults: { limits } }),
  ...process.env,
  BOOTMEDIC_BLOB_ENDPOINT: 'https://127.0.0.1',
});
const records = createRecords(createBlobStore(BlobServiceClient.fromConnectionString(process.env.TEST_BLOBS ?? '')));
const { vm, diagnosis, plan } = record.story;

type Input = Record<string, unknown> & { request?: RepairRequest };
const leftover = (name: string, monthlyUsd: number) => ({
  ...{ resourceId: `/snapshots/${name}`, type: 'snapshot', repairId: 'r-abcdefghijkl', expires: null, sizeGb: 50, monthlyUsd, why: 'kept' },
});
const nameOf = (input: Input) => (input.request?.vmId ?? '').split('/').at(-1)?.toLowerCase() ?? '';
const done = (value: unknown = {}) => ({ done: true, value });

/** VM -> the repair that has looked at it and has not ended: a second one must not be let in meanwhile. */
const holders = new Map<string, string>();
function hold(name: string, repairId: string): void {
  const other = holders.get(name);
  if (other !== undefined && other !== repairId) throw new Error(`${name} is under repair by ${other} and ${repairId}`);
  holders.set(name, repairId);
}

/** Looks at each VM so far. */
const looks = new Map<string, number>();

/**
 * By VM: `healthy…` is, `few…` lies in a small group, `asks…` waits for an approval, `stays…` waits for Azure until it is cancelled, others are refused.
 * `asks-well…` is healthy when it is looked at again.
 */
const answers: Record<string, (input: Input, repairId: string) => Promise<unknown> | unknown> = {
  measureScopes: ({ vmId }) => ({ scopes: /few/.test(String(vmId)) ? [{ id: 'few', what: 'resource group rg-few', size: 2 }] : [] }),
  inspectVm(input, repairId) {
    // Others are killed half way on purpose.
    if (nameOf(input).startsWith('healthy')) hold(nameOf(input), repairId);
    return {
      vm: { ...vm, id: input.request?.vmId, name: nameOf(input) },
      refusals: /^(healthy|asks|stays|few)/.test(nameOf(input))
        ? []
        : [{ code: 'vm-not-found', message: 'There is no such VM.', remedy: 'Check.' }],
      policy: { mode: 'auto', consents: [] },
    };
  },
  async diagnoseVm(input, repairId) {
    await records.appendTimeline(repairId, entry);
    const blob = await records.putEvidence(repairId, 'diagnose/screenshot.png', png, 'image/png');
    const evidence = diagnosis?.evidence.map(each => ({ ...each, blob }));
    const { name } = input.vm as { name: string };
    looks.set(name, (looks.get(name) ?? 0) + 1);
    const healthy = name.startsWith('healthy') || (name.startsWith('asks-well') && (looks.get(name) ?? 0) > 1);
    return healthy
      ? { ...diagnosis, verdict: 'healthy', findings: [], evidence, summary: 'The agent answers.' }
      : { ...diagnosis, evidence };
  },
  watchVm: () => done({ mark: null, changes: [] }),
  readServiceHealth: () => ({ issues: [], unread: '' }),
  planRepair: input => ({ ...plan, missingConsents: nameOf(input).startsWith('asks') ? ['upload-dump'] : [] }),
  preflightPlan: () => ({ refusals: [] }),
  ensureRepairGroup: () => ({}),
  ensureRepairNetwork: () => done({ subnetId: 's' }),
  ensureRepairVm: () => done({ vmId: 'v', size: 's' }),
  ensureScript: () =>
    done({ ...record.story.attempts[0]?.scripts[0], result: { ...record.story.attempts[0]?.scripts[0]?.result, outcome: 'fixed' } }),
  ensurePoweredOff: () => ({ done: false, checkAfterSeconds: 5, awaiting: 'power off' }),
  ensureStarted: () => done({ at: new Date().toISOString() }),
  ensureOsDisk: () => done({ osDiskId: 'd' }),
  ensureRepairVmDeleted: () => done(),
  ensureDiskDeleted: () => done(),
  ensureSnapshotDeleted: () => done(),
  tagLeftover: () => ({}),
  findSuspects: () => ({
    ...{ looked: 3, counts: { 'its agent answers': 2 }, passed: [], next: null },
    suspects: [{ vmId: vm?.id.replace(/[^/]+$/, 'healthy-swept'), why: 'its agent is not ready' }],
  }),
  findLeftovers: () => ({
    leftovers: [leftover('kept', 2.5), leftover('gone', 100)].map((each, n) => ({ ...each, due: n === 1 })),
    next: null,
  }),
  ensureLeftoverDeleted: () => done({ deleted: true, why: 'its time was up' }),
  writeSweep: input => writeSweep({ report: input.report as SweepReport }, { records } as Given),
  writeReport(input, repairId) {
    const name = nameOf(input.story as Input);
    if (holders.get(name) === repairId) holders.delete(name);
    const tools = { records, repairId, log: { info: () => {} } };
    return writeReport({ story: input.story as RepairStory, state: input.state as 'ended' }, tools as unknown as Given);
  },
};

for (const [name, work] of Object.entries({ startAlertRepairs, startFleetRepairs, readRepairs })) {
  df.app.activity(name, {
    extraInputs: [df.input.durableClient()],
    handler: async ({ input }: Envelope<never>, context) => ({
      ok: true,
      value: await work(input, { client: df.getClient(context), records, settings } as Given),
    }),
  });
}
df.app.activity('purgeHistory', {
  extraInputs: [df.input.durableClient()],
  handler: async (_, context) => ({
    ok: true,
    value: await purgeHistory({}, { client: df.getClient(context), clock: createClock(), settings } as Given),
  }),
});
for (const [name, answer] of Object.entries(answers)) {
  df.app.activity(name, {
    handler: async ({ repairId, input }: Envelope<Input>) => ({ ok: true, value: await answer(input, repairId) }),
  });
}
const nobody = { called: async () => new Map<string, string[]>(), behind: async () => [] };
registerRunbooks(Number(process.env.TEST_TIME_SCALE));
registerTriggers({ records, known, rights: { missingFor: async () => [] }, machines: nobody, settings });
