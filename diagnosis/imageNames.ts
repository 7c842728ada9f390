/** Names of files that stop screens blame most, told apart from what OCR makes of them. */

const known = [
  ...['smss.exe', 'csrss.exe', 'wininit.exe', 'winlogon.exe', 'services.exe', 'lsass.exe', 'svchost.exe', 'ntoskrnl.exe', 'lsm.exe'],
  ...['ntdll.dll', 'kernel32.dll', 'hal.dll', 'ci.dll', 'winload.exe'],
  ...['storport.sys', 'stornvme.sys', 'storvsc.sys', 'storahci.sys', 'vmbus.sys', 'netvsc.sys', 'disk.sys', 'classpnp.sys', 'partmgr.sys'],
  ...['volmgr.sys', 'volsnap.sys', 'mountmgr.sys', 'fltmgr.sys', 'fvevol.sys', 'ntfs.sys', 'acpi.sys', 'pci.sys', 'ndis.sys', 'tcpip.sys'],
  ...['cng.sys', 'ksecdd.sys', 'clfs.sys', 'wdf01000.sys', 'win32k.sys', 'win32kbase.sys', 'win32kfull.sys'],
];

/** Letters that look alike on a screen become the same letter. */
const shape = (name: string) =>
  name
    .toLowerCase()
    .replace(/[i1|!]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('rn', 'm');

/** `lsass.exe` for `Isass.exe`: the one known name that looks like what was read; else what was read. */
export function likelyName(read: string): string {
  if (known.includes(read.toLowerCase())) return read;
  const alike = known.filter(name => shape(name) === shape(read));
  return alike.length === 1 && alike[0] !== undefined ? alike[0] : read;
}
