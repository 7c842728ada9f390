/** What came with Windows, as the scripts tell it: by a fixed list, and by the component store where that says something. */
import type { RepairDisk } from './repairDisk.ts';

/** Windows' own drivers without which it, its disks or its network do not start. */
const OWN_DRIVERS = new Set(
  [
    'acpi acpiex afd ahcache atapi bam bindflt cdrom cimfs classpnp clfs clipsp cng condrv crashdmp dfsc disk dumpfve dxgkrnl',
    'ehstorclass fastfat fileinfo fltmgr fs_rec fvevol fwpkclnt http hvservice hvsocket hvsocketcontrol hyperkbd hypervideo',
    'intelide intelppm iorate isapnp ks ksecdd ksecpkg luafv mountmgr mrxsmb mrxsmb20 msfs msisadrv msrpc mssecflt mssmbios',
    'mup ndis netbios netbt netio netvsc npfs nsiproxy ntfs ntosext null partmgr pci pciide pciidex pcw pdc peauth processr',
    'rdbss rdyboost refs refsv1 sacdrv serenum serial spaceport srv2 srvnet storahci storflt stornvme storport storqosflt',
    'storvsc swenum tbs tcpip tcpipreg tdi tdx tm tpm vdrvroot vhdmp videoprt vmbkmcl vmbus vmbushid vmgencounter vmgid',
    'vmstorfl volmgr volmgrx volsnap volume vpci watchdog wcifs wdf01000 wdfilter wdfldr werkernel wfplwfs win32k win32kbase',
    'win32kfull windowstrustedrt winhv wmilib wof',
  ].flatMap(line => line.split(' ')),
);

export const isOwnDriver = (service: string): boolean => OWN_DRIVERS.has(service.toLowerCase());

/** Paths that the component store knows; none where it lacks what every Windows has. */
export function storeOf(disk: RepairDisk): string[] {
  const known = Object.keys(disk.session.computer.volumeOf(disk.windowsRoot).componentStore).map(path => path.toLowerCase());
  return has(known, 'ntfs.sys') ? known : [];
}

export function isOwn(store: string[], file: string): boolean {
  return (/\.sys$/i.test(file) && isOwnDriver(file.slice(0, -4))) || has(store, file);
}

const has = (store: string[], file: string) => store.some(path => path.endsWith(`\\${file.toLowerCase()}`));
