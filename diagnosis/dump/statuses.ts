/** NTSTATUS values with which Windows' own processes end at boot -> name and what it means. Source: ntstatus.h and [MS-ERREF] 2.3.1. */
const statuses = new Map<number, [name: string, meaning: string]>([
  [0x00000000, ['STATUS_SUCCESS', 'it ended by itself, without an error']],
  [0x40010004, ['DBG_TERMINATE_PROCESS', 'a debugger ended it']],
  [0xc0000001, ['STATUS_UNSUCCESSFUL', 'an error that has no other name']],
  [0xc0000005, ['STATUS_ACCESS_VIOLATION', 'it used memory that was not there or not its own']],
  [0xc0000006, ['STATUS_IN_PAGE_ERROR', 'a page of it could not be read from the disk']],
  [0xc000000d, ['STATUS_INVALID_PARAMETER', 'a call was given a wrong value']],
  [0xc0000017, ['STATUS_NO_MEMORY', 'memory ran out']],
  [0xc000001d, ['STATUS_ILLEGAL_INSTRUCTION', 'it ran bytes that are no code']],
  [0xc0000022, ['STATUS_ACCESS_DENIED', 'it was not allowed to open what it needs']],
  [0xc0000034, ['STATUS_OBJECT_NAME_NOT_FOUND', 'a file, key or object that it needs is missing']],
  [0xc000003a, ['STATUS_OBJECT_PATH_NOT_FOUND', 'a folder that it needs is missing']],
  [0xc000007b, ['STATUS_INVALID_IMAGE_FORMAT', 'a program file is damaged or of another processor']],
  [0xc000009a, ['STATUS_INSUFFICIENT_RESOURCES', 'memory or another resource ran out']],
  [0xc00000fd, ['STATUS_STACK_OVERFLOW', 'its stack ran out']],
  [0xc0000135, ['STATUS_DLL_NOT_FOUND', 'a DLL that it needs is missing']],
  [0xc0000138, ['STATUS_ORDINAL_NOT_FOUND', 'a DLL does not have the function that it needs: files of different versions']],
  [0xc0000139, ['STATUS_ENTRYPOINT_NOT_FOUND', 'a DLL does not have the function that it needs: files of different versions']],
  [0xc0000142, ['STATUS_DLL_INIT_FAILED', 'a DLL refused to start']],
  [0xc000014c, ['STATUS_REGISTRY_CORRUPT', 'the registry is damaged']],
  [0xc0000218, ['STATUS_CANNOT_LOAD_REGISTRY_FILE', 'a hive of the registry cannot be loaded']],
  [0xc0000221, ['STATUS_IMAGE_CHECKSUM_MISMATCH', 'a program file is damaged: its checksum is wrong']],
  [0xc0000374, ['STATUS_HEAP_CORRUPTION', 'its heap was overwritten']],
  [0xc0000409, ['STATUS_STACK_BUFFER_OVERRUN', 'it ended itself at once (fail-fast): its state was not to be trusted']],
  [0xc0000420, ['STATUS_ASSERTION_FAILURE', 'an assertion in it failed']],
  [0xc0000428, ['STATUS_INVALID_IMAGE_HASH', 'the signature of a program file is not valid']],
]);

/** `0xC0000005 STATUS_ACCESS_VIOLATION: it used …`; the number alone when it is not one of these. */
export function tellStatus(status: bigint): string {
  const number = Number(BigInt.asUintN(32, status));
  const known = statuses.get(number);
  const code = `0x${number.toString(16).toUpperCase().padStart(8, '0')}`;
  return known === undefined ? code : `${code} ${known[0]}: ${known[1]}`;
}
