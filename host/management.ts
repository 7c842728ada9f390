/**
 * The durable management API: what the SDK's client and the check-status URLs call. Statuses and bodies as recorded on the real host
 * (durable-recordings: start-*, status-history, list-filters, purge, suspend-resume, terminate-activity, client-api, entities).
 */
import { randomUUID } from 'node:crypto';
import { type EntityStore, entityId } from './entities.ts';
import { EventType, eventRaised, executionStarted, type MessageEvent, messageFields } from './history.ts';
import type { Registry } from './registry.ts';
import { entityView, historyView, type StatusView, statusView } from './statusViews.ts';
import { hasEnded, type Instance, type Store } from './store.ts';

export interface ManagementRequest {
  method: string;
  /** Path segments behind the API's base, percent-encoded. */
  segments: string[];
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
  /** `http://host:port` as the caller sees it. */
  origin: string;
  /** The whole URL of the request. */
  url: string;
}

export interface ManagementResponse {
  status: number;
  headers?: Record<string, string>;
  /** A JSON value; no body at all when undefined. */
  body?: unknown;
}

export interface ManagementServices {
  store: Store;
  entities: EntityStore;
  registry: Registry;
  hubName: string;
  wakeInstance(id: string): void;
  wakeEntity(id: string): void;
}

const NOT_FOUND: ManagementResponse = { status: 404 };
const PAGE_SIZE = 100;
const TOKEN_HEADER = 'x-ms-continuation-token';

export function handleManagement(services: ManagementServices, request: ManagementRequest): ManagementResponse {
  const segments = request.segments.map(decodeSegment);
  const [room, first, second, third, ...more] = segments;
  const { method } = request;
  if (segments.includes(undefined)) return { status: 400 };
  if (more.length > 0 || segments.some(segment => segment?.includes('/'))) return NOT_FOUND;
  switch (room?.toLowerCase()) {
    case 'orchestrators':
      return method === 'POST' && first && third === undefined ? startInstance(services, request, first, second) : NOT_FOUND;
    case 'instances':
      if (!first) return second === undefined ? onInstances(services, request) : NOT_FOUND;
      if (second === undefined) return onInstance(services, request, first);
      return method === 'POST' ? onOperation(services, request, first, second.toLowerCase(), third) : NOT_FOUND;
    case 'entities':
      if (!first || !second) return notSupported('listing entities');
      return third === undefined ? onEntity(services, request, first, second) : NOT_FOUND;
    default:
      return NOT_FOUND;
  }
}

/** A plus means a blank here, as on Azure. Undefined for a broken escape. */
function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function notSupported(what: string): ManagementResponse {
  return { status: 501, body: { Message: `${what} is not supported by the embedded host` } };
}

/** The URLs that a check-status response carries. @param inUrl the instance's id as it stands in them. */
export function managementUrls(origin: string, hubName: string, instanceId: string, inUrl: string): Record<string, string> {
  const base = `${origin}/runtime/webhooks/durabletask/instances/${inUrl}`;
  const hub = `taskHub=${hubName}&connection=Storage`;
  return {
    id: instanceId,
    statusQueryGetUri: `${base}?${hub}`,
    sendEventPostUri: `${base}/raiseEvent/{eventName}?${hub}`,
    terminatePostUri: `${base}/terminate?reason={text}&${hub}`,
    rewindPostUri: `${base}/rewind?reason={text}&${hub}`,
    purgeHistoryDeleteUri: `${base}?${hub}`,
    restartPostUri: `${base}/restart?${hub}`,
    suspendPostUri: `${base}/suspend?reason={text}&${hub}`,
    resumePostUri: `${base}/resume?reason={text}&${hub}`,
  };
}

