/**
 * Bug checks and boot statuses that are named, not repaired: code, name, and the catalogue id where there is a record.
 * Codes and names: Microsoft's bug check code reference and NTSTATUS values. A playbook's signature takes precedence over a row here.
 */
type Row = readonly [code: string, name: string, id?: string];

/** Windows ran far enough to stop by itself. */
export const knownStops: readonly Row[] = [
  ['0x00000001', 'APC_INDEX_MISMATCH'],
  ['0x0000000A', 'IRQL_NOT_LESS_OR_EQUAL', 'azure-0x0a'],
  ['0x00000018', 'REFERENCE_BY_POINTER', 'eng-0x18'],
  ['0x00000019', 'BAD_POOL_HEADER', 'azure-0x19'],
  ['0x0000001A', 'MEMORY_MANAGEMENT', 'azure-0x1a'],
  ['0x0000001E', 'KMODE_EXCEPTION_NOT_HANDLED', 'azure-0x1e'],
  ['0x00000024', 'NTFS_FILE_SYSTEM', 'eng-0x24'],
  ['0x0000003B', 'SYSTEM_SERVICE_EXCEPTION', 'eng-0x3b'],
  ['0x0000004E', 'PFN_LIST_CORRUPT'],
  ['0x00000050', 'PAGE_FAULT_IN_NONPAGED_AREA', 'eng-0x50'],
  ['0x00000051', 'REGISTRY_ERROR'],
  ['0x0000005A', 'CRITICAL_SERVICE_FAILED', 'azure-0x5a'],
  ['0x0000005C', 'HAL_INITIALIZATION_FAILED', 'eng-0x5c'],
  ['0x00000067', 'CONFIG_INITIALIZATION_FAILED', 'eng-0x67'],
  ['0x0000006B', 'PROCESS1_INITIALIZATION_FAILED'],
  ['0x00000074', 'BAD_SYSTEM_CONFIG_INFO', 'azure-0x74'],
  ['0x00000077', 'KERNEL_STACK_INPAGE_ERROR'],
  ['0x0000007A', 'KERNEL_DATA_INPAGE_ERROR'],
  ['0x0000007B', 'INACCESSIBLE_BOOT_DEVICE', 'azure-0x7b'],
  ['0x0000007E', 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED', 'azure-0x7e'],
  ['0x0000007F', 'UNEXPECTED_KERNEL_MODE_TRAP'],
  ['0x00000080', 'NMI_HARDWARE_FAILURE', 'eng-0x80'],
  ['0x0000008E', 'KERNEL_MODE_EXCEPTION_NOT_HANDLED', 'eng-0x8e'],
  ['0x0000009F', 'DRIVER_POWER_STATE_FAILURE'],
  ['0x000000C2', 'BAD_POOL_CALLER', 'eng-0xc2'],
  ['0x000000C4', 'DRIVER_VERIFIER_DETECTED_VIOLATION'],
  ['0x000000C5', 'DRIVER_CORRUPTED_EXPOOL'],
  ['0x000000D1', 'DRIVER_IRQL_NOT_LESS_OR_EQUAL', 'azure-0xd1'],
  ['0x000000E2', 'MANUALLY_INITIATED_CRASH'],
  ['0x000000ED', 'UNMOUNTABLE_BOOT_VOLUME', 'eng-0xed'],
  ['0x000000EF', 'CRITICAL_PROCESS_DIED', 'azure-0xef'],
  ['0x000000F4', 'CRITICAL_OBJECT_TERMINATION'],
  ['0x000000F7', 'DRIVER_OVERRAN_STACK_BUFFER'],
  ['0x00000101', 'CLOCK_WATCHDOG_TIMEOUT'],
  ['0x00000109', 'CRITICAL_STRUCTURE_CORRUPTION'],
  ['0x0000010D', 'WDF_VIOLATION'],
  ['0x00000116', 'VIDEO_TDR_FAILURE'],
  ['0x00000124', 'WHEA_UNCORRECTABLE_ERROR'],
  ['0x00000133', 'DPC_WATCHDOG_VIOLATION', 'eng-0x133'],
  ['0x00000135', 'REGISTRY_FILTER_DRIVER_EXCEPTION'],
  ['0x00000139', 'KERNEL_SECURITY_CHECK_FAILURE', 'eng-0x139'],
  ['0x00000154', 'UNEXPECTED_STORE_EXCEPTION'],
  ['0x1000007E', 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M', 'azure-0x7e'],
  ['0x1000008E', 'KERNEL_MODE_EXCEPTION_NOT_HANDLED_M', 'eng-0x8e'],
  ['0xC0000218', 'STATUS_CANNOT_LOAD_REGISTRY_FILE', 'eng-0xc0000218'],
  ['0xC000021A', 'STATUS_SYSTEM_PROCESS_TERMINATED', 'azure-0xc000021a'],
  // The name the kernel's own table of bug checks has for it.
  ['0xC000021A', 'WINLOGON_FATAL_ERROR', 'azure-0xc000021a'],
  ['0xC0000244', 'STATUS_AUDIT_FAILED'],
  ['0xC00002E1', 'STATUS_DS_CANT_START', 'azure-ds-init'],
  ['0xC00002E2', 'STATUS_DS_INIT_FAILURE', 'azure-ds-init'],
  ['0xDEADDEAD', 'MANUALLY_INITIATED_CRASH1'],
];

/** The boot manager or the loader gave up before Windows ran. */
export const knownBootStatuses: readonly Row[] = [
  ['0xC0000001', 'STATUS_UNSUCCESSFUL', 'eng-0xc0000001'],
  ['0xC000000E', 'STATUS_NO_SUCH_DEVICE', 'azure-0xc000000e'],
  ['0xC000000F', 'STATUS_NO_SUCH_FILE', 'azure-0xc000000f'],
  ['0xC0000011', 'STATUS_END_OF_FILE', 'azure-0xc0000011'],
  ['0xC0000017', 'STATUS_NO_MEMORY', 'azure-0xc0000017'],
  ['0xC0000034', 'STATUS_OBJECT_NAME_NOT_FOUND', 'azure-0xc0000034'],
  ['0xC0000098', 'STATUS_FILE_INVALID', 'azure-0xc0000098'],
  ['0xC00000BA', 'STATUS_FILE_IS_A_DIRECTORY', 'azure-0xc00000ba'],
  ['0xC0000102', 'STATUS_FILE_CORRUPT_ERROR', 'azure-0xc0000102'],
  ['0xC000014C', 'STATUS_REGISTRY_CORRUPT', 'azure-0xc000014c'],
  ['0xC0000185', 'STATUS_IO_DEVICE_ERROR'],
  ['0xC0000221', 'STATUS_IMAGE_CHECKSUM_MISMATCH', 'azure-0xc0000221'],
  ['0xC0000225', 'STATUS_NOT_FOUND', 'azure-0xc0000225'],
  ['0xC0000359', 'STATUS_INVALID_IMAGE_WIN_64', 'azure-0xc0000359'],
  ['0xC0000428', 'STATUS_INVALID_IMAGE_HASH', 'azure-0xc0000428'],
  ['0xC0000605', 'STATUS_IMAGE_CERT_EXPIRED', 'azure-0xc0000605'],
  ['0xC01A001D', 'STATUS_LOG_FULL', 'azure-c01a001d'],
  ['0xC0430001', 'STATUS_SECUREBOOT_ROLLBACK_DETECTED', 'eng-0xc0000001'],
];

/** Screens that wait for a person, by the topic of the phrases that they say. */
export const waitingScreens = {
  bitLocker: { id: 'azure-bitlocker', title: 'BitLocker asks for its recovery key' },
  recovery: { id: 'eng-winre', title: 'The Windows Recovery Environment waits for a person' },
  setupFailed: { id: 'azure-unexpected-restart', title: 'Windows Setup was interrupted and cannot go on' },
} as const;

/** Firmware and boot sectors speak English only, and without a code. Phrases in the form of `languages/`. */
export const firmwareScreens = [
  {
    id: 'azure-bootmgr-missing',
    title: 'BOOTMGR is missing',
    phrases: ['bootmgr is missing', 'bootmgr is compressed', 'ntldr is missing'],
  },
  { id: 'azure-disk-read-error', title: 'A disk read error occurred', phrases: ['a disk read error occurred'] },
  { id: 'azure-not-bootable-disk', title: 'The disk is not bootable', phrases: ['this is not a bootable disk'] },
  { id: 'azure-os-not-found', title: 'No operating system was found', phrases: ['an operating system wasn t found'] },
  { id: 'azure-os-bucket-boot-failure', title: 'No boot device was found', phrases: ['reboot and select proper boot device'] },
  {
    id: 'eng-uefi-pxe',
    title: 'The firmware found nothing to boot',
    phrases: ['no operating system was loaded', 'start pxe over ipv4', 'start pxe over ipv6', 'boot failed efi scsi device'],
  },
  { id: 'azure-hardware-malfunction', title: 'Hardware malfunction', phrases: ['hardware malfunction'] },
] as const;
