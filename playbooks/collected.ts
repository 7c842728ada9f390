/**
 * Every failure mode: the folders here that hold a `playbook.ts` beside their `signature.ts`, in the order of their names. Bundles follow static
 * imports only, so that the build replaces this module by those (`scripts/inlined.ts`).
 */
import { existsSync, readdirSync } from 'node:fs';
import type { Playbook, Signature } from './types.ts';

export interface FailureMode {
  playbook: Playbook;
  signature: Signature;
}

const folder = new URL('./', import.meta.url);

/** Names of the folders. */
export const modes: readonly string[] = readdirSync(folder)
  .filter(name => existsSync(new URL(`${name}/playbook.ts`, folder)))
  .sort();

async function load(mode: string): Promise<FailureMode> {
  const [{ playbook }, { signature }] = await Promise.all([
    import(`./${mode}/playbook.ts`) as Promise<Pick<FailureMode, 'playbook'>>,
    import(`./${mode}/signature.ts`) as Promise<Pick<FailureMode, 'signature'>>,
  ]);
  if (playbook?.id !== mode || signature?.playbook !== mode)
    throw new Error(`playbooks/${mode}: its playbook.ts and signature.ts must export a playbook and a signature of that name`);
  return { playbook, signature };
}

export const collected: readonly FailureMode[] = await Promise.all(modes.map(load));
