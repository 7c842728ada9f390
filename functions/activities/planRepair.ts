import { fail, toFault } from '../../azure/errors.ts';
import { formatId, sibling } from '../../azure/ids.ts';
import type { Azure } from '../../azure/index.ts';
import { articleIndex, operatorPlaybook, operatorScriptId, playbookById, restartOnce, scriptText } from '../../playbooks/index.ts';
import type { Playbook, ScriptStep } from '../../playbooks/types.ts';
import type { Activity } from './activity.ts';
import type { Finding, Plan, PlannedScript, RepairRequest, RepairVmSpec, Sight, VmFacts } from './contract.ts';
import { namesFor, repairGroup } from './names.ts';
import { imageFor, sizesFor } from './placement.ts';
import { keepsOf } from './planCosts.ts';
import { hashOf } from './planHash.ts';
import { plannedRestart } from './plannedRestart.ts';
import { plannedWrites } from './plannedWrites.ts';
import { withVendorRule } from './vendorRules.ts';

/** LUN of the repair disk; the repair VM has no other data disk. */
const lun = 0;
const day = 86_400_000;

/** Everything that will be done, decided now: what follows executes it, also after a deployment in between. */
export const planRepair: Activity<'planRepair'> = async (
  { request, policy, vm, finding, passes = [], ...seen },
  { azure, clock, records, repairId, settings },
) => {
  const found = playbookFor(request, finding);
  const playbook = { ...found, attempts: withVendorRule(found.attempts, finding, settings.vendorFiles) };
  const expires = new Date(clock.now().getTime() + request.limits.keepDays * day).toISOString();
  // A restart needs no repair VM, so it does not ask whether there is room for one.
  const { sizes, generation } = playbook.attempts.length === 0 ? { sizes: [], generation: vm.generation } : await sizesFor(vm, azure);
  const names = namesFor(repairId);
  const scaled = (step: ScriptStep) => ({ ...step, timeoutSeconds: Math.ceil(step.timeoutSeconds * diskFactor(vm)) });
  const repairVm = repairVmFor(vm, { ...names, sizes, generation, expires });
  const snapshotId = (name: string) => sibling(repairVm.id, 'Microsoft.Compute/snapshots', name);
  const parts = {
    restart: plannedRestart(
      { id: snapshotId(names.firstSnapshot), name: names.firstSnapshot },
      { vm, policy, forced: isForced(finding), hangs: finding.id === 'seen-hang', ...seen },
    ),
    attempts: playbook.attempts.map(attempt => ({ ...attempt, scripts: attempt.scripts.map(scaled) })),
    beforeBoot: playbook.beforeBoot.map(scaled),
    repairVm,
    snapshot: { id: snapshotId(names.snapshot), name: names.snapshot },
    repairDisk: { id: sibling(vm.osDisk.id, 'Microsoft.Compute/disks', names.disk), name: names.disk },
    lun,
    skipShutdown: !isForced(finding) && nothingToShutDown(vm, seen.sight),
    forced: isForced(finding),
  };
  // Somebody else's text as SYSTEM: approved by a person each time, whatever was agreed to in advance.
  const consents = policy.consents.filter(consent => consent !== operatorScriptId);
  const steps = [...parts.attempts.flatMap(attempt => attempt.scripts), ...parts.beforeBoot];
  const { forced: _, ...planned } = parts;
  const hasGroup = await hasRepairGroup(vm, azure);
  const priced = keepsOf(vm, parts, expires);
  const plan: Omit<Plan, 'hash'> = {
    playbook: { id: playbook.id, title: playbook.title, article: playbook.article },
    ...planned,
    support: playbook.support,
    writes: plannedWrites(vm, parts, {
      ...{ repairId, mode: policy.mode, bootsPerRepair: request.limits.bootsPerRepair },
      copiesPerRepair: request.limits.copiesPerRepair ?? 3,
      consents: policy.consents,
      hasGroup,
    }),
    expectedDowntimeSeconds: downtimeOf(vm, playbook),
    ...priced,
    keeps: [...settingsKept(playbook), ...priced.keeps, ...scriptKept(request)],
    scripts: playbook.attempts.length === 0 ? [] : scriptsOf(steps, request),
    consents,
    missingConsents: [...(parts.forced || passes.length > 0 ? ['force'] : []), ...missing(steps, consents)],
    ...(passes.length > 0 && { passes }),
    expires,
  };
  const whole = { hash: hashOf(plan), ...plan };
  await records.putPlan(repairId, whole);
  return whole;
};

/** Who may not look at it is told by the write. */
async function hasRepairGroup({ subscriptionId }: VmFacts, { network }: Azure): Promise<boolean> {
  return network.hasGroup(subscriptionId, repairGroup).catch((error: unknown) => {
    if (toFault(error).kind !== 'forbidden') throw error;
    return false;
  });
}

