/**
 * `node simulator/guests/twins/accept.ts <file.ps1>…`: says that each script's twin does what the script now says. Run it by hand, after
 * reading what changed in the script and bringing its twin up to it; nothing else writes `hashes.json`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { scriptHash, scriptIdOf } from './index.ts';

const path = new URL('hashes.json', import.meta.url);
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node simulator/guests/twins/accept.ts <file.ps1>…');
  process.exit(2);
}
const hashes = new Map<string, unknown>(Object.entries(JSON.parse(readFileSync(path, 'utf8'))));
for (const file of files) {
  const script = readFileSync(file, 'utf8');
  const id = scriptIdOf(script);
  if (id === undefined) throw new Error(`${file}: its first line names no script id`);
  hashes.set(id, scriptHash(script));
  console.log(`${id} ${scriptHash(script)}`);
}
const sorted = [...hashes].toSorted(([a], [b]) => a.localeCompare(b));
writeFileSync(path, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
