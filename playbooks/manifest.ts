import { scriptIds, scriptText } from './scripts.ts';
import type { ScriptId } from './types.ts';

let manifest: Record<ScriptId, string> | undefined;

/**
 * Id of each script -> SHA-256 of the text that is sent. In the deployment package it is a file of its own, `scripts.json`, written by the
 * build and read when a script is first sent: there the bundle has another module in place of this one (`scripts/inlined.ts`).
 */
export function scriptManifest(): Record<ScriptId, string> {
  manifest ??= Object.fromEntries(scriptIds.map(id => [id, scriptText(id).sha256]));
  return manifest;
}
