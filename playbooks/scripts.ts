import { type BundledScript, bundle } from './bundle.ts';
import { scriptTexts } from './scriptTexts.ts';
import type { ScriptId } from './types.ts';

export type { BundledScript };

export const scriptIds: readonly ScriptId[] = ['make-safe', 'probe', 'boot-settings', 'collect-dump', 'revert-servicing', 'offline-sfc'];

const bundled = new Map<ScriptId, BundledScript>();

/** The script as it is sent to the repair VM, with its SHA-256. */
export function scriptText(id: ScriptId): BundledScript {
  const known = bundled.get(id) ?? bundle(id, scriptTexts[id], scriptTexts.prelude);
  bundled.set(id, known);
  return known;
}
