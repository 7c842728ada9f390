/** `dism /Image /Cleanup-Image /RevertPendingActions`. */
import { queueRevert } from '../servicing.ts';
import { TIMINGS } from '../timings.ts';
import type { Computer } from './computer.ts';

/** ERROR_FILE_NOT_FOUND, and CBS_E_STORE_CORRUPTION as an exit code. */
const NO_IMAGE = 2;
const STORE_CORRUPT = 0x80073712;

/** Only queues: what is pending stays pending until the next boot undoes it. Answers the exit code. */
export function revertPendingActions(computer: Computer, root: string): number {
  if (!computer.exists(`${root}Windows\\System32\\config\\SOFTWARE`)) return NO_IMAGE;
  computer.spend(TIMINGS.command.dism);
  return queueRevert(computer.volumeOf(root)) ? 0 : STORE_CORRUPT;
}
