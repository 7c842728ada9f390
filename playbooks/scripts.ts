import { type BundledScript, bundle } from './bundle.ts';
import { scriptTexts } from './scriptTexts.ts';
import type { ScriptId } from './types.ts';

export type { BundledScript };

export const scriptIds: readonly ScriptId[] = Object.keys(scriptTexts).filter(id => id !== 'prelude');

const bundled = new Map<ScriptId, BundledScript>();

/** The script as it is sent to the repair VM, with its SHA-256. @throws Error when none has that id. */
export function scriptText(id: ScriptId): BundledScript {
  const source = scriptTexts[id];
  if (source === undefined || id === 'prelude') throw new Error(`there is no script ${id}`);
  const known = bundled.get(id) ?? bundle(id, source, scriptTexts.prelude ?? '');
  bundled.set(id, known);
  return known;
}
