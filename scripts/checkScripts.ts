/** `npm run scripts:check`: every PowerShell source of the playbooks against the grammar and the house's rules, what tries them on Windows against the grammar. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { functionsOf, outdated, violations } from './powershell/rules.ts';

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
// It makes and breaks disks, on machines that are thrown away: it need only be what Windows PowerShell 5.1 can read.
const trial = new URL('../test/windows/', import.meta.url);
const trials = existsSync(trial) ? readdirSync(trial).filter(name => name.endsWith('.ps1')) : [];
for (const file of trials) {
  for (const { rule, line, text } of await outdated(readFileSync(new URL(file, trial), 'utf8'))) {
    console.error(`test/windows/${file}:${line}: ${rule}: ${text}`);
    found++;
  }
}
files.push(...trials);
console.log(`${files.length} PowerShell files, ${found} violations`);
process.exitCode = found === 0 ? 0 : 1;
