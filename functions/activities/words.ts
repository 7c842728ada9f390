/** Each activity in words, for the timeline: what it does to which resource. */
import type { Input, Name } from './activity.ts';

const last = (id: string) => id.split('/').at(-1) ?? id;

const words: { [N in Name]: (input: Input<N>) => string } = {
  inspectVm: ({ request }) => `read ${last(request.vmId)} and what speaks against touching it`,
  measureScopes: ({ vmId }) => `count the VMs beside ${last(vmId)}, of which few are repaired at once`,
  watchVm: ({ vmId }) => `look whether somebody else has changed ${last(vmId)}`,
  diagnoseVm: ({ vm }) => `look at the console of ${vm.name} and find out what is wrong`,
  readServiceHealth: ({ location }) => `ask Azure Service Health whether it has a fault in ${location} itself`,
  planEvidence: ({ vm }) => `plan how ${vm.name} can be seen`,
  ensureBootDiagnostics: ({ vmId }) => `turn on boot diagnostics of ${last(vmId)}`,
  planRepair: ({ vm, finding }) => `plan the repair of ${vm.name} for ${finding.stopCode}`,
  preflightPlan: ({ plan }) => `ask whether policies and permissions allow what ${plan.repairVm.name} and its disks need`,
  ensureRepairGroup: ({ spec }) => `resource group ${spec.resourceGroup}`,
  ensureRepairNetwork: ({ spec }) => `a closed network for repair VMs in ${spec.location}`,
  ensureRepairVm: ({ spec, size }) => `create the repair VM ${spec.name} (${size})`,
  ensureScript: ({ script, mode, repairVmId }) => `run ${script} (${mode}) on ${last(repairVmId)}`,
  ensurePoweredOff: ({ vmId, skipShutdown }) => `power ${last(vmId)} off${skipShutdown ? '' : ', letting it shut down'}`,
  ensureSnapshot: ({ snapshotId, diskId }) => `snapshot ${last(snapshotId)} of ${last(diskId)}`,
  ensureRepairDisk: ({ diskId, snapshotId }) => `copy ${last(snapshotId)} to the repair disk ${last(diskId)}`,
  ensureAttached: ({ vmId, diskId, lun }) => `attach ${last(diskId)} to ${last(vmId)} at LUN ${lun}`,
  ensureDetached: ({ vmId, diskId }) => `detach ${last(diskId)} from ${last(vmId)}`,
  ensureOsDisk: ({ vmId, from, to }) => `point ${last(vmId)} at ${to.name} instead of ${from.name}`,
  ensureStarted: ({ vmId }) => `start ${last(vmId)}`,
  observeBoot: ({ vm, look }) => `look ${look + 1} at how ${vm.name} boots`,
  interruptVm: ({ vm }) => `stop ${vm.name}, which hangs, by a non-maskable interrupt so that it writes its dump`,
  judgeProbe: () => 'judge what the probe found on the disk',
  ensureRepairVmDeleted: ({ vmId }) => `delete the repair VM ${last(vmId)} with its own disk and network interface`,
  ensureDiskDeleted: ({ diskId }) => `delete the repair disk ${last(diskId)}`,
  ensureSnapshotDeleted: ({ snapshotId }) => `delete the snapshot ${last(snapshotId)}`,
  tagLeftover: ({ resourceId, expires }) => `tag ${last(resourceId)} to be kept until ${expires.slice(0, 10)}`,
  startNotification: ({ notice }) => `tell whom the settings name: ${notice.event}`,
  sendNotification: ({ notice, webhook }) => `send the notice ${notice.event} to webhook ${webhook + 1}`,
  writeReport: () => 'write the report',
  findSuspects: () => 'ask which VMs should run and do not answer',
  startRepairs: ({ vms }) => `start the repair of ${vms.length} VM(s)`,
  findLeftovers: () => 'ask what is left of earlier repairs',
  ensureLeftoverDeleted: ({ resourceId }) => `delete ${last(resourceId)}, whose time is up`,
  purgeHistory: () => 'remove old histories of ended orchestrations',
  writeSweep: () => 'write the report of the sweep',
  startFleetRepairs: ({ vmIds }) => `start the repair of ${vmIds.length} VM(s) of the fleet`,
  startAlertRepairs: ({ vmIds }) => `start the repair of ${vmIds.length} VM(s) of an alert`,
  readRepairs: ({ repairIds }) => `look how ${repairIds.length} repair(s) of the fleet fare`,
};

export function describe<N extends Name>(name: N, input: Input<N>): string {
  return words[name](input);
}
