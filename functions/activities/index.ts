/** All activities, by the names that orchestrations call them. */

import type { Activity, Input, Name, Output } from './activity.ts';
import { runActivity } from './activity.ts';
import type { Envelope, Reply } from './contract.ts';
import { diagnoseVm } from './diagnoseVm.ts';
import { ensureAttached } from './ensureAttached.ts';
import { ensureBootDiagnostics } from './ensureBootDiagnostics.ts';
import { ensureDiskDeleted, ensureRepairVmDeleted, ensureSnapshotDeleted } from './ensureDeleted.ts';
import { ensureDetached } from './ensureDetached.ts';
import { ensureOsDisk } from './ensureOsDisk.ts';
import { ensurePoweredOff } from './ensurePoweredOff.ts';
import { ensureRepairDisk } from './ensureRepairDisk.ts';
import { ensureRepairGroup } from './ensureRepairGroup.ts';
import { ensureRepairNetwork } from './ensureRepairNetwork.ts';
import { ensureRepairVm } from './ensureRepairVm.ts';
import { ensureScript } from './ensureScript.ts';
import { ensureSnapshot } from './ensureSnapshot.ts';
import { ensureStarted } from './ensureStarted.ts';
import { inspectVm } from './inspectVm.ts';
import { judgeProbe } from './judgeProbe.ts';
import { measureScopes } from './measureScopes.ts';
import { observeBoot } from './observeBoot.ts';
import { planEvidence } from './planEvidence.ts';
import { planRepair } from './planRepair.ts';
import { tagLeftover } from './tagLeftover.ts';
import { createTools, type Tools } from './tools.ts';
import { watchVm } from './watchVm.ts';
import { writeReport } from './writeReport.ts';

export const activities: { [N in Name]: Activity<N> } = {
  measureScopes,
  inspectVm,
  watchVm,
  diagnoseVm,
  planEvidence,
  ensureBootDiagnostics,
  planRepair,
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
  judgeProbe,
  ensureRepairVmDeleted,
  ensureDiskDeleted,
  ensureSnapshotDeleted,
  tagLeftover,
  writeReport,
};

/** As much of `durable-functions`' `app` as is needed here. */
export interface ActivityApp {
  activity(name: string, options: { handler: (envelope: never) => Promise<unknown> }): unknown;
}

/** Registers every activity. The tools are made when the first one runs: loading the app asks nothing of Azure. */
export function registerActivities(app: ActivityApp, makeTools: () => Tools = () => createTools(process.env)): void {
  let tools: Tools | undefined;
  const register = <N extends Name>(name: N, work: Activity<N>) =>
    app.activity(name, {
      handler: (envelope: Envelope<Input<N>>): Promise<Reply<Output<N>>> => {
        tools ??= makeTools();
        return runActivity(name, work, envelope, tools);
      },
    });
  for (const name of Object.keys(activities) as Name[]) register(name, activities[name]);
}
