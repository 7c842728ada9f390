/**
 * What the SDK throws, and the failure inside a finished operation, as a Fault. The one place that knows Azure's codes;
 * where a code says two things (`OperationNotAllowed`), the one place that looks at a message.
 *
 * Codes: learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors and
 * …/azure/virtual-machines/error-codes; shapes: the SDK's RestError and the recorded exchanges of Microsoft's own tests.
 */
import type { Fault, FaultKind } from './fault.ts';

/** A fault on its way up through code that throws. */
export class AzureError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(`${fault.code}: ${fault.message}`);
    this.name = 'AzureError';
    this.fault = fault;
  }
}

export function fail(kind: FaultKind, code: string, message: string): AzureError {
  return new AzureError({ kind, code, message });
}

/** Every code that says more than its status; bodies and sources: conformance/errors/bodies.ts. */
export const kindOfCode: Readonly<Record<string, FaultKind>> = {
  TooManyRequests: 'throttled',
  SubscriptionRequestsThrottled: 'throttled',
  ResourceRequestsThrottled: 'throttled',
  TooManyVMRedeploymentRequests: 'throttled',
  OperationTimedOut: 'transient',
  RetryableError: 'transient',
  RetryableErrorDueToAnotherOperation: 'conflict',
  AnotherOperationInProgress: 'conflict',
  OperationPreempted: 'conflict',
  ConflictingConcurrentWriteNotAllowed: 'conflict',
  ReferencedResourceNotProvisioned: 'conflict',
  AttachDiskWhileBeingDetached: 'conflict',
  PreconditionFailed: 'conflict',
  ConditionNotMet: 'conflict',
  InternalServerError: 'transient',
  InternalExecutionError: 'transient',
  InternalOperationError: 'transient',
  InternalError: 'transient',
  ServerTimeout: 'transient',
  ServerBusy: 'transient',
  GatewayTimeout: 'transient',
  VMStartTimedOut: 'transient',
  VMRedeploymentFailed: 'transient',
  VMRedeploymentTimedOut: 'transient',
  ResourceUpdateBlockedOnPlatformUpdate: 'transient',
  NetworkingInternalOperationError: 'transient',
  QuotaExceeded: 'quota',
  ResourceQuotaExceeded: 'quota',
  SkuNotAvailable: 'skuUnavailable',
  AllocationFailed: 'skuUnavailable',
  ZonalAllocationFailed: 'skuUnavailable',
  OverconstrainedAllocationRequest: 'skuUnavailable',
  // As the page on error messages spells it.
  OverConstrainedAllocationRequest: 'skuUnavailable',
  OverconstrainedZonalAllocationRequest: 'skuUnavailable',
  NotAvailableForSubscription: 'skuUnavailable',
  VMSizeNotSupported: 'skuUnavailable',
  // Nothing that is tried again gets in.
  ResourceGroupBeingDeleted: 'fatal',
  RequestDisallowedByPolicy: 'policyDenied',
  RequestDisallowedByAzure: 'policyDenied',
  AuthorizationFailed: 'forbidden',
  LinkedAuthorizationFailed: 'forbidden',
  LinkedAccessCheckFailed: 'forbidden',
  DenyAssignmentAuthorizationFailed: 'forbidden',
  ScopeLocked: 'forbidden',
  InvalidAuthenticationToken: 'forbidden',
  NotFound: 'notFound',
  ResourceNotFound: 'notFound',
  ResourceGroupNotFound: 'notFound',
  ParentResourceNotFound: 'notFound',
  BlobNotFound: 'notFound',
  ContainerNotFound: 'notFound',
  // The agent of a VM that starts, or is being updated, is back in a minute; also where an operation ended so, which has no status.
  VMAgentStatusCommunicationError: 'transient',
  // The identity endpoint of a host hiccups now and then; a missing identity stays missing, and the last try says so.
  AggregateAuthenticationError: 'transient',
  AuthenticationError: 'transient',
  CredentialUnavailableError: 'transient',
};

