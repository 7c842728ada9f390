/** The estate as a deployment leaves it: the group of repair VMs is there, and the identity has the roles of infra/roles.json, no more. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grantsFor } from '../../scripts/roles.ts';

interface Scenario {
  subscriptions: { id: string }[];
  resourceGroups: { subscription?: string; name: string; location: string }[];
  grants?: unknown;
}

/** Writes the scenario again with what a deployment adds; one that says itself what is granted stays as it is. */
export function asDeployed(scenarioPath: string, folder: string): string {
  const scenario = JSON.parse(readFileSync(scenarioPath, 'utf8')) as Scenario;
  if (scenario.grants !== undefined) return scenarioPath;
  const home = scenario.subscriptions[0]?.id ?? '';
  const repairGroups = scenario.subscriptions.map(({ id }) => ({ subscription: id, name: 'rg-bootmedic', location: 'westeurope' }));
  const grants = grantsFor(scenario.resourceGroups.map(({ subscription = home, name }) => ({ subscription, name })));
  const path = join(folder, 'deployed.json');
  writeFileSync(path, JSON.stringify({ ...scenario, resourceGroups: [...scenario.resourceGroups, ...repairGroups], grants }));
  return path;
}

/** Leaves what was asked of Azure for `npm run role:check`, where it wants that. */
export async function leaveActions(adminUrl: string): Promise<void> {
  const folder = process.env.BOOTMEDIC_ACTIONS_DIR;
  if (folder === undefined) return;
  const { actions } = (await (await fetch(`${adminUrl}/state`)).json()) as { actions: string[] };
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, randomUUID()), actions.join('\n'));
}

/** Where each exchange with ARM is to be kept, for `npm run conformance -- --exchanges`; nothing = nobody wants them. */
export function exchangesFile(): string | undefined {
  const folder = process.env.BOOTMEDIC_EXCHANGES_DIR;
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${randomUUID()}.jsonl`);
}
