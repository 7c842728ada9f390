/** `npm run scripts:check`: every PowerShell source of the playbooks against the grammar and the house's rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { functionsOf, violations } from './powershell/rules.ts';

const folder = new URL('../playbooks/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ps1'))
  .sort();
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const prelude = (await Promise.all(files.filter(name => name.startsWith('scripts/prelude/')).map(name => functionsOf(read(name))))).flat();

let found = 0;
for (const file of files) {
  for (const { rule, line, text } of await violations(read(file), prelude)) {
    console.error(`playbooks/${file}:${line}: ${rule}: ${text}`);
    found++;
  }
}
console.log(`${files.length} PowerShell files, ${found} violations`);
process.exitCode = found === 0 ? 0 : 1;
