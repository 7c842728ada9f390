import type { Leftover, RepairStory, VmFacts } from '../../functions/activities/contract.ts';
import type { WriteEntry } from '../../records/index.ts';
import { type Block, code, facts, heading, list, note, pre, type Section, strong, type Text, table, tag, text, time } from '../document.ts';
import { monthlyUsd } from '../prices.ts';
import { counted, duration, quoted, secondsBetween, shortId, size } from '../words.ts';
import { backupLimit } from './backup.ts';

/** Every request that changed Azure, in order. */
export function writes(entries: WriteEntry[]): Section {
  const rows = entries.map((entry): Text[] => [
    [time(entry.at)],
    [strong(entry.operation), ' ', code(entry.method), ' in ', entry.phase],
    [code(shortId(entry.resource))],
    entry.before === undefined && entry.after === undefined ? [] : [state(entry.before), ' → ', state(entry.after)],
    [status(entry), ' ', code(entry.requestId)],
    entry.by === undefined ? [] : [code(entry.by), ...(entry.approvedBy === undefined ? [] : [', approved by ', code(entry.approvedBy)])],
  ]);
  const columns = ['Time', 'Operation', 'Target', 'Before → after', 'Answer, request id', 'Asked by'];
  const caption = `${counted(entries.length, 'Azure write')}, in order`;
  return {
    id: 'writes',
    title: 'Every Azure write',
    blocks: rows.length === 0 ? [text('None: nothing in Azure was changed.')] : table(caption, columns, rows, true),
  };
}

const state = (value: string | undefined) => (value === undefined ? 'nothing' : code(shortId(value)));

function status({ status: code, answered }: WriteEntry) {
  if (answered === false) return tag('no answer known', 'warn');
  if (code === 0) return tag('no answer', 'bad');
  return tag(String(code), code < 400 ? 'good' : code === 429 || code === 409 ? 'warn' : 'bad');
}

/** What stays in Azure, why, how long, and the command that removes it. */
export function leftBehind({ leftovers, cleanedUp, plan, vm, attempts, restart }: RepairStory): Section {
  // The plan's words are about the whole of it; a restart that cured left one snapshot.
  const planned = attempts.length > 0 || restart?.verdict !== 'repaired' ? (plan?.keeps ?? []) : [];
  const nothing = cleanedUp || plan === null ? 'Nothing.' : 'Nothing is known to stay; the clean-up had not ended when this was written.';
  return {
    id: 'left',
    title: 'What is left behind',
    blocks: [
      ...(leftovers.length === 0 ? [text(nothing)] : leftovers.flatMap(each => leftover(each, vm))),
      ...total(leftovers, vm),
      ...(leftovers.length > 0 && planned.length > 0 ? [heading(3, 'As the plan announced'), ...list(planned.map(kept => [kept]))] : []),
    ],
  };
}

/** What the disk that it is a copy of tells: a snapshot is billed by what it holds, at most all of it. */
function costOf({ resourceId }: Leftover, vm: VmFacts | null): number | null {
  const type = /\/snapshots\//i.test(resourceId) ? 'snapshot' : /\/disks\//i.test(resourceId) ? 'disk' : null;
  return type === null || vm === null ? null : monthlyUsd(type, vm.osDisk.sku, vm.osDisk.sizeGb);
}

function total(leftovers: Leftover[], vm: VmFacts | null): Block[] {
  const costs = leftovers.map(each => costOf(each, vm)).filter(cost => cost !== null);
  if (costs.length === 0) return [];
  const sum = costs.reduce((all, cost) => all + cost, 0);
  const words = `Together about $${sum.toFixed(2)} a month while it stays. That is an estimate: the list prices of East US, a snapshot taken as its whole size.`;
  return [text(words)];
}

function leftover({ resourceId, reason, expires, removeWith }: Leftover, vm: VmFacts | null): Block[] {
  const cost = costOf({ resourceId, reason, expires, removeWith }, vm);
  return [
    heading(3, code(shortId(resourceId).split('/').at(-1) ?? resourceId)),
    ...facts({
      Why: [reason],
      'Kept until': expires === null ? ['a person decides'] : [time(expires)],
      Size: cost === null || vm === null ? null : [size(vm.osDisk.sizeGb * 2 ** 30)],
      'Cost a month': cost === null ? null : [`about $${cost.toFixed(2)}`],
      Id: removeWith.includes(resourceId) ? null : [code(resourceId)],
    }),
    ...(removeWith === '' ? [] : pre('Remove it with', removeWith)),
  ];
}

/** How long the VM was down by our doing, in words. */
export function downtime(story: RepairStory): Section {
  return { id: 'downtime', title: 'Downtime', blocks: [text(...downtimeWords(story)), ...expected(story)] };
}

function downtimeWords({ downFrom, downUntil, outcome }: RepairStory): Text {
  if (downFrom === null) return ['None by us: the VM was not taken down.'];
  const from: Text = ['Taken down by us at ', time(downFrom)];
  const took = secondsBetween(downFrom, downUntil);
  if (downUntil === null || took === null) return [...from, '; not started again when this was written.'];
  const serving = outcome === 'repaired' || outcome === 'booted-unverified';
  return [
    ...from,
    serving ? ' and up again at ' : ' and started again as it was at ',
    time(downUntil),
    ': ',
    strong(duration(took)),
    serving ? '.' : '. What was wrong with it before is still wrong with it.',
    ' How long it had failed before that is not in this number.',
  ];
}

function expected({ downFrom, plan }: RepairStory): Block[] {
  return downFrom === null || plan === null ? [] : [text(`The plan expected ${duration(plan.expectedDowntimeSeconds)}.`)];
}

