/** The plan's list of writes, in the order in which they will follow, as a person approves them. */
import type { Attempt, Mode, Plan, PlannedWrite, ScriptStep, VmFacts } from './contract.ts';

type Parts = Pick<Plan, 'repairVm' | 'snapshot' | 'repairDisk' | 'lun' | 'skipShutdown' | 'attempts' | 'beforeBoot'>;

export function plannedWrites(vm: VmFacts, plan: Parts, mode: Mode): PlannedWrite[] {
  return [
    ...provisioning(plan),
    ...(mode === 'review' ? probingACopy(vm, plan) : []),
    ...protecting(vm, plan),
    ...repairing(plan),
    ...swapping(vm, plan),
    ...cleaningUp(vm, plan),
  ];
}

const compute = 'Microsoft.Compute';
const gone = 'goes with the repair VM';

function write(phase: string, operation: string, target: string, why: string, undo: string, destructive = false): PlannedWrite {
  return { phase, operation, target, why, destructive, undo };
}

function provisioning({ repairVm }: Parts): PlannedWrite[] {
  const network = repairVm.subnetId.replace(/\/subnets\/.*$/, '');
  const kept = 'kept for the next repair; costs nothing';
  return [
    write(
      'provision',
      'Microsoft.Network/virtualNetworks/write',
      network,
      'a closed network for repair VMs, if the region has none yet',
      kept,
    ),
    write('provision', `${compute}/virtualMachines/write`, repairVm.id, 'a temporary repair VM', 'deleted at the end'),
    command('provision', repairVm.id, 'make-safe', 'so that Windows leaves foreign disks alone'),
  ];
}

function probingACopy(vm: VmFacts, { repairVm, snapshot, repairDisk }: Parts): PlannedWrite[] {
  const soon = 'deleted as soon as it has been read';
  return [
    write('probe', `${compute}/snapshots/write`, `${snapshot.id}-probe`, `${vm.name} as it is now, to be looked at`, soon),
    write('probe', `${compute}/disks/write`, `${repairDisk.id}-probe`, 'a copy to be looked at', soon),
    command('probe', repairVm.id, 'probe', 'reads what only the disk can tell'),
  ];
}

function protecting(vm: VmFacts, { snapshot, repairDisk, skipShutdown }: Parts): PlannedWrite[] {
  const how = skipShutdown ? 'power off at once: nothing in it can shut down any more' : 'let it shut down, then power off';
  return [
    write('protect', `${compute}/virtualMachines/powerOff/action`, vm.id, how, 'started again', skipShutdown),
    write(
      'protect',
      `${compute}/snapshots/write`,
      snapshot.id,
      'the OS disk as it is now, before anything is changed',
      'kept until it expires',
    ),
    write('protect', `${compute}/disks/write`, repairDisk.id, 'the copy that is repaired', 'deleted if it does not boot'),
  ];
}

function repairing({ repairVm, repairDisk, lun, attempts, beforeBoot }: Parts): PlannedWrite[] {
  const attach = `${compute}/virtualMachines/attachDetachDataDisks/action`;
  return [
    write('repair', attach, repairVm.id, `attach ${repairDisk.name} at LUN ${lun}`, 'detached again'),
    command('repair', repairVm.id, 'probe', 'reads what only the disk can tell'),
    ...attempts.flatMap(attempt => attempt.scripts.map(step => command('repair', repairVm.id, step.script, reason(attempt, step)))),
    ...beforeBoot.map(step => command('repair', repairVm.id, step.script, `before every boot: ${step.why}`)),
    write('repair', attach, repairVm.id, `detach ${repairDisk.name}`, gone),
  ];
}

function swapping(vm: VmFacts, { repairDisk }: Parts): PlannedWrite[] {
  return [
    write(
      'swap',
      `${compute}/virtualMachines/write`,
      vm.id,
      `its OS disk becomes ${repairDisk.name}`,
      `its OS disk becomes ${vm.osDisk.name} again`,
    ),
    write('swap', `${compute}/virtualMachines/start/action`, vm.id, 'to see whether it boots', 'powered off again'),
    write(
      'swap',
      `${compute}/virtualMachines/powerOff/action`,
      vm.id,
      'only if that boot fails: before the next attempt, or the way back',
      'started again',
      true,
    ),
    write(
      'swap',
      `${compute}/virtualMachines/write`,
      vm.id,
      `only if that boot fails: its OS disk becomes ${vm.osDisk.name} again`,
      'none needed',
    ),
  ];
}

function cleaningUp(vm: VmFacts, { repairVm, repairDisk }: Parts): PlannedWrite[] {
  return [
    write(
      'clean up',
      `${compute}/virtualMachines/delete`,
      repairVm.id,
      'the repair VM with its own disk and network interface',
      'none: it held nothing',
      true,
    ),
    write('clean up', `${compute}/disks/delete`, repairDisk.id, 'only if no boot from it succeeded', 'none: the snapshot stays', true),
    write(
      'clean up',
      `${compute}/disks/write`,
      vm.osDisk.id,
      'only after success: tags on the replaced disk, which stays as the way back',
      'remove the tags',
    ),
  ];
}

function command(phase: string, repairVmId: string, script: string, why: string): PlannedWrite {
  return write(phase, `${compute}/virtualMachines/runCommands/write`, `${repairVmId}/runCommands/${script}`, why, gone);
}

function reason(attempt: Attempt, step: ScriptStep): string {
  return `${attempt.title}: ${step.why}${step.consent ? ` (its effect needs the consent ${step.consent})` : ''}`;
}
