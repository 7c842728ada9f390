/** The part of the registry (`rules.ts`) that is about the gateway: who may ask, for what, how often, and what stands in the way. */
export type RuleTag = 'recorded' | 'documented' | 'guessed';
export type Entry = readonly [tag: RuleTag, source: string, text: string];

const ERROR_PAGE = 'learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/error-messages';
const ARM_ERRORS = 'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors';
const LIMITS = 'learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling';
const COMPUTE_THROTTLING = 'learn.microsoft.com/azure/virtual-machines/compute-throttling-limits';

export const GATEWAY_RULES = {
  'token-required': ['documented', ARM_ERRORS, '401 without a bearer token that the tenant signed for ARM and that is valid now'],
  'api-version-required': ['documented', ARM_ERRORS, '400 MissingApiVersionParameter without api-version'],
  'api-version-known': ['documented', ARM_ERRORS, '400 NoRegisteredProviderFound for an api-version that the type does not have'],
  'type-known': ['documented', ARM_ERRORS, '404 InvalidResourceType or InvalidResourceNamespace for a type the simulator does not have'],
  'subscription-exists': ['documented', ARM_ERRORS, '404 SubscriptionNotFound'],
  'group-exists': ['documented', ARM_ERRORS, '404 ResourceGroupNotFound'],
  'resource-exists': [
    'recorded',
    'test_vm_managed_disk',
    '404 ResourceNotFound with x-ms-failure-cause: gateway for a top-level resource that is not there',
  ],
  'reference-exists': [
    'recorded',
    'test_vm_snapshot_copy_start_detection',
    '404 NotFound by the provider when a body names a resource that is not there',
  ],
  'child-exists': [
    'guessed',
    'the provider answers for children; recorded only for references',
    '404 NotFound for a run command that is not there',
  ],
  'location-required': ['documented', ARM_ERRORS, '400 LocationRequired for a resource without a location'],
  'location-fixed': ['documented', ARM_ERRORS, '409 InvalidResourceLocation when a resource exists in another location'],
  'name-valid': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules',
    '400 for a name with forbidden characters or too long',
  ],
  'tags-valid': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/management/tag-resources',
    '400 for more than 50 tags, a name above 512 or a value above 256 characters, or one of <>%&\\?/',
  ],
  'body-valid': ['documented', ERROR_PAGE, '400 InvalidParameter for a required field that is missing or a value of the wrong kind'],
  'body-members-known': [
    'guessed',
    'stricter: Azure refuses members its type lacks, the simulator also those it does not model',
    '400 for a member that the simulator does not model',
  ],
  'list-page-known': [
    'documented',
    'learn.microsoft.com/rest/api/compute/virtual-machines/list',
    'VMs are listed 10 at a time (guessed: Azure shows more); nextLink leads on; 400 for a token that no page gave',
  ],
  'action-allowed': ['documented', ARM_ERRORS, '403 AuthorizationFailed when the identity lacks the action'],
  'linked-action-allowed': [
    'guessed',
    'that ARM asks for an action on what a body names is documented; which action for which type is from error messages people have met',
    '403 LinkedAuthorizationFailed when the identity lacks the action on a subnet, disk, snapshot, NSG or NIC that a body names',
  ],
  'deny-assignment': [
    'documented',
    'learn.microsoft.com/azure/role-based-access-control/deny-assignments',
    '403 DenyAssignmentAuthorizationFailed for an action that a deny assignment at the scope, or above it, forbids',
  ],
  'policy-allows': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy',
    '403 RequestDisallowedByPolicy for a resource that a policy with the effect deny does not allow; checkPolicyRestrictions tells it beforehand',
  ],
  'scope-locked': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/management/lock-resources',
    '409 ScopeLocked: CanNotDelete stops deletes, ReadOnly stops every write',
  ],
  'arm-throttled': ['documented', LIMITS, '429 by ARM: writes and deletes 10/s (burst 200), reads 25/s (250), per subscription'],
  'compute-throttled': [
    'documented',
    COMPUTE_THROTTLING,
    '429 by Compute: put/update/delete VM 4/min (burst 12) per VM and 500/min (1,500) per subscription; cheap reads 12/min (36); operation reads 15/min (45)',
  ],
} as const satisfies Record<string, Entry>;
