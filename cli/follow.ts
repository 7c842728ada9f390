/** Watches repairs until they have ended. */
import { CliError, exitCodes } from './errors.ts';
import { pause } from './interrupt.ts';
import type { Progress } from './progress.ts';
import type { Item } from './views.ts';

const LOOK_MS = 400;
/** Looks that may fail in a row: a deployed app restarts now and then. */
const PATIENCE = 30;
const RETRY_MS = 2000;

/**
 * @param look reads the repairs as they are now
 * @returns them as they ended
 * @throws CliError when the app stays out of reach; the signal's reason when it comes first
 */
export async function follow<T extends Item>(look: () => Promise<T[]>, progress: Progress, signal: AbortSignal): Promise<T[]> {
  try {
    for (let failures = 0; ; ) {
      const items = await look().catch((error: unknown) => {
        signal.throwIfAborted();
        const passing = error instanceof CliError && error.exitCode === exitCodes.unreachable;
        if (!passing || ++failures > PATIENCE) throw error;
        return null;
      });
      if (items === null) await pause(RETRY_MS, signal);
      else {
        failures = 0;
        progress.show(items);
        if (items.every(({ state }) => state === 'ended')) return items;
        await pause(LOOK_MS, signal);
      }
    }
  } finally {
    await progress.end();
  }
}
