import { randomUUID } from 'node:crypto';
import { checkAccess } from './access.ts';
import type { ArmRequest, ArmResponse, Cloud, RawRequest } from './cloud.ts';
import { ArmError, gatewayNotFound, groupNotFound } from './errors.ts';
import type { Fault } from './faults.ts';
import { type ArmPath, groupIdOf, parsePath } from './paths.ts';
import { within } from './resources/governance.ts';
import { checkPolicies } from './resources/policies.ts';
import { canonicalId, findHandler, operationName } from './router.ts';
import type { ComputeClass } from './throttle.ts';
import { checkVersion } from './versions.ts';

/** Answers a request as Azure Resource Manager does: gateway first, then the provider. */
export async function answer(cloud: Cloud, raw: RawRequest, fault: Fault | undefined): Promise<ArmResponse> {
  const requestId = randomUUID();
  const correlationId = raw.headers['x-ms-correlation-request-id'] ?? requestId;
  const common = {
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': correlationId,
    'x-ms-routing-request-id': `SIMULATOR:${new Date().toISOString()}:${requestId}`,
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
  };
  const [path = '', search = ''] = raw.url.split('?');
  const parsed = parsePath(path);
  const { response, code } = await attempt(cloud, raw, parsed, new URLSearchParams(search), correlationId, fault);
  const operation = parsed === undefined ? `${raw.method} ${path}` : `${raw.method} ${operationName(raw.method, parsed)}`;
  cloud.journal.record({
    ...{ at: new Date().toISOString(), method: raw.method, path, operation, status: response.status, correlationId },
    ...(code !== undefined && { code }),
  });
  const answered = { ...response, headers: { ...common, ...response.headers } };
  cloud.watch?.(raw, answered);
  return answered;
}

async function attempt(
  cloud: Cloud,
  raw: RawRequest,
  parsed: ArmPath | undefined,
  query: URLSearchParams,
  correlationId: string,
  fault: Fault | undefined,
) {
  const limits: Record<string, string> = {};
  try {
    if (fault?.answer !== undefined) {
      const { status, headers, body } = fault.answer;
      return {
        response: {
          status,
          headers,
          body: body ?? { error: { code: 'InjectedFault', message: 'A fault ordered on the control surface.' } },
        },
      };
    }
    authenticate(cloud, raw.headers.authorization);
    if (parsed === undefined) throw new ArmError('type-known', 404, 'InvalidResourceType', `The path '${raw.url}' names no resource.`);
    const response = await route(cloud, raw, parsed, query, correlationId, fault, limits);
    return { response: { ...response, headers: { ...limits, ...response.headers } } };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    cloud.journal.refuse(error.rule);
    return { response: { status: error.status, headers: { ...limits, ...error.headers }, body: error.body }, code: error.code };
  }
}

function authenticate(cloud: Cloud, header: string | undefined): void {
  const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
  const claims =
    token === undefined ? { refused: "Authentication failed. The 'Authorization' header is missing." } : cloud.identity.verifyForArm(token);
  if (!('refused' in claims)) return;
  const challenge = `Bearer authorization_uri="https://login.windows.net/${cloud.identity.tenantId}", error="invalid_token", error_description="${claims.refused}"`;
  throw new ArmError('token-required', 401, token === undefined ? 'AuthenticationFailed' : 'InvalidAuthenticationToken', claims.refused, {
    headers: { 'WWW-Authenticate': challenge },
  });
}

