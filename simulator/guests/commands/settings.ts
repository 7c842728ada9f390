/** Settings of the machine itself: the policy for new disks, Defender's exclusions. */
import type { Key } from '../disk.ts';
import { dword, findKey, getNumber, makeKey, setValue } from '../hive.ts';
import { installationOf } from '../installation.ts';
import { TIMINGS } from '../timings.ts';
import { windowsHive, windowsVolume } from '../volume.ts';
import { CommandError, type Computer } from './computer.ts';

/** Where Windows keeps them: `partmgr`'s SanPolicy 1 to 4, and a value a path under Defender's Exclusions. */
const DISK_POLICIES = ['', 'OnlineAll', 'OfflineShared', 'OfflineAll', 'OfflineInternal'] as const;
export type DiskPolicy = (typeof DISK_POLICIES)[number];
const EXCLUSIONS = 'Microsoft\\Windows Defender\\Exclusions\\Paths';

/** `(Get-StorageSetting).NewDiskPolicy`. */
export function newDiskPolicy(computer: Computer): DiskPolicy {
  computer.spend(TIMINGS.command.disk);
  const { root, path } = policyKey(computer);
  return DISK_POLICIES[getNumber(root, path, 'SanPolicy') ?? 0] ?? '';
}

/** `Set-StorageSetting -NewDiskPolicy`. */
export function setNewDiskPolicy(computer: Computer, policy: DiskPolicy): void {
  computer.spend(TIMINGS.command.disk);
  const { root, path } = policyKey(computer);
  setValue(root, path, 'SanPolicy', dword(DISK_POLICIES.indexOf(policy)));
}

/** `(Get-MpPreference).ExclusionPath`. */
export function scanExclusions(computer: Computer): string[] {
  return Object.keys(findKey(ownHive(computer, 'SOFTWARE'), EXCLUSIONS)?.values ?? {});
}

/** `Add-MpPreference` or `Remove-MpPreference -ExclusionPath`. */
export function setScanExclusions(computer: Computer, paths: string[], excluded: boolean): void {
  computer.spend(TIMINGS.command.disk);
  const key = makeKey(ownHive(computer, 'SOFTWARE'), EXCLUSIONS);
  for (const path of paths) {
    if (excluded) key.values[path] = dword(0);
    else delete key.values[path];
  }
}

function policyKey(computer: Computer): { root: Key; path: string } {
  const volume = windowsVolume(computer.system);
  const set = (volume && installationOf(volume)?.controlSet) ?? '';
  return { root: ownHive(computer, 'SYSTEM'), path: `${set}\\Services\\partmgr\\Parameters` };
}

function ownHive(computer: Computer, name: 'SYSTEM' | 'SOFTWARE'): Key {
  const volume = windowsVolume(computer.system);
  const root = volume && windowsHive(volume, name);
  if (root === undefined) throw new CommandError(`the machine's own ${name} hive does not load`);
  return root;
}