function startInstance(services: ManagementServices, request: ManagementRequest, name: string, givenId?: string): ManagementResponse {
  const { store } = services;
  if (request.query.has('timeout') && request.query.has('pollingInterval'))
    return notSupported('waiting at start (timeout, pollingInterval)');
  const id = givenId ?? randomUUID().replaceAll('-', '');
  // Azure accepts a blank id, and such an instance stays Pending for ever.
  if (id.trim() === '') return { status: 400, body: { Message: 'A blank instance id is refused by the embedded host' } };
  const input = jsonBody(request);
  if (input === undefined) return invalidJson();
  const existing = store.instance(id);
  if (existing && !hasEnded(existing.status)) {
    return { status: 409, body: { Message: `An Orchestration instance with the status ${existing.status} already exists.` } };
  }
  const before = store.history(id).find(event => event.EventType === EventType.ExecutionStarted);
  const generation = before ? (before.Generation ?? 0) + 1 : 0;
  const now = new Date().toISOString();
  const executionId = randomUUID();
  const fresh: Instance = {
    ...{ id, executionId, name, status: 'Pending', input: input.text, output: null, customStatus: null },
    ...{ created: now, updated: now, fresh: false },
  };
  store.transaction(() => {
    store.deleteInstance(id);
    store.putInstance(fresh);
    store.send(id, executionStarted(name, id, executionId, input.text, generation, now));
  });
  services.wakeInstance(id);
  const { rewindPostUri: _, ...urls } = managementUrls(request.origin, services.hubName, id, formEncode(id));
  const location = urls.statusQueryGetUri?.replaceAll('%7E', '~') ?? '';
  return { status: 202, headers: { location, 'retry-after': '10' }, body: urls };
}

/** As .NET's WebUtility.UrlEncode: a blank becomes a plus, and more is escaped than encodeURIComponent does. */
function formEncode(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+').replaceAll('~', '%7E').replaceAll("'", '%27');
}

/** The body as JSON text; null text for an empty body, undefined when it is no JSON. */
function jsonBody({ body }: ManagementRequest): { text: string | null } | undefined {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  if (text === '') return { text: null };
  try {
    return { text: JSON.stringify(JSON.parse(text)) };
  } catch {
    return undefined;
  }
}

function invalidJson(): ManagementResponse {
  return { status: 400, body: { Message: 'Invalid JSON content' } };
}

function onInstances(services: ManagementServices, { method, query, headers }: ManagementRequest): ManagementResponse {
  const createdFrom = dateParameter(query, 'createdTimeFrom');
  const createdTo = dateParameter(query, 'createdTimeTo');
  const statuses = query.getAll('runtimeStatus').flatMap(list => list.split(',').filter(isRuntimeStatus));
  if (method === 'DELETE') {
    if (createdFrom === undefined) return { status: 400, body: "Please provide value for 'createdTimeFrom' parameter." };
    const found = services.store.instances({ createdFrom, createdTo, statuses });
    services.store.transaction(() => {
      for (const { id } of found) services.store.deleteInstance(id);
    });
    return found.length === 0 ? NOT_FOUND : { status: 200, body: { instancesDeleted: found.length } };
  }
  if (method !== 'GET') return NOT_FOUND;

  const top = Number(query.get('top'));
  const limit = Number.isInteger(top) && top > 0 ? top : PAGE_SIZE;
  const idPrefix = query.get('instanceIdPrefix') ?? '';
  const token = headers[TOKEN_HEADER];
  const afterId = token === undefined ? '' : Buffer.from(token, 'base64url').toString('utf8');
  const showInput = booleanParameter(query, 'showInput', true);
  const instances = services.store.instances({ idPrefix, createdFrom, createdTo, statuses, afterId, limit: limit + 1 });
  const isRunningWanted = statuses.length === 0 || statuses.includes('Running');
  const entities = isRunningWanted ? services.entities.list(idPrefix, afterId, limit + 1) : [];
  const views = [
    ...instances.map(instance => statusView(instance, showInput)),
    ...entities.filter(({ created }) => created >= (createdFrom ?? '') && created <= (createdTo ?? '9')).map(e => entityView(e, showInput)),
  ].sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  const page = views.slice(0, limit);
  const next: Record<string, string> = {};
  if (views.length > limit) next[TOKEN_HEADER] = Buffer.from(page.at(-1)?.instanceId ?? '').toString('base64url');
  return { status: 200, headers: next, body: page };
}

