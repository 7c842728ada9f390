/**
 * What an alert of Azure Monitor says about VMs. Pure. Nothing in an alert is evidence: whoever can write into a log can name another's
 * VM in it. It says only where to look; what is found there decides.
 */
import { isIP } from 'node:net';
import { type AlertContext, type AlertData, alertContext, type Essentials } from './alertSchema.ts';
import { readTarget } from './vmId.ts';

export interface Ignored {
  target: string;
  reason: string;
  /** What to change so that such an alert starts a repair; empty: nothing, it is right so. */
  remedy: string;
}

/** A machine that is named by less than its id. */
export type Hint = { computer: string } | { address: string; loadBalancerId: string };

export interface Reading {
  /** Ids in Azure's usual writing, each once. */
  vmIds: string[];
  hints: Hint[];
  ignored: Ignored[];
}

/** The VMs that an alert is about, whether it has fired or is resolved. */
export function readAlert({ essentials, alertContext: given }: AlertData): Reading {
  const context = alertContext.parse(given);
  const targets = essentials.alertTargetIDs ?? [];
  const why = whyNothing(essentials, context);
  if (why !== undefined) return { vmIds: [], hints: [], ignored: ofEach(targets, why) };
  const vms = new Map<string, string>();
  const hints = new Map<string, Hint>();
  const ignored: Ignored[] = [];
  const named = namesIn(essentials, context);
  for (const target of targets) {
    const read = readTarget(target);
    const inside = 'vmId' in read ? { vmIds: [read.vmId], hints: [] } : insideOf(target, named);
    for (const id of inside.vmIds) if (!vms.has(id.toLowerCase())) vms.set(id.toLowerCase(), id);
    for (const hint of inside.hints) hints.set(JSON.stringify(hint).toLowerCase(), hint);
    if ('reason' in read && inside.vmIds.length + inside.hints.length === 0) ignored.push({ target, ...namesNone(target, read.reason) });
  }
  if (targets.length === 0) ignored.push(...ofEach([], { reason: 'it names no resource', remedy: '' }));
  return { vmIds: [...vms.values()], hints: [...hints.values()], ignored };
}

type Why = Omit<Ignored, 'target'>;
const ofEach = (targets: string[], why: Why): Ignored[] =>
  (targets.length > 0 ? targets : ['(the alert)']).map(target => ({ target, ...why }));

/** The words vary with the age of the alert: `ServiceHealth`, `Activity Log - ServiceHealth`, `Resource Health`, `ResourceHealth`. */
const plain = (word: string | null | undefined) =>
  (word ?? '')
    .replaceAll(/[^a-z0-9]/gi, '')
    .toLowerCase()
    .replace(/^activitylog/, '');

/** Services whose alerts are never about a machine that does not boot. */
const never: { [service: string]: string } = {
  smartdetector: 'smart detection tells how an application behaves, not whether a machine boots',
  prometheus: 'Prometheus rules tell of metrics of clusters, not of virtual machines',
  costalerts: 'a budget is no machine',
  policy: 'a policy was evaluated; no machine has failed by that',
  autoscale: 'a scale set was scaled; it replaces its instances itself',
  security: 'a security alert is for the people who handle security incidents: nothing on the disk may be changed before they have seen it',
  recommendation: 'Azure Advisor recommends; no machine has failed by that',
};

/** Undefined = it may be about machines that do not boot. */
function whyNothing({ monitoringService }: Essentials, context: AlertContext): Why | undefined {
  const service = plain(monitoringService);
  const reason = never[service];
  if (reason !== undefined) return { reason, remedy: '' };
  if (service === 'servicehealth')
    return { reason: `Azure itself has a fault or maintenance (${titleOf(context)}); nothing on a disk is wrong by that`, remedy: '' };
  if (service === 'resourcehealth') return ofHealth(context);
  if (service === 'administrative') return ofOperation(context);
  return undefined;
}

const titleOf = ({ properties }: AlertContext) => (properties?.title ?? 'no title').slice(0, 200);

