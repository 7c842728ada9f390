/** An app for the embedded host: the real runbook under the real interpreter, its activities answered by the table of `world.ts`. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import type { Envelope, RepairRequest } from '../../functions/activities/contract.ts';
import { type AdmissionState, admit, nobody, release } from '../../orchestrations/admission.ts';
import { runbook } from '../../orchestrations/durable.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import { World } from './world.ts';

const worlds = new Map<string, World>();
const worldOf = (id: string): World => {
  const world =
    worlds.get(id) ??
    new World({ curedBy: id.endsWith('uncured') ? null : 'offline-sfc', mode: id.includes('review') ? 'review' : 'auto' });
  worlds.set(id, world);
  return world;
};

const names = [
  'measureScopes',
  'inspectVm',
  'watchVm',
  'diagnoseVm',
  'planRepair',
  'preflightPlan',
  'judgeProbe',
  'observeBoot',
  'tagLeftover',
  'writeReport',
  'ensureRepairGroup',
  'ensureRepairNetwork',
  'ensureRepairVm',
  'ensureScript',
  'ensurePoweredOff',
  'ensureSnapshot',
  'ensureRepairDisk',
  'ensureAttached',
  'ensureDetached',
  'ensureOsDisk',
  'ensureStarted',
  'ensureRepairVmDeleted',
  'ensureDiskDeleted',
  'ensureSnapshotDeleted',
];
for (const name of names) {
  df.app.activity(name, {
    handler: async (envelope: Envelope<unknown>) => {
      await new Promise(resolve => setTimeout(resolve, 5));
      if (envelope.repairId.endsWith('throws') && name === 'observeBoot') throw new Error('out of memory');
      return worldOf(envelope.repairId).activity(name, envelope.input);
    },
  });
}
df.app.entity<AdmissionState>('admission', context => {
  const state = context.df.getState(() => nobody) ?? nobody;
  if (context.df.operationName === 'release')
    return context.df.setState(release(state, context.df.getInput() ?? { vmId: '', repairId: '' }));
  if (context.df.operationName === 'noteEnd') return context.df.return({});
  if (context.df.operationName === 'askBreaker') return context.df.return({ open: false });
  const { state: next, answer } = admit(state, context.df.getInput() as Parameters<typeof admit>[1]);
  context.df.setState(next);
  context.df.return(answer);
});
df.app.entity('incidents', context => context.df.return({ turn: 'go' }));
df.app.orchestration('repairVm', runbook<RepairRequest>(repairVm, { timeScale: 1000 }));
app.http('world', {
  route: 'world/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: async request => {
    const { osDisk, power, repairVm: repairVmThere, disks, breaches, bootedFromRepairDisk, log } = worldOf(request.params.id ?? '');
    return { jsonBody: { osDisk, power, repairVm: repairVmThere, disks: [...disks], breaches, bootedFromRepairDisk, log } };
  },
});
