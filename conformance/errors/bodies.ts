/**
 * Azure’s own bodies of every error that the product branches on, with where they come from. Messages are the page’s own where it has
 * one, and its sense where it has only the code.
 */
import type { FaultKind } from '../../azure/fault.ts';

/** *recorded*: in Microsoft's recordings; *documented*: on the page; *met*: no page has it, people have met it. */
export type Proof = 'recorded' | 'documented' | 'met';

export interface KnownError {
  code: string;
  /** As a refusal; undefined where it comes only inside an operation that has failed. */
  status: number | undefined;
  message: string;
  proof: Proof;
  /** Page or recording. */
  source: string;
  kind: FaultKind;
  /** Where the end of an operation says less than a status does. */
  kindInOperation?: FaultKind;
}

const VM = 'learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/error-messages';
const ARM = 'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors';
const LIMITS = 'learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling';
const STORAGE = 'learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes';
const BLOB = 'learn.microsoft.com/rest/api/storageservices/blob-service-error-codes';
const QUOTA = 'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-quota';
const RIGHTS = 'learn.microsoft.com/azure/role-based-access-control/troubleshooting';
const LOCKS = 'learn.microsoft.com/azure/azure-resource-manager/management/lock-resources';
const POLICY = 'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy';
const ALLOCATION = 'learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/allocation-failure';

type Row = [code: string, status: number | undefined, message: string, kind: FaultKind, source: string, kindInOperation?: FaultKind];