function onInstance(services: ManagementServices, request: ManagementRequest, id: string): ManagementResponse {
  const { store, entities } = services;
  const { method, query } = request;
  const instance = store.instance(id);
  const entity = instance ? undefined : entities.read(id);
  if (!instance && !entity) return NOT_FOUND;
  if (method === 'DELETE') {
    if (instance && !hasEnded(instance.status)) {
      const rule = 'Only orchestrations in a terminal state can be purged';
      return { status: 412, body: `${rule}, but the orchestration with instance ID ${id} has status ${instance.status}` };
    }
    if (instance) store.transaction(() => store.deleteInstance(id));
    else entities.delete(id);
    return { status: 200, body: { instancesDeleted: 1 } };
  }
  if (method !== 'GET') return NOT_FOUND;
  const showInput = booleanParameter(query, 'showInput', true);
  if (entity) return running(request, entityView(entity, showInput));
  if (!instance) return NOT_FOUND;
  const view = statusView(instance, showInput);
  if (booleanParameter(query, 'showHistory', false)) {
    view.historyEvents = historyView(store.history(id), showInput, booleanParameter(query, 'showHistoryOutput', false));
  }
  if (!hasEnded(instance.status)) return running(request, view);
  const isError = instance.status === 'Failed' && booleanParameter(query, 'returnInternalServerErrorOnFailure', false);
  return { status: isError ? 500 : 200, body: view };
}

function running(request: ManagementRequest, view: StatusView): ManagementResponse {
  return { status: 202, headers: { location: request.url, 'retry-after': '5' }, body: view };
}

function onOperation(
  services: ManagementServices,
  request: ManagementRequest,
  id: string,
  operation: string,
  eventName: string | undefined,
): ManagementResponse {
  if ((eventName !== undefined) !== (operation === 'raiseevent')) return NOT_FOUND;
  const fields = messageFields(new Date().toISOString());
  const reason = request.query.get('reason');
  switch (operation) {
    case 'raiseevent':
      return raiseEvent(services, request, id, eventName ?? '');
    case 'terminate':
      return sendTo(services, id, { EventType: EventType.ExecutionTerminated, Input: reason, ...fields });
    case 'suspend': {
      if (services.store.instance(id)?.status !== 'Suspended') {
        return sendTo(services, id, { EventType: EventType.ExecutionSuspended, Reason: reason, ...fields });
      }
      const complaint = `Cannot suspend the orchestration instance ${id} because instance is in the Suspended state.`;
      return { status: 500, body: { Message: 'Something went wrong while processing your request', ExceptionMessage: complaint } };
    }
    case 'resume':
      return sendTo(services, id, { EventType: EventType.ExecutionResumed, Reason: reason, ...fields });
    case 'rewind':
      return services.store.instance(id) ? notSupported('rewind') : NOT_FOUND;
    case 'restart':
      return notSupported('restart');
    default:
      return NOT_FOUND;
  }
}

function raiseEvent(services: ManagementServices, request: ManagementRequest, id: string, name: string): ManagementResponse {
  const contentType = request.headers['content-type'] ?? '';
  if (contentType.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    return { status: 400, body: { Message: 'Only application/json request content is supported' } };
  }
  const content = jsonBody(request);
  if (content === undefined || content.text === null) return invalidJson();
  return sendTo(services, id, eventRaised(name, content.text, new Date().toISOString()));
}

function sendTo(services: ManagementServices, id: string, event: MessageEvent): ManagementResponse {
  const instance = services.store.instance(id);
  if (!instance) return NOT_FOUND;
  if (hasEnded(instance.status)) return { status: 410 };
  services.store.send(id, event);
  services.wakeInstance(id);
  return { status: 202 };
}

function onEntity(services: ManagementServices, request: ManagementRequest, name: string, key: string): ManagementResponse {
  const id = entityId(name, key);
  if (request.method === 'GET') {
    const entity = services.entities.read(id);
    return entity ? { status: 200, body: JSON.parse(entity.state ?? 'null') } : NOT_FOUND;
  }
  if (request.method !== 'POST') return NOT_FOUND;
  if (!services.registry.find('entity', name)) return { status: 400, body: { Message: services.registry.unknownFunction('entity', name) } };
  const content = jsonBody(request);
  if (content === undefined) return invalidJson();
  const input = content.text === null ? {} : { input: content.text };
  services.entities.enqueue(id, { op: request.query.get('op') ?? '', signal: true, id: randomUUID(), ...input });
  services.wakeEntity(id);
  return { status: 202 };
}

/** ISO text of a date parameter; what is no date is ignored, as on Azure. */
function dateParameter(query: URLSearchParams, name: string): string | undefined {
  const time = Date.parse(query.get(name) ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function booleanParameter(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const value = query.get(name)?.toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : otherwise;
}

const RUNTIME_STATUSES = ['Running', 'Completed', 'ContinuedAsNew', 'Failed', 'Canceled', 'Terminated', 'Pending', 'Suspended'];
function isRuntimeStatus(text: string): boolean {
  return RUNTIME_STATUSES.includes(text);
}
