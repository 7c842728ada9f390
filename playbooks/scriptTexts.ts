import { readdirSync, readFileSync } from 'node:fs';
import type { ScriptId } from './types.ts';

const folder = new URL('./', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');
const scriptsIn = (path: string): string[] =>
  readdirSync(new URL(path, folder), { withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ps1'))
    .map(entry => `${path}${entry.name}`)
    .sort();

/** Shared scripts lie in `scripts/`, one that a single failure mode needs in that mode's folder. */
const folders = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
const sources = folders.flatMap(({ name }) => scriptsIn(`${name}/`));
const idOf = (path: string): ScriptId => path.slice(path.lastIndexOf('/') + 1, -'.ps1'.length);

/** The PowerShell sources by script id, and the `prelude`; the deployment bundle replaces this module by the same constant, inlined. */
export const scriptTexts: Record<ScriptId, string> = {
  prelude: scriptsIn('scripts/prelude/').map(read).join('\n'),
  ...Object.fromEntries(sources.map(path => [idOf(path), read(path)])),
};
