/** What the plan itself needs: whether policies would deny what it creates, whether its writes are permitted where they happen, whether its scripts fit on a VM. */
import { copyContent, snapshotContent } from '../../azure/disks.ts';
import { toFault } from '../../azure/errors.ts';
import type { Content } from '../../azure/governance.ts';
import { parseId, sameId } from '../../azure/ids.ts';
import { vmContent } from '../../azure/vms.ts';
import { playbookById } from '../../playbooks/index.ts';
import type { Playbook } from '../../playbooks/types.ts';
import type { Activity } from './activity.ts';
import type { Plan, PlannedWrite, Refusal, VmFacts } from './contract.ts';
import { existing } from './ensurePoweredOff.ts';
import { namesFor, tagsFor } from './names.ts';
import { makesGroup, mostRunCommands } from './plannedWrites.ts';
import type { Tools } from './tools.ts';

export const preflightPlan: Activity<'preflightPlan'> = async ({ vm, plan }, tools) => {
  const [group, policies, permissions] = await Promise.all([
    groupRefusals(vm, plan, tools),
    policyRefusals(vm, plan, tools),
    permissionRefusals(vm, plan, tools),
  ]);
  const playbook = playbookById(plan.playbook.id);
  const ofPlan = [...(playbook ? otherGeneration(vm, playbook) : []), ...tooManyScripts(vm, plan)];
  return { refusals: [...ofPlan, ...group, ...policies, ...permissions] };
};

/** What the playbook itself says of the VMs that it is for, as far as it can be seen from outside; the rest is the probe's to see. */
function otherGeneration(vm: Pick<VmFacts, 'name' | 'generation'>, { id, generations }: Pick<Playbook, 'id' | 'generations'>): Refusal[] {
  if (generations === undefined || generations.includes(vm.generation)) return [];
  const message = `${vm.name}: it is a VM of generation ${vm.generation}, and playbook ${id} is for ${generations.join(' and ')}.`;
  return [{ code: 'other-generation', message, remedy: 'Name a playbook that is for this generation, or repair this VM by hand.' }];
}

/** Azure's limit for a VM: the 26th is refused, which would be in the middle of the repair. */
const mostOnOneVm = 25;

function tooManyScripts(vm: VmFacts, { writes }: Plan): Refusal[] {
  const most = mostRunCommands(writes);
  if (most <= mostOnOneVm) return [];
  const message = `${vm.name}: the plan may need ${most} run commands on the repair VM, and Azure allows ${mostOnOneVm}.`;
  return [
    {
      code: 'too-many-scripts',
      message,
      remedy: 'Allow fewer boots (bootsPerRepair) or copies (copiesPerRepair), or split the playbook in two.',
    },
  ];
}

type Asking = Tools & { repairId: string };

/** Who may not ask learns of it from the write itself, and a group that is not there yet has no policies of its own. */
async function unlessUnknown<T>(what: string, asking: Promise<T>, otherwise: T, { log }: Tools): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    const fault = toFault(error);
    if (fault.kind !== 'forbidden' && fault.kind !== 'notFound') throw error;
    log.warn({ fault }, `${what} cannot be asked`);
    return otherwise;
  }
}

async function policyRefusals(vm: VmFacts, plan: Plan, tools: Asking): Promise<Refusal[]> {
  const { governance } = tools.azure;
  const wanted = await contents(vm, plan, tools);
  const groups = Map.groupBy(wanted, ({ id }) => parseId(id).resourceGroup.toLowerCase());
  const ask = async ({ id, what, content }: Wanted): Promise<Refusal[] | null> => {
    const { subscriptionId, resourceGroup } = parseId(id);
    const denying = await unlessUnknown('policies', governance.deniedBy(subscriptionId, resourceGroup, content), null, tools);
    if (denying === null) return null;
    if (denying.length === 0) return [];
    const names = denying.slice(0, 5).join(', ');
    return [
      {
        code: 'policy-denies',
        message: `${vm.name}: the policy ${names} denies ${what} in ${resourceGroup}.`,
        remedy: `Exempt ${resourceGroup} from that policy for what has the tag bootmedic-repair (az policy exemption create), or let it allow ${what}.`,
      },
    ];
  };
  // What one thing cannot be asked about in a group, the others cannot either.
  const inGroup = async ([first, ...others]: Wanted[]): Promise<Refusal[]> => {
    const found = first ? await ask(first) : null;
    if (found === null) return [];
    return [...found, ...(await Promise.all(others.map(ask))).flatMap(each => each ?? [])];
  };
  return (await Promise.all([...groups.values()].map(inGroup))).flat();
}