/** `forced` of orchestrations/phases/inspect.ts: a VM that answers. No setting and no request can give this consent in advance. */
const isForced = ({ id }: Finding) => id === 'forced';

function playbookFor(request: RepairRequest, { playbook, title }: Finding): Playbook {
  if (request.script) return operatorPlaybook(request.script);
  const id = request.playbook ?? playbook;
  if (id === null) return restartOnce(title, articleIndex);
  const found = playbookById(id);
  if (found === undefined) throw fail('fatal', 'noPlaybook', `there is no playbook ${id}`);
  return found;
}

function scriptKept({ script }: RepairRequest): string[] {
  return script ? [`The operator’s script ${script.name}, SHA-256 ${script.sha256}, as evidence ${script.blob}.`] : [];
}

/** Putting them back would be a write to a VM that serves: told before anybody approves, and undone by the commands of the report. */
function settingsKept({ beforeBoot }: Playbook): string[] {
  if (!beforeBoot.some(({ script }) => script === 'boot-settings')) return [];
  return [
    'After a success, inside the VM: the serial console (EMS) and the crash dump settings, among them AutoReboot 0 (a VM that crashes stays at its stop screen), until somebody takes them back with the commands in the report.',
  ];
}

function repairVmFor(
  vm: VmFacts,
  { sizes, generation, expires, ...names }: ReturnType<typeof namesFor> & Pick<RepairVmSpec, 'sizes' | 'generation' | 'expires'>,
): RepairVmSpec {
  const place = { subscriptionId: vm.subscriptionId, resourceGroup: repairGroup };
  const vnet = formatId({ ...place, type: 'Microsoft.Network/virtualNetworks', name: `bootmedic-${vm.location}` });
  return {
    id: formatId({ ...place, type: 'Microsoft.Compute/virtualMachines', name: names.vm }),
    name: names.vm,
    resourceGroup: repairGroup,
    location: vm.location,
    zone: vm.zone,
    sizes,
    generation,
    image: imageFor(vm, generation),
    computerName: names.computer,
    subnetId: `${vnet}/subnets/repair`,
    expires,
  };
}

/** A halted stop screen or a dead guest cannot shut down; whatever still works gets the chance. */
function nothingToShutDown(vm: VmFacts, sight: Sight): boolean {
  const halted: Sight[] = ['stop-screen', 'boot-manager-error', 'boot-menu', 'black', 'nothing'];
  return vm.agent.status !== 'ready' && halted.includes(sight);
}

/** Deadlines are given for 127 GiB; a fresh copy is read for the first time, and slowly. */
function diskFactor(vm: VmFacts): number {
  return Math.max(1, vm.osDisk.sizeGb / 127);
}

function missing(steps: ScriptStep[], given: string[]): string[] {
  const required = steps.flatMap(step => (step.consent && step.consentRequired ? [step.consent] : []));
  return [...new Set(required)].filter(consent => !given.includes(consent));
}

/** Seconds that looking at the disk takes: a guess, until real runs are recorded. */
const probing = 60;
/** Recorded middles of power off, snapshot, copy, attach, detach, swap and start, and a guessed minute of boot. */
const around = 8 + 1 + 1 + 7 + 7 + 7 + 11 + 60;

/** Power off, start and a boot. */
const restarting = 8 + 11 + 60;

/** Until the first boot; a second attempt takes as long again. */
function downtimeOf(vm: VmFacts, playbook: Playbook): number {
  if (playbook.attempts.length === 0) return restarting;
  const first = playbook.attempts.findIndex(attempt => attempt.boot === 'if-changed');
  const scripts = playbook.attempts.slice(0, first + 1).flatMap(attempt => attempt.scripts);
  const running = [...scripts, ...playbook.beforeBoot].reduce((sum, step) => sum + (step.usualSeconds ?? 60), probing);
  return Math.round(around + running * diskFactor(vm));
}

/** What runs on the repair VM and its copy, with the hash of what is sent: a deployment in between must not change what was approved. */
function scriptsOf(steps: ScriptStep[], { script: theirs }: RepairRequest): PlannedScript[] {
  const own = (script: ScriptStep['script'], why: string): Omit<ScriptStep, 'timeoutSeconds'> => ({
    ...{ script, mode: 'Detect', safety: 'auto_safe', origin: 'derived', why },
  });
  const all = [own('make-safe', 'so that Windows leaves foreign disks alone'), own('probe', 'reads what only the disk can tell'), ...steps];
  const told = all.map(({ script, mode, safety, origin, consent }) => ({
    ...{ script, mode, safety, origin, consent: consent ?? null },
    sha256: theirs && script === operatorScriptId ? theirs.sha256 : scriptText(script).sha256,
  }));
  return told.filter((each, n) => told.findIndex(other => other.script === each.script && other.mode === each.mode) === n);
}
