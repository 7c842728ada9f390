import { readdirSync, readFileSync } from 'node:fs';
import type { ScriptId } from './types.ts';

const folder = new URL('./scripts/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const prelude = readdirSync(new URL('prelude/', folder)).sort();

/** The PowerShell sources as they lie in `scripts/`; the deployment bundle replaces this module by the same constant, inlined. */
export const scriptTexts: Record<ScriptId | 'prelude', string> = {
  prelude: prelude.map(name => read(`prelude/${name}`)).join('\n'),
  'make-safe': read('make-safe.ps1'),
  probe: read('probe.ps1'),
  'boot-settings': read('boot-settings.ps1'),
  'collect-dump': read('collect-dump.ps1'),
  'revert-servicing': read('revert-servicing.ps1'),
  'offline-sfc': read('offline-sfc.ps1'),
};