const DOCUMENTED: Row[] = [
  ['TooManyRequests', 429, 'Too many requests have been received. Try again later.', 'throttled', LIMITS],
  [
    'SubscriptionRequestsThrottled',
    429,
    "Number of requests for subscription '{0}' and operation '{1}' exceeded the backend storage limit. Please try again after '6' seconds.",
    'throttled',
    LIMITS,
  ],
  ['ResourceRequestsThrottled', 429, 'The resource has received too many requests. Try again later.', 'throttled', LIMITS],
  [
    'RetryableErrorDueToAnotherOperation',
    429,
    'Operation cannot proceed because it is in progress by another operation.',
    'throttled',
    LIMITS,
    'conflict',
  ],
  ['OperationNotAllowed', 409, "Operation '{0}' is not allowed on VM '{1}' since another operation is in progress.", 'conflict', VM],
  [
    'OperationNotAllowed',
    409,
    'Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota. Current Limit: 10.',
    'quota',
    QUOTA,
  ],
  ['Conflict', 409, 'Disk resizing is allowed only when creating a VM or when the VM is deallocated.', 'conflict', VM, 'fatal'],
  ['ConflictingUserInput', 409, "Disk '{0}' cannot be attached as the disk is already owned by VM '{1}'.", 'conflict', VM, 'fatal'],
  [
    'AttachDiskWhileBeingDetached',
    409,
    "Cannot attach data disk '{0}' to VM '{1}' because the disk is currently being detached. Please wait until the disk is completely detached and then try again.",
    'conflict',
    VM,
  ],
  ['AnotherOperationInProgress', 409, 'Another operation on this or dependent resource is in progress.', 'conflict', ARM],
  [
    'ReferencedResourceNotProvisioned',
    409,
    'Cannot proceed with operation because resource {0} used by resource {1} is not in Succeeded state.',
    'conflict',
    ARM,
  ],
  [
    'ResourceUpdateBlockedOnPlatformUpdate',
    409,
    'Resource cannot be updated at this time due to ongoing platform update. Please try again later.',
    'transient',
    VM,
  ],
  [
    'TooManyVMRedeploymentRequests',
    409,
    "Too many redeployment requests have been received for VM '{0}' or the VMs in the same availabilityset with this VM. Please retry later.",
    'throttled',
    VM,
  ],
  ['VMRedeploymentFailed', undefined, "VM '{0}' redeployment failed due to an internal error. Please retry later.", 'transient', VM],
  [
    'VMRedeploymentTimedOut',
    undefined,
    "Redeployment of VM '{0}' didn't finish in the allotted time. It might finish successfully in sometime. Else, you can retry the request.",
    'transient',
    VM,
  ],
  [
    'VMStartTimedOut',
    undefined,
    "VM '{0}' did not start in the allotted time. The VM may still start successfully. Please check the power state later.",
    'transient',
    VM,
  ],
  ['InternalOperationError', undefined, '{0} goal seeking tasks failed.', 'transient', VM],
  ['NetworkingInternalOperationError', undefined, 'An internal error occurred in processing network profile of the VM.', 'transient', VM],
  ['InternalServerError', 500, 'Encountered internal server error.', 'transient', ARM],
  ['InternalError', 500, 'The server encountered an internal error. Please retry the request.', 'transient', STORAGE],
  ['OperationTimedOut', 500, 'The operation could not be completed within the permitted time.', 'transient', STORAGE],
  ['ServerBusy', 503, 'The server is currently unable to receive requests. Please retry your request.', 'transient', STORAGE],
  ['ConditionNotMet', 412, 'The condition specified using HTTP conditional header(s) is not met.', 'conflict', STORAGE],
  ['BlobNotFound', 404, 'The specified blob does not exist.', 'notFound', BLOB],
  ['ContainerNotFound', 404, 'The specified container does not exist.', 'notFound', BLOB],
  [
    'QuotaExceeded',
    409,
    'Operation results in exceeding quota limits of Core. Maximum allowed: 4, Current in use: 4, Additional requested: 2.',
    'quota',
    QUOTA,
  ],
  ['ResourceQuotaExceeded', 409, 'The deployment exceeds the resource quota.', 'quota', ARM],
  [
    'SkuNotAvailable',
    409,
    "The requested tier for resource '{0}' is currently not available in location '{1}' for subscription '{2}'. Please try another tier or deploy to a different location.",
    'skuUnavailable',
    'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-sku-not-available',
  ],
  [
    'NotAvailableForSubscription',
    409,
    'The SKU is restricted for the subscription (reasonCode NotAvailableForSubscription).',
    'skuUnavailable',
    'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-sku-not-available',
  ],
  [
    'AllocationFailed',
    undefined,
    'Allocation failed. Please try reducing the VM size or number of VMs, retry later, or try deploying to a different Availability Set or different Azure location.',
    'skuUnavailable',
    VM,
  ],
  [
    'ZonalAllocationFailed',
    undefined,
    'Allocation failed. We do not have sufficient capacity for the requested VM size in this zone.',
    'skuUnavailable',
    ALLOCATION,
  ],
  [
    'OverConstrainedAllocationRequest',
    undefined,
    'The required VM size is not currently available in the selected location.',
    'skuUnavailable',
    VM,
  ],
  [
    'OverconstrainedAllocationRequest',
    undefined,
    'Allocation failed. VM(s) with the following constraints cannot be allocated, because the condition is too restrictive.',
    'skuUnavailable',
    ALLOCATION,
  ],
  [
    'OverconstrainedZonalAllocationRequest',
    undefined,
    'Allocation failed. VM(s) with the following constraints cannot be allocated, because the condition is too restrictive.',
    'skuUnavailable',
    ALLOCATION,
  ],
  [
    'ResourceGroupBeingDeleted',
    409,
    "The resource group '{0}' is in deprovisioning state and cannot perform this operation.",
    'fatal',
    ARM,
  ],
  [
    'RequestDisallowedByPolicy',
    403,
    "Resource '{0}' was disallowed by policy. Policy identifiers: '[{\"policyAssignment\":{…}}]'.",
    'policyDenied',
    POLICY,
  ],
  [
    'AuthorizationFailed',
    403,
    "The client '{0}' with object id '{0}' does not have authorization to perform action '{1}' over scope '{2}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
    'forbidden',
    RIGHTS,
  ],
  [
    'LinkedAuthorizationFailed',
    403,
    "The client has permission to perform action '{0}' on scope '{1}', however the current tenant is not authorized to access linked subscription.",
    'forbidden',
    ARM,
  ],
  [
    'DenyAssignmentAuthorizationFailed',
    403,
    "The client has permission to perform action '{0}' on scope '{1}'; however, the access is denied because of the deny assignment with name '{2}'.",
    'forbidden',
    'learn.microsoft.com/azure/role-based-access-control/deny-assignments',
  ],
  [
    'ScopeLocked',
    409,
    "The scope '{0}' cannot perform delete operation because following scope(s) are locked: '{0}'. Please remove the lock and try again.",
    'forbidden',
    LOCKS,
  ],
  [
    'InvalidAuthenticationToken',
    401,
    'The access token is invalid.',
    'forbidden',
    'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors',
  ],
  ['ResourceGroupNotFound', 404, "Resource group '{0}' could not be found.", 'notFound', ARM],
  [
    'ParentResourceNotFound',
    404,
    "Can not perform requested operation on nested resource. Parent resource '{0}' not found.",
    'notFound',
    ARM,
  ],
  [
    'PreconditionFailed',
    412,
    'The condition of If-Match or If-None-Match is not met.',
    'conflict',
    'learn.microsoft.com/rest/api/compute/virtual-machines/update',
  ],
];

