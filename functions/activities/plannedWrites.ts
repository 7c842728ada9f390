/** The plan's list of writes, in the order in which they will follow, as a person approves them. */
import { parseId, sibling } from '../../azure/ids.ts';
import type { Attempt, InterruptStep, Mode, Plan, PlannedWrite, ScriptStep, VmFacts } from './contract.ts';
import { namesFor } from './names.ts';

type Parts = Pick<Plan, 'restart' | 'repairVm' | 'snapshot' | 'repairDisk' | 'lun' | 'skipShutdown' | 'attempts' | 'beforeBoot'> & {
  forced: boolean;
};
interface Circumstances {
  repairId: string;
  consents: string[];
  mode: Mode;
  bootsPerRepair: number;
  copiesPerRepair: number;
  /** The resource group of repairs is there already. */
  hasGroup: boolean;
}

export function plannedWrites(vm: VmFacts, plan: Parts, circumstances: Circumstances): PlannedWrite[] {
  const { repairId, mode, bootsPerRepair, copiesPerRepair, consents, hasGroup } = circumstances;
  const boots = Math.min(bootsPerRepair, plan.attempts.filter(attempt => attempt.boot !== 'never').length);
  const first = [...(hasGroup ? [] : [repairGroup(plan)]), ...restarting(vm, plan)];
  if (plan.attempts.length === 0) return first;
  return [
    ...first,
    ...provisioning(plan),
    ...(mode === 'review' ? probingACopy(vm, plan) : []),
    ...protecting(vm, plan),
    ...(mode === 'review' ? [] : [probing(plan)]),
    ...repairing(plan, boots, consents.includes('upload-dump')),
    ...copyingAgain(plan, copiesPerRepair - 1),
    ...swapping(vm, plan, boots),
    ...interrupting(vm, plan, consents),
    ...keeping(vm),
    ...rollingBack(vm),
    ...cleaningUp(plan, namesFor(repairId).osDisk),
  ];
}

const compute = 'Microsoft.Compute';
const network = 'Microsoft.Network';
const runCommand = `${compute}/virtualMachines/runCommands/write`;
const gone = 'goes with the repair VM';
const kept = 'kept for the next repair; costs nothing';
/** How often an upload that was cut off is gone on with: `uploads` of orchestrations/phases/freshCopy.ts, less the first. */
const cutOff = 2;
const attachOrDetach = `${compute}/virtualMachines/attachDetachDataDisks/action`;

function write(
  phase: string,
  operation: string,
  target: string,
  why: string,
  undo: string,
  more: Partial<PlannedWrite> = {},
): PlannedWrite {
  return { phase, operation, target, why, destructive: false, undo, atMost: 1, ...more };
}

/** Only where `infra/` has not made it. */
export const makesGroup = 'Microsoft.Resources/subscriptions/resourceGroups/write';