function ofHealth(context: AlertContext): Why | undefined {
  const { currentHealthStatus, cause } = context.properties ?? {};
  if (plain(currentHealthStatus) === 'available' || plain(context.status) === 'resolved')
    return { reason: 'its host reports it available', remedy: '' };
  if (plain(cause) === 'platforminitiated') return { reason: `Azure itself keeps it down (${titleOf(context)})`, remedy: '' };
  if (plain(cause) === 'userinitiated') return { reason: `an authorized user or program did that (${titleOf(context)})`, remedy: '' };
  return undefined;
}

/** After these a machine should come up; any other operation is no sign of trouble. */
const startsIt = ['start', 'restart', 'redeploy', 'reapply'].map(verb => `microsoft.compute/virtualmachines/${verb}/action`);

function ofOperation({ operationName, status }: AlertContext): Why | undefined {
  const operation = (operationName ?? '').slice(0, 200);
  const remedy = 'alert on the loss of heartbeat, or on a failed start of the VM';
  if (!startsIt.includes(operation.toLowerCase()))
    return { reason: `${operation || 'an operation'} was done by somebody with the right to it`, remedy };
  return ['succeeded', 'failed'].includes(plain(status)) ? undefined : { reason: `${operation} has only begun`, remedy };
}

interface Names {
  vmIds: string[];
  computers: string[];
  addresses: string[];
}

/** Of what a search or a metric was split by. A metric's `ResourceId` is a bare GUID, which names nothing here. */
const idColumns = ['_resourceid', 'resourceid', 'resource', 'microsoft.resourceid', 'azureresourceid'];

function namesIn({ configurationItems }: Essentials, { condition, Dimensions, SearchResults }: AlertContext): Names {
  const cells = (SearchResults?.tables ?? []).flatMap(({ columns, rows }) =>
    rows.flatMap(row => columns.flatMap(({ name }, n) => (typeof row[n] === 'string' ? [{ name, value: row[n] }] : []))),
  );
  const all = [...(condition?.allOf ?? []).flatMap(({ dimensions }) => dimensions), ...(Dimensions ?? []), ...cells];
  const valuesOf = (names: string[]) => all.filter(({ name }) => names.includes(name.toLowerCase())).map(({ value }) => value.trim());
  const items = configurationItems ?? [];
  const ids = [...valuesOf(idColumns), ...items].flatMap(id => {
    const read = readTarget(id);
    return 'vmId' in read ? [read.vmId] : [];
  });
  const computers = valuesOf(['computer']).filter(name => /^[a-z0-9][a-z0-9.-]{0,254}$/i.test(name));
  return { vmIds: ids, computers, addresses: valuesOf(['backendipaddress']).filter(address => isIP(address) !== 0) };
}

/** What of the names is meant where the target is no VM. An id says more than a name: where there is one, names are left alone. */
function insideOf(target: string, { vmIds, computers, addresses }: Names): { vmIds: string[]; hints: Hint[] } {
  const isLoadBalancer = /\/providers\/Microsoft\.Network\/loadBalancers\/[^/]+\/?$/i.test(target);
  if (isLoadBalancer) return { vmIds: [], hints: addresses.map(address => ({ address, loadBalancerId: target })) };
  return vmIds.length > 0 ? { vmIds, hints: [] } : { vmIds: [], hints: computers.map(computer => ({ computer })) };
}

function namesNone(target: string, reason: string): Why {
  if (/\/providers\/Microsoft\.OperationalInsights\/workspaces\//i.test(target))
    return {
      reason: `${reason}; the alert does not say which machine is meant`,
      remedy:
        'split the rule by resource: in its condition, Split by dimensions, Resource ID column _ResourceId ' +
        "(resourceIdColumn: '_ResourceId' in Bicep; the query must keep that column: … | summarize … by _ResourceId)",
    };
  if (/\/providers\/Microsoft\.Network\/loadBalancers\//i.test(target))
    return {
      reason: `${reason}; the alert does not say which of its machines is meant`,
      remedy: 'split the rule on Health Probe Status (DipAvailability) by the dimension Backend IP Address',
    };
  return { reason, remedy: 'alert on the virtual machine itself' };
}