const RECORDED: Row[] = [
  [
    'ResourceNotFound',
    404,
    "The Resource '{0}' under resource group '{1}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    'notFound',
    'test_vm_managed_disk',
  ],
  ['NotFound', 404, 'Resource {0} is not found.', 'notFound', 'test_vm_snapshot_copy_start_detection'],
];

/** No page of Microsoft's has these; what they mean is clear from their names and from whom they have met. */
const MET: Row[] = [
  [
    'InternalExecutionError',
    undefined,
    'An internal execution error occurred. Please retry later.',
    'transient',
    'github.com/cloudfoundry/bosh-azure-cpi-release/issues/86',
  ],
  [
    'OperationPreempted',
    undefined,
    'The operation has been preempted by a more recent operation.',
    'conflict',
    'pre-emption of a VM operation by a delete or deallocate',
  ],
  [
    'ConflictingConcurrentWriteNotAllowed',
    409,
    'There is a concurrent conflicting operation in progress.',
    'conflict',
    'Compute, concurrent PUTs of one VM',
  ],
  ['ConcurrentUpdateNotAllowed', 409, 'Another update is in progress.', 'conflict', 'Compute, concurrent PUTs of one resource'],
  ['DiskBeingAttached', 409, 'The disk is being attached.', 'conflict', 'Compute, attach while attaching'],
  ['RetryableError', 429, 'A retryable error occurred.', 'throttled', 'Network', 'transient'],
  ['CoreQuotaExceeded', undefined, 'The cores quota is exceeded.', 'quota', 'the fabric under Compute'],
  ['VMSizeNotSupported', undefined, 'The VM size is not supported here.', 'skuUnavailable', 'the fabric under Compute'],
  ['AllocationTimedOut', undefined, 'The allocation did not end in time.', 'transient', 'the fabric under Compute'],
  [
    'ServerTimeout',
    503,
    "The request timed out. Diagnostic information: timestamp '{0}', subscription id '{1}'.",
    'transient',
    'Resource Manager in front of a slow provider',
  ],
  ['ServiceUnavailable', 503, 'The service is unavailable.', 'transient', 'Resource Manager'],
  [
    'GatewayTimeout',
    504,
    'The gateway did not receive a response from the provider within the specified time period.',
    'transient',
    'Resource Manager',
  ],
  [
    'RequestDisallowedByAzure',
    403,
    "Resource '{0}' was disallowed by Azure: this policy maintains a set of best available regions.",
    'policyDenied',
    'subscriptions for students and trials',
  ],
  [
    'LinkedAccessCheckFailed',
    403,
    "The client does not have authorization to perform action '{0}' on the linked scope.",
    'forbidden',
    'Network, join actions',
  ],
];

const rows = (proof: Proof, all: Row[]): KnownError[] =>
  all.map(([code, status, message, kind, source, kindInOperation]) => ({
    ...{ code, status, message, kind, source, proof },
    ...(kindInOperation !== undefined && { kindInOperation }),
  }));

export const knownErrors: readonly KnownError[] = [...rows('recorded', RECORDED), ...rows('documented', DOCUMENTED), ...rows('met', MET)];

/** Names of errors that the identity library throws; they have no body. */
export const withoutBody: readonly string[] = ['AggregateAuthenticationError', 'AuthenticationError', 'CredentialUnavailableError'];
