import type { Query } from '../activityLog.ts';
import type { ArmRequest, ArmResponse, Cloud, Routes } from '../cloud.ts';
import { ArmError } from '../errors.ts';
import type { Json, PlatformEvent, Vm } from '../model.ts';
import { sameId } from '../paths.ts';

function vmAt(request: ArmRequest, cloud: Cloud): Vm {
  const vm = cloud.estate.vm(request.scope);
  if (vm !== undefined) return vm;
  throw new ArmError('resource-exists', 404, 'ResourceNotFound', `The resource ${request.scope} was not found.`);
}

/** Titles and texts after `learn.microsoft.com/azure/service-health/resource-health-vm-annotation`. */
export const PLATFORM_WORDS: Record<PlatformEvent['cause'], { title: string; summary: string; category: string }> = {
  'host-fault': {
    title: 'Host server rebooted for repair',
    summary: 'The virtual machine is undergoing a reboot due to the underlying host server experiencing unexpected failures.',
    category: 'Unplanned',
  },
  maintenance: {
    title: 'Rebooted for planned maintenance',
    summary: 'The virtual machine is undergoing a reboot as part of routine maintenance workflows orchestrated by the platform.',
    category: 'Planned',
  },
};

type HealthBody = Json & { properties: Json };

function statusBody(vm: Vm, cloud: Cloud, name: string, occurred: Date, properties: Json): HealthBody {
  return {
    id: `${vm.id}/providers/Microsoft.ResourceHealth/availabilityStatuses/${name}`,
    name,
    type: 'Microsoft.ResourceHealth/AvailabilityStatuses',
    location: vm.location,
    properties: {
      ...properties,
      reasonChronicity: 'Persistent',
      occuredTime: occurred.toISOString(),
      reportedTime: cloud.clock.now().toISOString(),
    },
  };
}

function downBody(vm: Vm, cloud: Cloud, { id, cause, from }: PlatformEvent, name = id): HealthBody {
  const { title, summary, category } = PLATFORM_WORDS[cause];
  const more = { title, summary, reasonType: category, context: 'Platform Initiated', category };
  return statusBody(vm, cloud, name, from, { availabilityState: 'Unavailable', ...more });
}

const isOver = ({ until }: PlatformEvent, cloud: Cloud) => until !== undefined && until <= cloud.clock.now();

/** Host health: a VM whose guest shows a stop screen is *Available*. */
export function currentHealth(vm: Vm, cloud: Cloud): HealthBody {
  const down = vm.platformEvents.find(event => !isOver(event, cloud));
  if (down !== undefined) return downBody(vm, cloud, down, 'current');
  const running = vm.power === 'running';
  return statusBody(vm, cloud, 'current', vm.session?.poweredOnAt ?? vm.provisionedAt, {
    availabilityState: running ? 'Available' : 'Unavailable',
    title: running ? 'Available' : 'Stopped by user or process',
    summary: running
      ? "There aren't any known Azure platform problems affecting this virtual machine."
      : 'This virtual machine is stopped as requested by an authorized user or process.',
    reasonType: running ? '' : 'UserInitiated',
    context: running ? '' : 'Customer Initiated',
    category: running ? '' : 'Not Applicable',
  });
}

function current(request: ArmRequest, cloud: Cloud): ArmResponse {
  if (request.name.toLowerCase() !== 'current')
    throw new ArmError('resource-exists', 404, 'NotFound', `The availability status '${request.name}' was not found.`);
  return { status: 200, body: currentHealth(vmAt(request, cloud), cloud) };
}

function list(request: ArmRequest, cloud: Cloud): ArmResponse {
  const vm = vmAt(request, cloud);
  const before = vm.platformEvents.filter(event => isOver(event, cloud)).map(event => downBody(vm, cloud, event));
  return { status: 200, body: { value: [currentHealth(vm, cloud), ...before.toReversed()] } };
}

const LONGEST_DAYS = 90;
/** Entries of the activity log a page: the guess, and the other one. */
const PAGE = { guessed: 20, flipped: 5 };
const CLAUSE = /^(eventTimestamp (?:ge|le)|(?:resourceUri|resourceGroupName|resourceProvider|correlationId) eq) '((?:[^']|'')*)'$/i;

function badFilter(): ArmError {
  return new ArmError('activity-log-filter', 400, 'BadRequest', '$filter searching parameters invalid');
}

/** The very restricted `$filter` of the activity log. */
function parseFilter(filter: string, subscription: string, cloud: Cloud): Query {
  const clauses = filter.split(/ and /i).map(clause => {
    const [, field, value] = CLAUSE.exec(clause.trim()) ?? [];
    if (field === undefined || value === undefined) throw badFilter();
    return { field: field.toLowerCase(), value: value.replaceAll("''", "'") };
  });
  const timeOf = (field: string) => {
    const [found, second] = clauses.filter(clause => clause.field === field);
    if (second !== undefined || (found !== undefined && Number.isNaN(Date.parse(found.value)))) throw badFilter();
    return found === undefined ? undefined : new Date(found.value);
  };
  const [from, to] = [timeOf('eventtimestamp ge'), timeOf('eventtimestamp le')];
  const rest = clauses.filter(({ field }) => !field.startsWith('eventtimestamp'));
  const oldest = cloud.clock.now().getTime() - LONGEST_DAYS * 86_400_000;
  if (from === undefined || from.getTime() < oldest || rest.length > 1) throw badFilter();
  const [wanted] = rest;
  const fields = { 'resourceuri eq': 'resourceId', 'resourcegroupname eq': 'resourceGroup', 'resourceprovider eq': 'provider' } as const;
  const field = Object.entries(fields).find(([name]) => name === wanted?.field)?.[1] ?? 'correlationId';
  return { subscription, from, to, matches: entry => wanted === undefined || sameId(entry[field], wanted.value) };
}

function activity(request: ArmRequest, cloud: Cloud): ArmResponse {
  const { query, subscription, path, apiVersion } = request;
  const filter = query.get('$filter');
  if (filter === null || request.names[0]?.toLowerCase() !== 'management') throw badFilter();
  const found = cloud.activity.find(parseFilter(filter, subscription, cloud));
  const start = Number(query.get('$skiptoken') ?? 0);
  const page = cloud.rules.holds('activity-log-lags') ? PAGE.guessed : PAGE.flipped;
  const more = start + page < found.length;
  const next = new URLSearchParams({ 'api-version': apiVersion, $filter: filter, $skiptoken: String(start + page) });
  const nextLink = more ? { nextLink: `${cloud.operations.origin}${path}?${next}` } : {};
  return { status: 200, body: { value: found.slice(start, start + page), ...nextLink } };
}

export const healthRoutes: Routes = {
  'GET Microsoft.ResourceHealth/availabilityStatuses': current,
  'LIST Microsoft.ResourceHealth/availabilityStatuses': list,
  'LIST Microsoft.Insights/eventtypes/values': activity,
};