function repairGroup({ restart, repairVm }: Parts): PlannedWrite {
  const { subscriptionId } = parseId(repairVm.id);
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${repairVm.resourceGroup}`;
  const phase = restart.wanted ? 'restart' : 'provision';
  return write(phase, makesGroup, group, 'for what a repair makes: there is none yet', kept);
}

function restarting(vm: VmFacts, { restart, skipShutdown }: Parts): PlannedWrite[] {
  if (!restart.wanted) return [];
  const machines = `${compute}/virtualMachines`;
  const how = skipShutdown ? 'power off at once: nothing in it can shut down any more' : 'let it shut down, then power off';
  return [
    write('restart', `${compute}/snapshots/write`, restart.snapshot.id, 'the OS disk before the restart', 'kept until it expires'),
    write('restart', `${machines}/powerOff/action`, vm.id, how, 'started again', { destructive: skipShutdown }),
    write('restart', `${machines}/start/action`, vm.id, 'on its own disk: the restart that may be all it needs', 'none needed'),
  ];
}

function provisioning({ repairVm }: Parts): PlannedWrite[] {
  const vnet = repairVm.subnetId.replace(/\/subnets\/.*$/, '');
  const nsg = sibling(vnet, `${network}/networkSecurityGroups`, parseId(vnet).name);
  const sizes = repairVm.sizes.length;
  const perSize = sizes > 1 ? '; once more for each size that Azure lacks' : '';
  return [
    write('provision', `${network}/networkSecurityGroups/write`, nsg, 'what closes that network, if the region has none yet', kept),
    write('provision', `${network}/virtualNetworks/write`, vnet, 'a closed network for repair VMs, if the region has none yet', kept),
    write('provision', `${compute}/virtualMachines/write`, repairVm.id, `a temporary repair VM${perSize}`, 'deleted at the end', {
      atMost: sizes,
    }),
    command('provision', repairVm.id, '0-make-safe', 'so that Windows leaves foreign disks alone'),
  ];
}

function probingACopy(vm: VmFacts, plan: Parts): PlannedWrite[] {
  const { repairVm, lun } = plan;
  const snapshot = `${plan.snapshot.id}-probe`;
  const disk = `${plan.repairDisk.id}-probe`;
  const soon = 'deleted as soon as it has been read';
  const none = 'none: it held nothing of its own';
  return [
    write('probe', `${compute}/snapshots/write`, snapshot, `${vm.name} as it is now, to be looked at`, soon),
    write('probe', `${compute}/disks/write`, disk, 'a copy to be looked at', soon),
    write('probe', attachOrDetach, repairVm.id, `attach that copy at LUN ${lun}`, 'detached again'),
    probing(plan),
    write('probe', attachOrDetach, repairVm.id, 'detach that copy', gone),
    write('probe', `${compute}/disks/delete`, disk, 'the copy that was looked at', none, { destructive: true }),
    write('probe', `${compute}/snapshots/delete`, snapshot, 'the snapshot of that copy', none, { destructive: true }),
  ];
}

function probing({ repairVm }: Parts): PlannedWrite {
  return command('probe', repairVm.id, '0-probe', 'reads what only the disk can tell');
}

function protecting(vm: VmFacts, { snapshot, repairDisk, skipShutdown, forced }: Parts): PlannedWrite[] {
  const gently = `${forced ? 'force: it runs and answers, and goes down for this repair; ' : ''}let it shut down, then power off`;
  const how = skipShutdown ? 'power off at once: nothing in it can shut down any more' : gently;
  const before = 'the OS disk as it is now, before anything is changed';
  return [
    write('protect', `${compute}/virtualMachines/powerOff/action`, vm.id, how, 'started again', { destructive: skipShutdown || forced }),
    write('protect', `${compute}/snapshots/write`, snapshot.id, before, 'kept until it expires'),
    write('protect', `${compute}/disks/write`, repairDisk.id, 'the copy that is repaired', 'deleted if it does not boot'),
  ];
}

/** An attempt's scripts are numbered by the attempts that were made: which of them will be is not known yet. */
function repairing({ repairVm, repairDisk, lun, attempts, beforeBoot }: Parts, boots: number, uploads: boolean): PlannedWrite[] {
  const once = (attempt: Attempt, step: ScriptStep) => command('repair', repairVm.id, `*-${step.script}`, reason(attempt, step));
  const again = ({ script, consent }: ScriptStep) =>
    uploads && consent === 'upload-dump'
      ? [command('repair', repairVm.id, `*-${script}-*`, 'only if its upload is cut off: the rest of it', cutOff)]
      : [];
  return [
    write(
      'repair',
      attachOrDetach,
      repairVm.id,
      `attach ${repairDisk.name} at LUN ${lun}, again after each boot that failed`,
      'detached again',
      {
        atMost: boots + 1,
      },
    ),
    ...attempts.flatMap(attempt => attempt.scripts.flatMap(step => [once(attempt, step), ...again(step)])),
    ...beforeBoot.map(step => command('repair', repairVm.id, `*-${step.script}`, `before every boot: ${step.why}`, boots)),
    write('repair', attachOrDetach, repairVm.id, `detach ${repairDisk.name} before each boot`, gone, { atMost: boots }),
  ];
}

/** Only if a script is cut off: each fresh copy costs these. */
function copyingAgain({ repairVm, repairDisk, attempts, beforeBoot }: Parts, copies: number): PlannedWrite[] {
  if (copies === 0) return [];
  const machines = `${compute}/virtualMachines`;
  const only = 'only if a script is cut off:';
  const each = { atMost: copies };
  const again = new Map(attempts.flatMap(({ scripts }) => scripts.filter(isRedone).map(step => [step.script, step])));
  // With one script before a boot there is none that another could cost its copy.
  if (beforeBoot.length > 1) for (const step of beforeBoot) again.set(step.script, step);
  return [
    write('repair', `${machines}/powerOff/action`, repairVm.id, `${only} what it started ends with the power`, 'started again', each),
    write('repair', attachOrDetach, repairVm.id, `${only} detach the copy that it may still write to`, gone, each),
    write(
      'repair',
      `${compute}/disks/write`,
      `${repairDisk.id}-*`,
      `${only} a fresh copy from the same snapshot`,
      'deleted if it does not boot',
      each,
    ),
    write('repair', `${machines}/start/action`, repairVm.id, `${only} the repair VM again`, 'deleted at the end', each),
    write('repair', attachOrDetach, repairVm.id, `${only} attach the fresh copy, each at the next LUN`, 'detached again', each),
    ...[...again.values()].map(({ script }) =>
      command('repair', repairVm.id, `*-${script}-*`, `${only} what it had changed before, on the fresh copy`, copies),
    ),
    write(
      'repair',
      `${compute}/disks/delete`,
      `${repairDisk.id}-*`,
      `${only} each copy but the one that boots`,
      'none: the snapshot stays',
      {
        ...each,
        destructive: true,
      },
    ),
  ];
}

/** As `isChange` of orchestrations/phases/freshCopy.ts, where every consent is given. */
const isRedone = ({ script, mode, safety }: ScriptStep) => script !== 'collect-dump' && mode !== 'Detect' && safety !== 'manual_only';

function swapping(vm: VmFacts, { repairDisk }: Parts, boots: number): PlannedWrite[] {
  const machines = `${compute}/virtualMachines`;
  const back = `its OS disk becomes ${vm.osDisk.name} again`;
  const failing = 'before the next attempt, or the way back';
  const each = { atMost: boots };
  return [
    write('swap', `${machines}/write`, vm.id, `its OS disk becomes ${repairDisk.name}, once for each boot`, back, each),
    write('swap', `${machines}/start/action`, vm.id, 'to see whether it boots', 'powered off again', each),
    write('swap', `${machines}/powerOff/action`, vm.id, `only if that boot fails: ${failing}`, 'started again', {
      ...each,
      destructive: true,
    }),
    write('swap', `${machines}/write`, vm.id, `only if that boot fails: ${back}`, 'none needed', each),
  ];
}

/** Without its consent nothing is sent, and nothing is planned. */
function interrupting(vm: VmFacts, { attempts }: Parts, consents: string[]): PlannedWrite[] {
  const port = `${vm.id}/providers/Microsoft.SerialConsole/serialPorts/0`;
  const step = (attempt: Attempt, { why, consent }: InterruptStep) =>
    write(
      'verify',
      'Microsoft.SerialConsole/serialPorts/connect/action',
      port,
      `${attempt.title}, only if that boot hangs: ${why} (needs the consent ${consent})`,
      'the original OS disk, which it does not touch, goes back',
      { destructive: true },
    );
  return attempts.flatMap(attempt => (attempt.ifHung && consents.includes(attempt.ifHung.consent) ? [step(attempt, attempt.ifHung)] : []));
}

function keeping(vm: VmFacts): PlannedWrite[] {
  const why = 'only after success: tags on the replaced disk, which stays as the way back';
  return [write('verify', `${compute}/disks/write`, vm.osDisk.id, why, 'remove the tags')];
}

/** The disk goes back as after each failed boot; what is left is the power state in which the VM was found. */
function rollingBack(vm: VmFacts): PlannedWrite[] {
  if (vm.power !== 'running') return [];
  const why = `only if no boot succeeds: on ${vm.osDisk.name}, as it was found`;
  return [write('roll back', `${compute}/virtualMachines/start/action`, vm.id, why, 'none needed')];
}

function cleaningUp({ repairVm, repairDisk }: Parts, osDisk: string): PlannedWrite[] {
  const empty = 'none: it held nothing';
  const perSize = { destructive: true, atMost: repairVm.sizes.length };
  const machine = 'the repair VM with its own disk and network interface';
  const wreck = 'only if a repair VM that could not be created left its own disk';
  return [
    write('clean up', `${compute}/virtualMachines/delete`, repairVm.id, machine, empty, perSize),
    write('clean up', `${compute}/disks/delete`, sibling(repairVm.id, `${compute}/disks`, osDisk), wreck, empty, perSize),
    write('clean up', `${compute}/disks/delete`, repairDisk.id, 'only if no boot from it succeeded', 'none: the snapshot stays', {
      destructive: true,
    }),
  ];
}

/** How many run commands the repair VM may come to have: none is deleted before the VM is. */
export function mostRunCommands(writes: PlannedWrite[]): number {
  return writes.filter(({ operation }) => operation === runCommand).reduce((sum, { atMost }) => sum + atMost, 0);
}

function command(phase: string, repairVmId: string, run: string, why: string, atMost = 1): PlannedWrite {
  return write(phase, runCommand, `${repairVmId}/runCommands/${run}`, why, gone, { atMost });
}

function reason(attempt: Attempt, step: ScriptStep): string {
  return `${attempt.title}: ${step.why}${step.consent ? ` (its effect needs the consent ${step.consent})` : ''}`;
}
