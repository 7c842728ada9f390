/** `node playbooks/write.ts <folder>`: writes every script as it is sent, one `<id>.ps1` each, and prints their hashes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptIds, scriptText } from './scripts.ts';

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node playbooks/write.ts <folder>');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
for (const id of scriptIds) {
  const { text, sha256 } = scriptText(id);
  writeFileSync(join(folder, `${id}.ps1`), text);
  console.log(`${sha256}  ${id}.ps1`);
}
