/**
 * Every rule by which the simulator refuses, or behaves where Azure's behaviour had to be chosen, with where it comes from:
 * *recorded* (Microsoft's recorded tests), *documented* (page named) or *guessed*. Nothing in the product may rest on a guess.
 */
import { type Entry, GATEWAY_RULES, type RuleTag } from './gatewayRules.ts';
import { GRAPH_RULES } from './graphRules.ts';

export interface Rule {
  id: RuleId;
  tag: RuleTag;
  /** The page or recording; for a guess, why so. */
  source: string;
  text: string;
}

const ERROR_PAGE = 'learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/error-messages';
const ARM_ERRORS = 'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors';
const RUN_COMMAND = 'learn.microsoft.com/azure/virtual-machines/windows/run-command-managed';
const RUN_COMMAND_V1 = 'learn.microsoft.com/azure/virtual-machines/windows/run-command';
const SWAP = 'learn.microsoft.com/azure/virtual-machines/windows/os-disk-swap';
const SERIAL_CONSOLE = 'learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/serial-console-windows';
const SERIAL_CLI = 'github.com/Azure/azure-cli-extensions, src/serial-console (read, not run)';
const DISK_API = 'learn.microsoft.com/rest/api/compute/disks/create-or-update';

const TABLE = {
  ...GATEWAY_RULES,
  'etag-matches': [
    'documented',
    'learn.microsoft.com/rest/api/compute/virtual-machines/update',
    '412 PreconditionFailed when If-Match names another etag, or If-None-Match: * meets a resource',
  ],
  'one-operation-at-a-time': [
    'documented',
    ERROR_PAGE,
    '409 OperationNotAllowed while another operation of the VM is in progress (for some pairs Azure would pre-empt; the simulator never does)',
  ],
  'vm-deleting': ['documented', ERROR_PAGE, '409 OperationNotAllowed on a VM that is marked for deletion'],
  'restart-needs-running': ['documented', ERROR_PAGE, '409 OperationNotAllowed: restart and redeploy need a running VM'],
  'power-off-needs-allocation': ['documented', ERROR_PAGE, '409 OperationNotAllowed: powerOff of a deallocated VM'],
  'start-needs-capacity': [
    'documented',
    ERROR_PAGE,
    'start and create fail with AllocationFailed (ZonalAllocationFailed in a zone) when the scenario says capacity is gone',
  ],
  'size-known': ['documented', ERROR_PAGE, '400 InvalidParameter for a VM size that the region does not have'],
  'size-fits-generation': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/generation-2',
    '400 for a size that cannot boot the disk’s generation',
  ],
  'size-has-controller': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/nvme-overview',
    '400 for a disk controller that the size lacks',
  ],
  'sku-available': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-sku-not-available',
    '409 SkuNotAvailable for a size restricted in the region or zone',
  ],
  'zone-known': ['documented', ARM_ERRORS, '400 for a zone that the region does not have'],
  'quota-left': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-quota',
    '409 OperationNotAllowed when the family’s, the region’s or the VMs’ quota would be exceeded; deallocated VMs count',
  ],
  'image-exists': ['documented', 'learn.microsoft.com/azure/virtual-machines/windows/cli-ps-findimage', '404 PlatformImageNotFound'],
  'credentials-valid': ['documented', ERROR_PAGE, '400 for an administrator’s name, password or computer name that Windows would not take'],
  'create-powers-on': [
    'guessed',
    'not documented',
    'a new VM is powered on when two fifths of its creation have passed, and boots while the rest runs',
  ],
  'power-shows-updating': [
    'guessed',
    'seen, but not in these recordings',
    'provisioningState is Updating while a power operation runs, and Failed after one that failed',
  ],
  'create-fields-fixed': ['documented', ERROR_PAGE, '409 PropertyChangeNotAllowed for what cannot be changed after creation'],
  'subnet-exists': ['documented', ARM_ERRORS, '400 InvalidResourceReference for a subnet, NSG or NIC that is not there'],
  'network-in-use': [
    'documented',
    'learn.microsoft.com/azure/virtual-network/manage-virtual-network',
    '400 InUse… for a VNet, subnet or NSG that is still used, NicInUse for an attached NIC',
  ],
  'nic-name': ['guessed', 'not documented', 'a NIC configured in the VM’s body is created under its configuration’s name'],
  'disk-attached-elsewhere': ['documented', ERROR_PAGE, '409 ConflictingUserInput for a disk that a VM already owns (also for a swap)'],
  'disk-being-detached': ['documented', ERROR_PAGE, '409 AttachDiskWhileBeingDetached'],
  'lun-free': ['documented', ERROR_PAGE, '400 InvalidParameter: a disk at that LUN already exists'],
  'lun-in-range': [
    'documented',
    'learn.microsoft.com/rest/api/compute/virtual-machines/attach-detach-data-disks',
    '400 for a LUN above 63 (the simulator: at or above the size’s number of data disks)',
  ],
  'data-disk-count': ['documented', ERROR_PAGE, '409 OperationNotAllowed: too many data disks for the size'],
  'disk-same-zone': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/attach-disk-ps',
    '400 for a disk of another region or zone than the VM',
  ],
  'detach-known-disk': [
    'guessed',
    'code not documented',
    '400 for the detach of a disk that is not a data disk of the VM; the OS disk never is',
  ],
  'swap-disk-name': ['guessed', 'stricter: the recorded swap changes both', '400 when osDisk.name is not the name of the new disk'],
  'swap-managed-only': ['documented', SWAP, '400 for a swap to anything but a managed disk with an operating system of the same kind'],
  'swap-same-size': ['guessed', 'Azure’s pages disagree; the product’s own rule', '400 for a swap to a disk of another size'],
  'swap-same-generation': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/generation-2',
    '400 for a swap to a disk of another generation',
  ],
  'swap-same-encryption': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/disk-encryption',
    '400 for a swap to a disk under another encryption set',
  ],
  'swap-same-security': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/trusted-launch',
    '400 for a swap to a disk of another security type',
  ],
  'swap-on-running-vm': ['guessed', 'Azure’s pages disagree whether the VM must be stopped', 'allowed, and recorded as a breach'],
  'os-disk-resize': [
    'documented',
    ERROR_PAGE,
    '409 Conflict: an OS disk is resized only when its VM is deallocated (the simulator: not through the VM at all)',
  ],
  'disk-source-region': [
    'recorded',
    'test_vm_snapshot_copy_start_detection',
    '404 NotFound for a copy from another region; 400 from another subscription (documented: a copy stays in its subscription)',
  ],
  'disk-not-smaller': ['documented', ERROR_PAGE, '400 for a disk smaller than its source'],
  'disk-generation-of-source': ['documented', DISK_API, '400 for a hyperVGeneration other than the source’s'],
  'disk-no-security-with-copy': ['documented', DISK_API, '400 for securityType together with createOption Copy: it is inherited'],
  'disk-creation-fixed': [
    'documented',
    DISK_API,
    '409 PropertyChangeNotAllowed when a PUT changes creationData of a disk or snapshot that exists',
  ],
  'disk-size-grows': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/windows/expand-os-disk',
    '409 for shrinking a disk, or growing one of an allocated VM',
  ],
  'group-in-use': [
    'documented',
    'learn.microsoft.com/azure/azure-resource-manager/management/delete-resource-group',
    '409 ResourceGroupDeletionBlocked (as met in github.com/openshift/installer/pull/5157) at the end of deleting a group whose disk is attached to a VM of another: the rest of it is gone, the group stays',
  ],
  'disk-in-use': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/windows/find-unattached-disks',
    '409 OperationNotAllowed for deleting a disk that is attached',
  ],
  'disk-busy': ['documented', ERROR_PAGE, '409 while another operation of the disk or snapshot is in progress'],
  'snapshot-incremental-rate': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots',
    '409 beyond 7 incremental snapshots of a disk in 5 minutes, or 500 in all',
  ],
  'snapshot-sku': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots',
    '400 for a snapshot SKU other than Standard_LRS, Standard_ZRS or Premium_LRS',
  ],
  'encryption-set-exists': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/disk-encryption',
    '404 for an encryption set that the scenario does not have',
  ],
  'run-command-vm-running': ['documented', ERROR_PAGE, '409 OperationNotAllowed on a VM that is not running'],
  'run-command-agent-ready': [
    'guessed',
    'the code is documented; Azure may accept and fail only after a long wait',
    '409 VMAgentStatusCommunicationError on a VM whose agent has not reported since it was started',
  ],
  'run-command-25': ['documented', RUN_COMMAND, '409 for a 26th run command on one VM'],
  'run-command-timeout': ['documented', RUN_COMMAND, '400 for a timeout above 90 days; 90 minutes when none is given'],
  'run-command-output-blob': [
    'guessed',
    'stricter: what Azure does with a bad SAS is not documented',
    'the script does not run when its output blob cannot be created',
  ],
  'run-command-timed-out': [
    'guessed',
    'not documented',
    'a script stopped by a delete, a new PUT or a power off leaves no trace on the disks; past its timeout what it has started writes on until the power goes',
  ],
  'run-command-no-secret': [
    'guessed',
    'whether Azure shows the SAS of a blob is not documented',
    'GET of a run command shows its blobs without their SAS',
  ],
  'run-command-v1-one': ['documented', RUN_COMMAND_V1, '409 Conflict while another action run command of the VM is in progress'],
  'boot-diagnostics-enabled': [
    'documented',
    'learn.microsoft.com/rest/api/compute/virtual-machines/retrieve-boot-diagnostics-data',
    '409 when boot diagnostics are off',
  ],
  'boot-diagnostics-expiry': [
    'documented',
    'learn.microsoft.com/rest/api/compute/virtual-machines/retrieve-boot-diagnostics-data',
    '400 for a SAS lifetime outside 1 to 1440 minutes (the simulator’s bound); 120 when none is given',
  ],
  'boot-diagnostics-storage': [
    'documented',
    'learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update',
    '400 for a storageUri that is not the blob endpoint of a storage account',
  ],
  'boot-diagnostics-turned-on': [
    'documented',
    'learn.microsoft.com/azure/virtual-machines/boot-diagnostics',
    'the screenshot is of the VM’s present state, also where diagnostics were turned on while it runs; its serial log then begins with the next start (this part is guessed: the page does not say)',
  ],
  'boot-diagnostics-overwritten': [
    'guessed',
    'not documented',
    'a start empties the serial log; a stopped VM keeps its last screenshot and log',
  ],
  'agent-after-stop': [
    'recorded',
    'test_vm_create_state_modifications',
    'a stopped VM still shows the agent’s last Ready; a deallocated one shows no agent; Not Ready carries the time of the GET',
  ],
  'etag-moves': [
    'recorded',
    'test_vm_disk_attach_detach',
    'an operation moves a VM’s etag once, and once more at its end where something leaves the VM: a detach, a swap, a deallocation; a redeployment leaves it alone',
  ],
  'data-disk-made': [
    'recorded',
    'test_vm_disk_attach_detach',
    'an Empty data disk in a VM’s body is made by the update, and shows no id before it has ended',
  ],
  'diagnostics-account-kept': [
    'recorded',
    'test_vm_boot_diagnostics',
    'a storage account of boot diagnostics stays set when they are turned off, and the instance view then names its blobs',
  ],
  'volume-shared': [
    'recorded',
    'test_snapshot_access',
    'a disk or snapshot is ActiveSAS from beginGetAccess until endGetAccess, beyond its time too',
  ],
  'health-sees-the-host': [
    'documented',
    'learn.microsoft.com/azure/service-health/resource-health-vm-annotation',
    'a running VM is Available whatever its guest shows; Unavailable by the platform while a fault or maintenance of its host lasts, by its user when it is off',
  ],
  ...GRAPH_RULES,
  'role-assignment-filter': [
    'documented',
    'learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest',
    'assignedTo lists what is given to a principal and to its groups, at, above and below the scope; 400 for a $filter other than that and atScope()',
  ],
  'activity-log-filter': [
    'documented',
    'learn.microsoft.com/azure/azure-monitor/essentials/rest-activity-log',
    '400 for a $filter other than eventTimestamp ge, eventTimestamp le and one of resourceUri, resourceGroupName, resourceProvider, correlationId; for a start more than 90 days ago',
  ],
  'activity-log-lags': [
    'guessed',
    'the page says minutes',
    'an operation is in the activity log some minutes after it, as Started and as Succeeded or Failed; 20 entries a page, newest first',
  ],
  'serial-console-enabled': ['documented', SERIAL_CONSOLE, '403 where the console is disabled for the subscription (the code is guessed)'],
  'serial-console-diagnostics': ['documented', SERIAL_CONSOLE, '409 where boot diagnostics are off (the code is guessed)'],
  'serial-console-running': ['documented', SERIAL_CONSOLE, '409 on a VM that is not running (the code is guessed)'],
  'serial-console-token': ['documented', SERIAL_CLI, '401 without a token for ARM: in the query of the web socket, as bearer of a command'],
  'serial-console-session': [
    'guessed',
    'stricter: not documented',
    '404 for a connection string used a second time or a minute late, and for a command without an open web socket of its own',
  ],
  'serial-console-one': ['documented', SERIAL_CONSOLE, 'one at a time: whoever connects later throws out who is there'],
  'serial-console-command': ['documented', SERIAL_CLI, '400 for a command other than nmi, or another body'],
  'serial-console-listens': [
    'guessed',
    'stricter: what is sent may reach the guest; the CLI sends its token there',
    'a web socket that sends anything is closed; what COM1 says comes without',
  ],
  'nmi-stops-windows': [
    'documented',
    'learn.microsoft.com/troubleshoot/windows-client/performance/generate-a-kernel-or-complete-crash-dump',
    'a Windows that runs, hung or not, stops with 0x80 whatever NMICrashDump says; a halted stop screen, firmware and boot manager hear nothing',
  ],
  'new-disk-uninitialised': [
    'guessed',
    'Empty disks of the simulator hold no partitions',
    'a run command sees only disks that have contents',
  ],
} as const satisfies Record<string, Entry>;

export type RuleId = keyof typeof TABLE;
/** A rule that somebody may flip (`guesses.ts`). */
export type GuessedRule = { [K in RuleId]: (typeof TABLE)[K][0] extends 'guessed' ? K : never }[RuleId];

/** The whole registry, in the order in which a request meets it. */
export function listRules(): Rule[] {
  const entries: [string, Entry][] = Object.entries(TABLE);
  return entries.map(([id, [tag, source, text]]) => ({ id: id as RuleId, tag, source, text }));
}