interface Wanted {
  id: string;
  what: string;
  content: Content;
}

/**
 * None of our roles may make a resource group: `infra/` does. Asked in the VM's own group, where a right on the whole subscription shows
 * too; Azure has no such list for a subscription, nor for a group that is not there.
 */
async function groupRefusals(vm: VmFacts, { writes }: Plan, tools: Asking): Promise<Refusal[]> {
  const making = writes.find(({ operation }) => operation === makesGroup);
  if (making === undefined) return [];
  const own = vm.id.split('/').slice(0, 5).join('/');
  const missing = await unlessUnknown('permissions', tools.azure.governance.missingActions(own, [makesGroup]), [], tools);
  if (missing.length === 0) return [];
  const name = making.target.split('/').at(-1);
  return [
    {
      code: 'repair-group-missing',
      message: `${vm.name}: there is no resource group ${name} in its subscription, and this identity may not make it.`,
      remedy: `Make it by infra/ (azd provision, with this subscription among the targets), or by az group create -n ${name} and the role bootmedic works on it.`,
    },
  ];
}

/** Exactly what will be created, down to its tags. */
async function contents(vm: VmFacts, plan: Plan, { azure, repairId }: Asking): Promise<Wanted[]> {
  const tags = tagsFor(repairId, plan.expires);
  const { repairVm, restart, snapshot, repairDisk, attempts } = plan;
  const first = attempts.length === 0 ? restart.snapshot : snapshot;
  const ofSnapshot = { id: first.id, what: 'a snapshot of its OS disk', content: snapshotContent(vm.osDisk.id, vm.location, tags) };
  if (attempts.length === 0) return restart.wanted ? [ofSnapshot] : [];
  const original = await existing(azure.disks.get(vm.osDisk.id), vm.osDisk.id);
  const { computer, osDisk, nic } = namesFor(repairId);
  const { location, zone, image, subnetId, sizes } = repairVm;
  const machine = vmContent({
    ...{ location, zone, size: sizes[0] ?? '', image, subnetId, tags },
    names: { computer, osDisk, nic },
  });
  const copy = copyContent(snapshot.id, original, { ...original.tags, ...tags });
  return [
    ofSnapshot,
    { id: repairDisk.id, what: 'a copy of its OS disk', content: copy },
    { id: repairVm.id, what: 'the repair VM', content: machine },
  ];
}

/**
 * The plan's writes against what the identity may do in the resource groups where they happen. On the VM itself and its disk that was asked
 * before there was a plan (the role may be given on them alone); the closed network is made only where there is none.
 */
async function permissionRefusals(vm: VmFacts, plan: Plan, tools: Asking): Promise<Refusal[]> {
  const groupOf = (id: string) => id.split('/').slice(0, 5).join('/');
  const made = ({ target, operation }: PlannedWrite) =>
    operation.startsWith('Microsoft.Compute/') && !sameId(target, vm.id) && !sameId(target, vm.osDisk.id);
  const writes = plan.writes.filter(made);
  const byGroup = Map.groupBy(writes, ({ target }) => groupOf(target).toLowerCase());
  const asked = [...byGroup.entries()].map(async ([group, inIt]): Promise<Refusal[]> => {
    const actions = [...new Set(inIt.map(({ operation }) => operation))];
    const missing = await unlessUnknown('permissions', tools.azure.governance.missingActions(group, actions), [], tools);
    if (missing.length === 0) return [];
    const role = group === groupOf(vm.id).toLowerCase() ? 'bootmedic repairs' : 'bootmedic works';
    return [
      {
        code: 'plan-permission-missing',
        message: `${vm.name}: this identity may not do in ${group.split('/').at(-1)} what the plan needs: ${missing.join(', ')}.`,
        remedy: `Give the identity the role ${role} (infra/) on that resource group.`,
      },
    ];
  });
  return (await Promise.all(asked)).flat();
}
