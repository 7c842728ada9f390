/** Watches repairs until they have ended. */
import { pause } from './interrupt.ts';
import { patience } from './patience.ts';
import type { Progress } from './progress.ts';
import type { Item } from './views.ts';

const LOOK_MS = 400;
/** Looks that may fail in a row. */
const PATIENCE = 30;
const RETRY_MS = 2000;

/**
 * @param look reads the repairs as they are now
 * @returns them as they ended
 * @throws CliError when the app stays out of reach; the signal's reason when it comes first
 */
export async function follow<T extends Item>(look: () => Promise<T[]>, progress: Progress, signal: AbortSignal): Promise<T[]> {
  const patient = patience(PATIENCE, signal);
  try {
    for (;;) {
      const items = await patient(look());
      if (items === null) await pause(RETRY_MS, signal);
      else {
        progress.show(items);
        if (items.every(({ state }) => state === 'ended')) return items;
        await pause(LOOK_MS, signal);
      }
    }
  } finally {
    await progress.end();
  }
}
