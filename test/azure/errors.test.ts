import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from '@jest/globals';
import { AzureError, fail, operationFault, toFault } from '../../azure/errors.ts';
import type { FaultKind } from '../../azure/fault.ts';

/** What the SDK throws for an answer of ARM. */
function restError(statusCode: number, code: string, message: string, headers: Record<string, string> = {}): RestError {
  const request = createPipelineRequest({ url: 'https://management.azure.com/' });
  return new RestError(message, { statusCode, code, response: { status: statusCode, headers: createHttpHeaders(headers), request } });
}

const quota =
  'Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Deployment Model: Resource Manager, Location: westeurope, Current Limit: 10, Current Usage: 10, Additional Required: 2, (Minimum) New Limit Required: 12.';
const busy =
  'The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog to get more details on the conflicting requests.';

const table: [status: number, code: string, message: string, kind: FaultKind][] = [
  [
    429,
    'OperationNotAllowed',
    'The server rejected the request because too many requests have been received for this subscription.',
    'throttled',
  ],
  [429, 'TooManyRequests', 'too many', 'throttled'],
  [409, 'OperationNotAllowed', quota, 'quota'],
  [400, 'QuotaExceeded', 'Operation results in exceeding quota limits of Core.', 'quota'],
  [409, 'OperationNotAllowed', "The operation 'powerOff' is not allowed while another operation is in progress.", 'conflict'],
  [409, 'Conflict', busy, 'conflict'],
  [409, 'OperationPreempted', 'pre-empted by a more recent operation', 'conflict'],
  [409, 'ConflictingUserInput', "Disk '…' cannot be attached as the disk is already owned by VM '…'.", 'conflict'],
  [409, 'AttachDiskWhileBeingDetached', 'being detached', 'conflict'],
  [412, 'PreconditionFailed', 'The condition is not met.', 'conflict'],
  [409, 'SkuNotAvailable', 'The requested VM size is not available', 'skuUnavailable'],
  [409, 'ZonalAllocationFailed', 'Allocation failed.', 'skuUnavailable'],
  [409, 'AllocationFailed', 'Allocation failed.', 'skuUnavailable'],
  [403, 'RequestDisallowedByPolicy', 'was disallowed by policy', 'policyDenied'],
  [403, 'AuthorizationFailed', 'does not have authorization to perform action', 'forbidden'],
  [409, 'ScopeLocked', 'cannot perform write operation because following scope(s) are locked', 'forbidden'],
  [401, 'InvalidAuthenticationToken', 'The access token is invalid.', 'forbidden'],
  [404, 'ResourceGroupNotFound', 'could not be found', 'notFound'],
  [404, 'SomethingNew', 'is not there', 'notFound'],
  [500, 'InternalServerError', 'Encountered internal server error.', 'transient'],
  [503, 'ServerBusy', 'busy', 'transient'],
  [502, '', 'Bad Gateway', 'transient'],
  [400, 'InvalidParameter', 'The value of parameter x is invalid.', 'fatal'],
];

describe('a fault from what the SDK throws', () => {
  test.each(table)('%i %s: %.40s -> %s', (status, code, message, kind) => {
    expect(toFault(restError(status, code, message)).kind).toBe(kind);
  });

  test('carries the code, Retry-After and the request id', () => {
    const error = restError(429, 'TooManyRequests', 'too many', { 'retry-after': '17', 'x-ms-request-id': 'abc' });
    expect(toFault(error)).toEqual({
      kind: 'throttled',
      code: 'TooManyRequests',
      message: 'too many',
      retryAfterSeconds: 17,
      requestId: 'abc',
    });
  });

  test('Retry-After may be a date', () => {
    const error = restError(503, 'ServerBusy', 'busy', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    expect(toFault(error).retryAfterSeconds).toBeGreaterThan(50);
  });

  test('a broken connection is transient, whoever reports it', () => {
    for (const code of ['ECONNRESET', 'ECONNREFUSED', 'REQUEST_SEND_ERROR', 'ENOTFOUND'])
      expect(toFault(new RestError('broken', { code })).kind).toBe('transient');
    // undici's fetch hides the code in its cause.
    expect(toFault(new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'UND_ERR_SOCKET' }) })).kind).toBe(
      'transient',
    );
    expect(toFault(new DOMException('aborted', 'TimeoutError'))).toMatchObject({ kind: 'transient', code: 'timeout' });
  });

  test('a defect of ours is told as one', () => {
    expect(toFault(new TypeError('x is not a function'))).toEqual({ kind: 'fatal', code: 'internal', message: 'x is not a function' });
    expect(toFault('just text')).toEqual({ kind: 'fatal', code: 'internal', message: 'just text' });
  });

  test('a fault that was thrown comes out as it went in', () => {
    const error = fail('conflict', 'osDiskChanged', 'another disk');
    expect(error).toBeInstanceOf(AzureError);
    expect(toFault(error)).toEqual({ kind: 'conflict', code: 'osDiskChanged', message: 'another disk' });
  });

  test('an identity that answers not is tried again', () => {
    expect(toFault(Object.assign(new Error('no identity'), { name: 'CredentialUnavailableError' })).kind).toBe('transient');
  });

  test('no signature comes through in a message', () => {
    const message = 'cannot write https://a.blob.core.windows.net/c/b?sv=2024&sig=SECRET%3D was refused';
    expect(toFault(restError(403, 'AuthenticationFailed', message)).message).toBe(
      'cannot write https://a.blob.core.windows.net/c/b?… was refused',
    );
  });
});

describe('a fault from inside a finished operation', () => {
  const endings: [Parameters<typeof operationFault>[0], FaultKind][] = [
    [{ code: 'AllocationFailed', message: 'no machine' }, 'skuUnavailable'],
    [{ code: 'OperationNotAllowed', message: quota }, 'quota'],
    [
      { code: 'DeploymentFailed', message: 'see details', details: [{ code: 'RequestDisallowedByPolicy', message: 'denied' }] },
      'policyDenied',
    ],
    [{ code: 'InternalExecutionError', message: 'An internal execution error occurred.' }, 'transient'],
    [{ code: 'VMExtensionProvisioningError', message: 'odd' }, 'fatal'],
    [{ code: 'VMAgentStatusCommunicationError', message: 'has not reported status' }, 'transient'],
    [undefined, 'fatal'],
  ];
  test.each(endings)('%j -> %s', (error, kind) => {
    expect(operationFault(error).kind).toBe(kind);
  });
});

const recordings = new URL('../../../shared/reference/arm/recordings/', import.meta.url).pathname;

describe('the exchanges that Microsoft recorded', () => {
  if (!existsSync(recordings)) {
    test.skip(`left out: ${recordings} is not here`, () => {});
    return;
  }
  interface Exchange {
    url: string;
    status: number;
    headers: Record<string, string>;
    response: { error?: { code: string; message: string } } | null;
  }
  const refused = readdirSync(recordings)
    .flatMap(file =>
      readFileSync(recordings + file, 'utf8')
        .trim()
        .split('\n'),
    )
    .map((line): Exchange => JSON.parse(line))
    .filter(exchange => exchange.status >= 400);

  test('every refusal in them has a kind of its own', () => {
    const kinds = refused.map(({ status, headers, response }) => {
      const { code, message } = response?.error ?? { code: '', message: '' };
      return toFault(restError(status, code, message, headers)).kind;
    });
    expect(refused.length).toBeGreaterThan(5);
    expect(new Set(kinds)).toEqual(new Set(['notFound']));
  });
});