/** Codes of sockets and name servers: the request may or may not have arrived. */
const network = new Set([
  'REQUEST_SEND_ERROR',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

function kindOfStatus(status: number): FaultKind {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'notFound';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 408 || status >= 500) return 'transient';
  return 'fatal';
}

function kindOf(code: string, message: string, status: number | undefined): FaultKind {
  if (status === 429) return 'throttled';
  // The same code says "quota exceeded" and "not while it is being changed"; only the words tell them apart.
  if (code === 'OperationNotAllowed') return /quota|cores? limit/i.test(message) ? 'quota' : 'conflict';
  const known = kindOfCode[code];
  if (known) return known;
  if (/quota/i.test(code)) return 'quota';
  if (network.has(code)) return 'transient';
  return status === undefined ? 'fatal' : kindOfStatus(status);
}

/** Any thrown value as a Fault; what is no error of Azure or of the network is `fatal` with code `internal`. */
export function toFault(error: unknown): Fault {
  if (error instanceof AzureError) return error.fault;
  const seen = look(error);
  if (seen.name === 'AbortError' || seen.name === 'TimeoutError')
    return { kind: 'transient', code: 'timeout', message: 'no answer within the time allowed' };
  if (seen.status === undefined && !network.has(seen.code) && !(seen.name in kindOfCode))
    return seen.cause === undefined ? { kind: 'fatal', code: 'internal', message: seen.message } : toFault(seen.cause);
  const code = seen.code || (seen.name in kindOfCode || seen.status === undefined ? seen.name : `Http${seen.status}`);
  const fault: Fault = { kind: kindOf(code, seen.message, seen.status), code, message: withoutQueries(seen.message) };
  const retryAfterSeconds = retryAfter(seen.header);
  if (retryAfterSeconds !== null) fault.retryAfterSeconds = retryAfterSeconds;
  const requestId = seen.header('x-ms-request-id');
  if (requestId) fault.requestId = requestId;
  return fault;
}

/** The `error` of an operation that ended as Failed or Canceled. Azure nests the telling code in `details` at times. */
export function operationFault(
  error: { code?: string; message?: string; details?: { code?: string; message?: string }[] } | undefined,
): Fault {
  const inner = error?.details?.find(detail => detail.code !== undefined && detail.code in kindOfCode);
  const code = inner?.code ?? error?.code ?? 'OperationFailed';
  const message = inner?.message ?? error?.message ?? 'the operation failed without saying why';
  return { kind: kindOf(code, message, undefined), code, message: withoutQueries(message) };
}

/** What `work` reads, or undefined where Azure says that it is not there. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (toFault(error).kind === 'notFound') return undefined;
    throw error;
  }
}

/**
 * What `work` reads. An answer that is not as its specification says makes the SDK's or our own reading stumble over a field: that is
 * Azure's answer, or a proxy's, and is told so; it is no defect that nobody can name.
 */
export async function understood<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const stumbled = error instanceof Error && ['TypeError', 'RangeError', 'SyntaxError'].includes(error.name) && error.cause === undefined;
    if (!stumbled) throw error;
    throw fail('fatal', 'unexpectedBody', `${what}: the answer is not as its specification says (${error.message.slice(0, 200)})`);
  }
}

/** Seconds of `Retry-After` (a number or a date); null = the service did not say. */
export function retryAfter(header: (name: string) => string | undefined): number | null {
  const value = header('retry-after');
  if (value === undefined) return null;
  if (Number(value) >= 0) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1000);
}

interface Seen {
  name: string;
  code: string;
  message: string;
  status: number | undefined;
  cause: unknown;
  header: (name: string) => string | undefined;
}

/** By shape, not by class: two copies of core-rest-pipeline, undici's fetch and node:net all throw their own. */
function look(error: unknown): Seen {
  const at = (value: unknown, key: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const status = at(error, 'statusCode');
  const headers = at(at(error, 'response'), 'headers');
  const get = at(headers, 'get');
  return {
    name: text(at(error, 'name')),
    code: text(at(error, 'code')) || text(at(at(error, 'details'), 'errorCode')),
    message: text(at(error, 'message')) || String(error),
    status: typeof status === 'number' ? status : undefined,
    cause: at(error, 'cause'),
    header: name => {
      const value: unknown = typeof get === 'function' ? Reflect.apply(get, headers, [name]) : undefined;
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** A query may be a SAS, and a message may quote one. */
export function withoutQueries(text: string): string {
  return text.replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1?…');
}