async function route(
  cloud: Cloud,
  raw: RawRequest,
  parsed: ArmPath,
  query: URLSearchParams,
  correlationId: string,
  fault: Fault | undefined,
  limits: Record<string, string>,
): Promise<ArmResponse> {
  const apiVersion = query.get('api-version');
  if (apiVersion === null)
    throw new ArmError(
      'api-version-required',
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  const status = operationStatus(cloud, parsed, query, limits);
  if (status !== undefined) return status;
  checkVersion(parsed.namespace, parsed.type, apiVersion);
  checkSubscription(cloud, parsed);
  Object.assign(limits, cloud.throttle.arm(parsed.subscription ?? '', raw.method));
  const handler = findHandler(raw.method, parsed);
  checkScope(cloud, raw.method, parsed);
  checkAccess(cloud, raw.method, parsed, raw.body);
  checkLocks(cloud, raw.method, parsed);
  checkPolicies(cloud, raw.method, parsed, raw.body);
  Object.assign(limits, chargeCompute(cloud, raw.method, parsed));
  const request: ArmRequest = {
    ...parsed,
    method: raw.method,
    subscription: parsed.subscription ?? '',
    resourceGroup: cloud.estate.group(groupIdOf(decodeURIComponent(parsed.path)))?.name ?? parsed.resourceGroup ?? '',
    id: canonicalId(cloud, parsed),
    name: parsed.names.at(-1) ?? '',
    ...{ query, apiVersion, headers: raw.headers, body: raw.body, correlationId },
    ...(fault?.failOperation !== undefined && { failOperation: fault.failOperation }),
    ...(fault?.endless && { endless: true }),
    ...(fault?.lateSeconds !== undefined && { lateSeconds: fault.lateSeconds }),
  };
  return handler(request, cloud);
}

/** The status of an operation, which has buckets of its own and no resource to check. */
function operationStatus(cloud: Cloud, parsed: ArmPath, query: URLSearchParams, limits: Record<string, string>): ArmResponse | undefined {
  if (!/(^|\/)(operations|DiskOperations|operationresults)$/i.test(parsed.type)) return undefined;
  if (parsed.namespace.toLowerCase() === 'microsoft.compute')
    Object.assign(limits, cloud.throttle.compute(kindOfStatus(parsed), `/subscriptions/${parsed.subscription}/${parsed.names.at(-1)}`));
  const found = cloud.operations.status(parsed.names.at(-1) ?? '', query);
  if (found === undefined)
    throw new ArmError('resource-exists', 404, 'NotFound', 'The operation is not found, or its address was altered.');
  return found;
}

/** Operations of disks are counted apart. */
function kindOfStatus({ type }: ArmPath): ComputeClass {
  return /diskoperations$/i.test(type) ? 'diskOperation' : 'operation';
}

function checkSubscription(cloud: Cloud, { subscription }: ArmPath): void {
  if (subscription === undefined || cloud.estate.subscription(subscription) !== undefined) return;
  throw new ArmError('subscription-exists', 404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
}

/** The group must exist; so must the resource that is not being made, and the parent of a child. */
function checkScope(cloud: Cloud, method: string, parsed: ArmPath): void {
  const { resourceGroup, path, type, namespace, names } = parsed;
  if (resourceGroup === undefined || namespace === 'Microsoft.Resources') return;
  const group = cloud.estate.group(groupIdOf(decodeURIComponent(path)));
  if (group === undefined) throw groupNotFound(resourceGroup);
  if (group.provisioningState === 'Deleting' && method === 'PUT')
    throw new ArmError(
      'group-exists',
      409,
      'ResourceGroupBeingDeleted',
      `The resource group '${resourceGroup}' is in deprovisioning state and cannot perform this operation.`,
    );
  const child = type.split('/').length > 1 && names.length > 0;
  const parentId = `${parsed.scope}/providers/${namespace}/${type.split('/')[0]}/${names[0]}`;
  if (child && parsed.scope.split('/').length === 5 && cloud.estate.get(parentId) === undefined) {
    throw gatewayNotFound(`${namespace}/${type.split('/')[0]}`, names[0] ?? '', resourceGroup);
  }
}

function checkLocks(cloud: Cloud, method: string, parsed: ArmPath): void {
  if (method === 'GET' || method === 'HEAD' || parsed.namespace.toLowerCase() === 'microsoft.authorization') return;
  const path = decodeURIComponent(parsed.path);
  const deleting = method === 'DELETE';
  const blocking = cloud.estate.locks.find(
    ({ scope, level }) => (within(path, scope) || (deleting && within(scope, path))) && (deleting || level === 'ReadOnly'),
  );
  if (blocking === undefined) return;
  throw new ArmError(
    'scope-locked',
    409,
    'ScopeLocked',
    `The scope '${path}' cannot perform ${deleting ? 'delete' : 'write'} operation because following scope(s) are locked: '${blocking.scope}'. Please remove the lock and try again.`,
  );
}

/** Counts a request against Compute's own buckets. */
function chargeCompute(cloud: Cloud, method: string, parsed: ArmPath): Record<string, string> {
  const kind = computeClass(method, parsed);
  if (kind === undefined) return {};
  const [first = ''] = parsed.names;
  const key = parsed.names.length === 0 ? parsed.scope : `${parsed.scope}/${first}`;
  return cloud.throttle.compute(kind, key);
}

function computeClass(method: string, { namespace, type, trailing, names }: ArmPath): ComputeClass | undefined {
  if (namespace.toLowerCase() !== 'microsoft.compute') return undefined;
  const [first = '', child] = type.toLowerCase().split('/');
  const reading = method === 'GET' || method === 'HEAD';
  const volumes = first === 'disks' || first === 'snapshots';
  if (volumes && reading && names.length === 0) return 'diskList';
  if (first === 'disks' && child !== undefined) return 'diskAccess';
  if (first === 'disks') return reading ? 'diskGet' : method === 'DELETE' ? 'diskDelete' : 'diskPut';
  if (first === 'snapshots') return reading ? 'diskGet' : method === 'DELETE' ? 'diskDelete' : 'snapshotPut';
  if (first !== 'virtualmachines') return undefined;
  if (names.length === 0) return 'list';
  if (reading || trailing?.toLowerCase() === 'retrievebootdiagnosticsdata') return 'get';
  if (child === 'deallocate' || (method === 'DELETE' && child === undefined)) return 'delete';
  return method === 'PUT' && child === undefined ? 'put' : 'update';
}