/** Whether the VM runs on the repair disk now; `maybe` = the record cannot tell. */
export function onRepairDisk({ outcome, downFrom, plan, attempts }: RepairStory): 'yes' | 'maybe' | 'no' {
  // A restart alone takes a VM down too, and changes no disk.
  if (downFrom === null || plan === null || attempts.length === 0) return 'no';
  if (outcome === 'repaired' || outcome === 'booted-unverified') return 'yes';
  return outcome === 'needs-person' ? 'maybe' : 'no';
}

/** What a changed OS disk means for those who did not ask for it. */
export function consequences(story: RepairStory): Section | null {
  const { vm, plan } = story;
  const swapped = onRepairDisk(story);
  if (vm === null || plan === null || swapped === 'no') return null;
  const copy = story.copies?.at(-1) ?? plan.repairDisk;
  const unsure = [
    note('warn', 'The VM may be on its original disk or on the repair disk. The rest of this section holds if it is on the repair disk.'),
    ...pre('See which', `az vm show --ids ${quoted(vm.id)} --query storageProfile.osDisk.managedDisk.id`),
  ];
  return {
    id: 'consequences',
    title: 'Consequences for others',
    blocks: [
      ...(swapped === 'maybe' ? unsure : []),
      text('The OS disk of ', strong(vm.name), ' was ', code(vm.osDisk.name), ' and is now ', code(copy.name), '.'),
      ...terraform(vm, copy.id),
      ...bicep(),
      ...siteRecovery(),
      ...wayBack(vm),
    ],
  };
}

/** The provider replaces a VM whose `os_disk` name differs: https://github.com/aztfmod/terraform-azurerm-caf/issues/624. */
function terraform(vm: VmFacts, diskId: string): Block[] {
  return [
    heading(3, 'Terraform'),
    note(
      'warn',
      'Where the VM’s os_disk name is in the configuration, the next apply would destroy and recreate the VM. Change the name first, then read the VM into the state again.',
    ),
    ...pre(
      'If the VM is in a state (with its own address)',
      `terraform state rm azurerm_windows_virtual_machine.NAME\nterraform import azurerm_windows_virtual_machine.NAME ${quoted(vm.id)}\nterraform plan`,
    ),
    ...pre(
      'If the disk is a resource of its own',
      `terraform state rm azurerm_managed_disk.NAME\nterraform import azurerm_managed_disk.NAME ${quoted(diskId)}`,
    ),
  ];
}

function bicep(): Block[] {
  return [
    heading(3, 'Bicep and ARM templates'),
    text(
      'Where a template names the OS disk, put the new name in before the next deployment: with the old one the deployment fails or asks for the old disk back.',
    ),
  ];
}

function siteRecovery(): Block[] {
  return [
    heading(3, 'Azure Site Recovery and Backup'),
    text('If Site Recovery protects this VM, its replication still follows the old disk: disable it and protect the VM again.'),
    text('If Azure Backup protects it, look whether its next run succeeds.'),
  ];
}

function wayBack(vm: VmFacts): Block[] {
  const id = quoted(vm.id);
  return [
    heading(3, 'The way back to the original disk'),
    text('It loses what the VM wrote since it booted from the new disk, and brings back what was wrong.'),
    ...pre(
      'Swap the original disk back',
      `az vm stop --ids ${id}\naz vm update --ids ${id} --os-disk ${quoted(vm.osDisk.id)}\naz vm start --ids ${id}`,
    ),
  ];
}

/** What nobody should take this report to say. */
export function limits(story: RepairStory): Section {
  const { diagnosis, outcome, request, plan } = story;
  const seen = new Set(diagnosis?.evidence.map(({ kind }) => kind));
  const old = diagnosis?.evidence.filter(({ fresh }) => !fresh).length ?? 0;
  const said: (string | null)[] = [
    outcome === 'repaired'
      ? `“Repaired” means: the agent in the VM answered at least twice after the start, and nothing spoke against it for ${duration(request.limits.stabilitySeconds)}. Whether the applications on it work was not checked.`
      : null,
    outcome === 'booted-unverified' ? 'The agent in the VM did not answer: nothing in the VM has confirmed that it is well.' : null,
    diagnosis !== null && !seen.has('screenshot') ? 'There was no screenshot before the repair.' : null,
    diagnosis !== null && !seen.has('serial-log') ? 'There was no serial log before the repair.' : null,
    old > 0
      ? `${counted(old, 'piece')} of evidence ${old === 1 ? 'was' : 'were'} older than the VM’s last power event and proved nothing about the present.`
      : null,
    story.probe === null
      ? 'Nothing inside the disk was looked at: BitLocker, domain controller and pending servicing are not known.'
      : null,
    story.dump.state === 'not-looked-for' && plan !== null ? 'No memory dump was looked for.' : null,
    'Only the OS disk was considered: data disks, network and load balancers were not.',
    backupLimit(story),
  ];
  return { id: 'limits', title: 'What was not checked', blocks: list(said.flatMap((line): Text[] => (line === null ? [] : [[line]]))) };
}

/** What went wrong on the way, also where it was overcome. */
export function faults({ faults }: RepairStory): Section | null {
  const rows = faults.map(({ phase, step, fault }): Text[] => [
    [phase],
    [step],
    [tag(fault.kind, 'warn'), ' ', code(fault.code)],
    [fault.message],
    fault.requestId === undefined ? [] : [code(fault.requestId)],
  ]);
  if (rows.length === 0) return null;
  return {
    id: 'faults',
    title: 'Faults met on the way',
    blocks: table('Faults, in order', ['Phase', 'Step', 'Fault', 'What Azure or we said', 'Request id'], rows),
  };
}
