/** All activities, by the names that orchestrations call them. */

import type { DurableClient } from 'durable-functions';
import type { Activity, Input, Name, Output } from './activity.ts';
import { runActivity } from './activity.ts';
import type { Envelope, Reply } from './contract.ts';
import { diagnoseVm } from './diagnoseVm.ts';
import { ensureAttached } from './ensureAttached.ts';
import { ensureBootDiagnostics } from './ensureBootDiagnostics.ts';
import { ensureDiskDeleted, ensureRepairVmDeleted, ensureSnapshotDeleted } from './ensureDeleted.ts';
import { ensureDetached } from './ensureDetached.ts';
import { ensureLeftoverDeleted } from './ensureLeftoverDeleted.ts';
import { ensureOsDisk } from './ensureOsDisk.ts';
import { ensurePoweredOff } from './ensurePoweredOff.ts';
import { ensureRepairDisk } from './ensureRepairDisk.ts';
import { ensureRepairGroup } from './ensureRepairGroup.ts';
import { ensureRepairNetwork } from './ensureRepairNetwork.ts';
import { ensureRepairVm } from './ensureRepairVm.ts';
import { ensureScript } from './ensureScript.ts';
import { ensureSnapshot } from './ensureSnapshot.ts';
import { ensureStarted } from './ensureStarted.ts';
import { findLeftovers } from './findLeftovers.ts';
import { findSuspects } from './findSuspects.ts';
import { readRepairs, startFleetRepairs } from './fleet.ts';
import { inspectVm } from './inspectVm.ts';
import { interruptVm } from './interruptVm.ts';
import { judgeProbe } from './judgeProbe.ts';
import { measureScopes } from './measureScopes.ts';
import { observeBoot } from './observeBoot.ts';
import { planEvidence } from './planEvidence.ts';
import { planRepair } from './planRepair.ts';
import { preflightPlan } from './preflightPlan.ts';
import { purgeHistory } from './purgeHistory.ts';
import { readServiceHealth } from './readServiceHealth.ts';
import { sendNotification } from './sendNotification.ts';
import { startAlertRepairs } from './startAlertRepairs.ts';
import { startNotification } from './startNotification.ts';
import { startRepairs } from './startRepairs.ts';
import { tagLeftover } from './tagLeftover.ts';
import { createTools, type Tools } from './tools.ts';
import { watchVm } from './watchVm.ts';
import { writeReport } from './writeReport.ts';
import { writeSweep } from './writeSweep.ts';

export const activities: { [N in Name]: Activity<N> } = {
  measureScopes,
  inspectVm,
  watchVm,
  diagnoseVm,
  readServiceHealth,
  planEvidence,
  ensureBootDiagnostics,
  planRepair,
  preflightPlan,
  ensureRepairGroup,
  ensureRepairNetwork,
  ensureRepairVm,
  ensureScript,
  ensurePoweredOff,
  ensureSnapshot,
  ensureRepairDisk,
  ensureAttached,
  ensureDetached,
  ensureOsDisk,
  ensureStarted,
  observeBoot,
  interruptVm,
  judgeProbe,
  ensureRepairVmDeleted,
  ensureDiskDeleted,
  ensureSnapshotDeleted,
  tagLeftover,
  startNotification,
  sendNotification,
  writeReport,
  findSuspects,
  startRepairs,
  findLeftovers,
  ensureLeftoverDeleted,
  purgeHistory,
  writeSweep,
  startFleetRepairs,
  startAlertRepairs,
  readRepairs,
};
const usesClient: Name[] = [
  'startRepairs',
  'startAlertRepairs',
  'startFleetRepairs',
  'readRepairs',
  'purgeHistory',
  'startNotification',
  'sendNotification',
];

/** As much of `durable-functions`' `app` as is needed here. */
export interface ActivityApp {
  /** @param options `handler` is given a durable client where `usesClient` says so, and the host's W3C `traceparent` where it has one */
  activity(
    name: string,
    options: { handler: (envelope: never, client?: DurableClient, traceParent?: string) => Promise<unknown>; usesClient: boolean },
  ): unknown;
}

/** Registers every activity. The tools are made when the first one runs: loading the app asks nothing of Azure. */
export function registerActivities(app: ActivityApp, makeTools: () => Tools = () => createTools(process.env)): void {
  let tools: Tools | undefined;
  const register = <N extends Name>(name: N, work: Activity<N>) =>
    app.activity(name, {
      usesClient: usesClient.includes(name),
      handler: (envelope: Envelope<Input<N>>, client?: DurableClient, traceParent?: string): Promise<Reply<Output<N>>> => {
        tools ??= makeTools();
        return runActivity(name, work, envelope, tools, client, traceParent);
      },
    });
  for (const name of Object.keys(activities) as Name[]) register(name, activities[name]);
}
