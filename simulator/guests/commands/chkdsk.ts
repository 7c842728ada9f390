/** `chkdsk X:`, with `/f` or without, and the mark that asks for it. Exit codes: Microsoft's page on chkdsk. */
import { TIMINGS } from '../timings.ts';
import type { Computer } from './computer.ts';

/** Looks only: 0 in order, 3 errors. */
export function lookAt(computer: Computer, root: string): number {
  computer.spend(TIMINGS.command.chkdsk);
  return computer.volumeOf(root).fileSystemErrors === 'none' ? 0 : 3;
}

/** Repairs what can be: 0 nothing was wrong, 1 repaired, 3 not repaired. */
export function repair(computer: Computer, root: string): number {
  computer.spend(2 * TIMINGS.command.chkdsk);
  const volume = computer.volumeOf(root);
  if (volume.fileSystemErrors === 'unrepairable') return 3;
  const code = volume.fileSystemErrors === 'none' ? 0 : 1;
  volume.fileSystemErrors = 'none';
  volume.dirty = false;
  return code;
}

/** `Win32_Volume`'s DirtyBitSet. */
export function isDirty(computer: Computer, root: string): boolean {
  computer.spend(TIMINGS.command.disk);
  return computer.volumeOf(root).dirty;
}
