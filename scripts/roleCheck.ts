/**
 * `npm run role:check [-- --from DIR]`: runs the end-to-end tests under exactly the roles of infra/roles.json, and compares what Azure
 * was asked for with what the roles allow: nothing missing, nothing that nobody needs. `--from` compares what an earlier test run left
 * there (`BOOTMEDIC_ACTIONS_DIR`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareRoles, roles } from './roles.ts';

const { values } = parseArgs({ options: { from: { type: 'string' } } });
const folder = values.from ?? runTests();
const used = new Set(readdirSync(folder).flatMap(file => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean)));
if (used.size === 0) fail(`${folder} holds no action: did the end-to-end tests run?`);

const { missing, unused, notSeldom } = compareRoles(used);
for (const { scope, name, actions } of roles) console.log(`${scope.padEnd(12)} ${name}: ${actions.length} actions`);
console.log(`used: ${used.size} (action and scope)`);
for (const { scope, actions } of roles)
  for (const { action, seldom } of actions) if (seldom) console.log(`seldom       ${scope.padEnd(12)} ${action}: ${seldom}`);
for (const { role, action } of missing)
  console.log(`MISSING  ${role.padEnd(12)} ${action}: used, but no role allows it; add it to infra/roles.json`);
for (const { role, action } of unused)
  console.log(`UNUSED   ${role.padEnd(12)} ${action}: allowed, but nothing used it; take it away, or test what needs it`);
for (const { role, action } of notSeldom)
  console.log(`NOT SELDOM   ${role.padEnd(12)} ${action}: the tests used it; take the mark away from infra/roles.json`);
if (missing.length + unused.length + notSeldom.length > 0) process.exit(1);
console.log('The roles hold exactly what is used, and what is marked as seldom.');

function runTests(): string {
  const actions = mkdtempSync(join(tmpdir(), 'bootmedic-actions-'));
  const run = spawnSync('npm', ['test', '--', 'test/end-to-end'], {
    stdio: 'inherit',
    env: { ...process.env, BOOTMEDIC_ACTIONS_DIR: actions },
  });
  if (run.status !== 0) fail('the end-to-end tests failed under these roles');
  return actions;
}

function fail(message: string): never {
  console.error(`role:check: ${message}`);
  process.exit(1);
}
