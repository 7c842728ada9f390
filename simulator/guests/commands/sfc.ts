/** `sfc /offbootdir /offwindir`: system files against what the component store knows of them. */
import type { Volume } from '../disk.ts';
import { nameIn } from '../hive.ts';
import { pendingOf } from '../servicing.ts';
import { isInOrder } from '../startup.ts';
import { TIMINGS } from '../timings.ts';
import { fileAt, writeFile } from '../volume.ts';
import type { Computer } from './computer.ts';

/** The lines of `/offlogfile`. SFC refuses while a servicing operation is pending, and writes no log then. */
export function sfc(computer: Computer, verb: '/verifyonly' | '/scannow', windows: string): string[] {
  if (!/^[A-Z]:\\Windows$/i.test(windows) || !computer.exists(`${windows}\\System32\\config\\COMPONENTS`)) return [];
  const volume = computer.volumeOf(windows);
  if (pendingOf(volume) !== undefined) return [];
  computer.spend(verb === '/scannow' ? TIMINGS.command.sfcScan : TIMINGS.command.sfcVerify);
  const drive = windows.slice(0, 2);
  const paths = Object.keys(volume.componentStore).filter(path => !isInOrder(volume, path));
  return [
    '[SR] Verifying 100 components',
    '[SR] Beginning Verify and Repair transaction',
    ...paths.map(path => check(computer, volume, verb, drive, path)),
    '[SR] Verify complete',
  ];
}

function check(computer: Computer, volume: Volume, verb: '/verifyonly' | '/scannow', drive: string, path: string): string {
  const store = volume.componentStore[nameIn(volume.componentStore, path) ?? path];
  const at = path.lastIndexOf('\\');
  const [folder, name] = [path.slice(0, at), path.slice(at + 1)];
  const file = `[l:${2 * folder.length + 12} ml:520]"\\??\\${drive}${folder}"\\[l:${2 * name.length}]"${name}"`;
  if (!store?.hasBytes) return `[SR] Could not reproject corrupted file ${file}; source file in store is also corrupted`;
  if (verb === '/scannow') {
    const old = fileAt(volume, path);
    const bytes = old?.kind === 'binary' ? old.bytes : 700_000;
    writeFile(volume, path, { kind: 'binary', modified: computer.now.toISOString(), bytes, version: store.version, whole: true });
  }
  return `[SR] Repairing corrupted file ${file} from store`;
}
