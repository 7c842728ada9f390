/** `infra/`: what can be proven of Bicep without its compiler, which the GitHub workflow runs. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { actionsFor } from '../../functions/activities/preflight.ts';
import { loadSettings } from '../../functions/settings.ts';
import { alertBody } from '../../functions/triggers/alertSchema.ts';
import { readAlert } from '../../functions/triggers/readAlert.ts';
import { declared, moduleProblems, parseBicep, problemsIn, resourceTypes } from '../../scripts/bicep.ts';
import { compareRoles, grantsFor, roles } from '../../scripts/roles.ts';
import { heartbeat, probe, vm } from '../triggers/alertSamples.ts';

const root = new URL('../..', import.meta.url).pathname;
const files = globSync('infra/**/*.{bicep,bicepparam}', { cwd: root }).sort();
const read = (file: string) => parseBicep(join(root, file));
const typesFolder = join(root, '../shared/reference/arm/types');

describe.each(files)('%s', file => {
  test('can be read, and names nothing that is not declared', async () => {
    expect(problemsIn(await read(file))).toEqual([]);
  });

  test('gives its modules what they take', async () => {
    expect(await moduleProblems(await read(file))).toEqual([]);
  });

  test('puts no secret in an output', async () => {
    for (const output of declared(await read(file), 'output')) {
      expect(output.text).not.toMatch(/listKeys|listSecrets|@secure|InstrumentationKey/i);
      expect(output.text).not.toMatch(/output \w*(key|secret|password|sas)\w* /i);
    }
  });

  test('pins a version of every resource type, and no preview', async () => {
    for (const type of resourceTypes(await read(file))) expect(type).toMatch(/^Microsoft\.\w+(\.\w+)*(\/\w+)+@(\d{4}-\d\d-\d\d|v1\.0)$/);
  });
});

test('the checks see what is wrong', async () => {
  const wrong = await parseBicep(
    'wrong.bicep',
    "param used string\nparam idle string\noutput a string = used\noutput b string = nowhere\noutput c string = nonsense('x')\n",
  );
  expect(problemsIn(wrong).map(text => text.replace(/^wrong.bicep:/, ''))).toEqual([
    '4 names nowhere, which is not declared',
    '5 calls nonsense, which is no function known here',
    '2 declares idle, which nothing uses',
  ]);
  const using = await parseBicep(
    join(root, 'infra/using.bicep'),
    "module grant 'modules/grant.bicep' = {\n  name: 'grant'\n  params: { principalId: 'x', surplus: 'y' }\n}\noutput a string = grant.outputs.id\n",
  );
  expect((await moduleProblems(using)).map(text => text.replace(/^.*using.bicep: /, ''))).toEqual([
    'module grant is given surplus, which modules/grant.bicep does not take',
    'module grant lacks roleDefinitionId',
    'grant.outputs.id is not an output of modules/grant.bicep',
  ]);
});

test('types and versions of Microsoft.Compute are Azure’s (the only ones that the reference has; infra/ declares none so far)', async () => {
  if (!existsSync(typesFolder)) return console.warn('SKIPPED: ../shared/reference/arm/types is absent');
  const reference = globSync('*.json', { cwd: typesFolder })
    .map(file => readFileSync(join(typesFolder, file), 'utf8'))
    .join();
  const all = (await Promise.all(files.map(async file => resourceTypes(await read(file))))).flat();
  for (const type of all.filter(each => /^Microsoft\.Compute\//i.test(each))) expect(reference).toContain(type);
});

test('what the threat model names as proof is there', () => {
  const named = readFileSync(join(root, 'docs/security.md'), 'utf8').match(/test\/[\w/-]+\.test\.ts/g) ?? [];
  expect(named.length).toBeGreaterThan(15);
  for (const path of named) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
});

test('the closed network is the one that the product makes: the same rules, in the same order', () => {
  const bicep = readFileSync(join(root, 'infra/modules/repairNetwork.bicep'), 'utf8');
  const product = readFileSync(join(root, 'functions/activities/ensureRepairNetwork.ts'), 'utf8');
  const made = [...product.matchAll(/rule\('([\w-]+)', (\d+), '(\w+)', '(\w+)', '([^']+)', '([^']+)'\)/g)].map(match => match.slice(1));
  const value = (text: string, name: string) => new RegExp(`\\b${name}: '?([^'\\n]+)'?`).exec(text)?.[1];
  const written = bicep.split(/\n\s+name: '(?=[\w-]+'\n\s+properties: \{\n\s+priority)/).slice(1);
  const fields = ['priority', 'direction', 'access', 'destinationAddressPrefix', 'destinationPortRange'];
  expect(made.length).toBeGreaterThan(3);
  expect(written.map(text => [/^[\w-]+/.exec(text)?.[0], ...fields.map(field => value(text, field))])).toEqual(made);
});

test('the audit can be added to and not changed', () => {
  const storage = readFileSync(join(root, 'infra/modules/storage.bicep'), 'utf8');
  expect(storage).toMatch(/immutabilityPolicies@[\s\S]*\/default\/audit\/default'[\s\S]*allowProtectedAppendWrites: true/);
  expect(storage.match(/allowSharedKeyAccess: false/g)).toHaveLength(2);
});

describe('main.bicepparam', () => {
  const text = readFileSync(join(root, 'infra/main.bicepparam'), 'utf8');
  const env = {
    ...{ BOOTMEDIC_BLOB_ENDPOINT: 'https://x', BOOTMEDIC_WEBHOOK_URL: 'https://hooks.example/1' },
    BOOTMEDIC_WEBHOOK_SECRET: 'sixteen characters or more',
  };
  /** Its literals hold texts, objects and arrays, a member a line. */
  const settingsOf = (literal: string) => {
    const lines = literal.split('\n').filter(line => !/^\s*\/\//.test(line));
    const joined = lines.join('\n').replaceAll(/(?<=[^{[,\n])\n(?=\s*\w)/g, ',\n');
    const json = joined.replaceAll("'", '"').replaceAll(/(\w+):(?= )/g, '"$1":');
    return loadSettings({ ...env, BOOTMEDIC_SETTINGS: json });
  };

  test('begins in mode observe, with a sweep', () => {
    const settings = settingsOf(/^param settings = (\{[\s\S]*?^\})/m.exec(text)?.[1] ?? '');
    expect([settings.defaults.mode, settings.scopes, settings.sweep.schedule]).toEqual(['observe', [], '0 */15 * * * *']);
  });

  test('shows settings that are settings', () => {
    const [notified, opened] = [...text.matchAll(/^\/\/ {3}(\{.*\})$/gm)].map(([, example = '']) => settingsOf(example));
    expect(notified?.notifications.webhooks).toMatchObject([{ urlSetting: 'BOOTMEDIC_WEBHOOK_URL' }]);
    expect(opened?.scopes).toMatchObject([{ mode: 'review' }]);
  });

  test('takes what the settings name from the environment, and the app gets it: a deployment would take away what was set by hand', async () => {
    const app = await read('infra/modules/app.bicep');
    const main = await read('infra/main.bicep');
    for (const [param, name] of [
      ['notifyUrl', 'BOOTMEDIC_WEBHOOK_URL'],
      ['notifySecret', 'BOOTMEDIC_WEBHOOK_SECRET'],
    ]) {
      expect(text).toContain(`param ${param} = readEnvironmentVariable('${name}', '')\n`);
      for (const { root } of [app, main])
        expect(root.text).toMatch(new RegExp(`^@secure\\(\\)\\n@description\\(.*\\)\\nparam ${param} string`, 'm'));
      expect(app.root.text).toContain(`{ name: '${name}', value: ${param} }`);
    }
    expect(app.root.text).toMatch(/^ {8}durableOverrides,\n {8}notifySettings\n {6}\)/m);
  });
});

test('whoever deploys owns the registration: the action group’s secure webhook can be made by an owner alone', () => {
  const entra = readFileSync(join(root, 'infra/modules/entra.bicep'), 'utf8');
  expect(entra).toMatch(/owners: \{ relationships: empty\(deployerId\) \? \[\] : \[deployerId\]/);
  expect(readFileSync(join(root, 'infra/main.bicepparam'), 'utf8')).toContain(
    "param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')",
  );
});

describe('the roles', () => {
  const actionsOf = (scope: string) => roles.filter(role => role.scope === scope).flatMap(role => role.actions.map(each => each.action));

  test('let nobody run commands on a target, or write outside the two groups', () => {
    expect(actionsOf('target').filter(action => /runCommand|extensions|\*/i.test(action))).toEqual([]);
    expect(
      actionsOf('subscription').filter(
        action => !action.endsWith('/read') && !action.endsWith('checkPolicyRestrictions/action') && !action.endsWith('resources/action'),
      ),
    ).toEqual([]);
    for (const { actions } of roles) expect(actions.filter(({ action }) => action.includes('*'))).toEqual([]);
  });

  test('hold what the preflight looks for', () => {
    expect(actionsFor('auto').filter(action => !actionsOf('target').includes(action))).toEqual([]);
  });

  test('are compared both ways', () => {
    const group = '/subscriptions/s/resourceGroups/rg-shop';
    const seldom = roles.flatMap(({ scope, actions }) =>
      actions.filter(each => each.seldom).map(({ action }) => ({ role: scope, action })),
    );
    const used = grantsFor([{ subscription: 's', name: 'rg-shop' }]).flatMap(({ scope, actions }) =>
      actions.map(action => `${action} ${scope}`),
    );
    expect(compareRoles(used)).toEqual({ missing: [], unused: [], notSeldom: seldom });
    expect(compareRoles([...used, `Microsoft.Compute/virtualMachines/runCommand/action ${group}`]).missing).toEqual([
      { role: 'target', action: 'Microsoft.Compute/virtualMachines/runCommand/action' },
    ]);
    const gone = `Microsoft.Compute/disks/delete ${group}`;
    expect(compareRoles(used.filter(line => line !== gone)).unused).toEqual([{ role: 'target', action: 'Microsoft.Compute/disks/delete' }]);
    expect(compareRoles([])).toMatchObject({ missing: [], notSeldom: [] });
  });
});

describe('the alert rules', () => {
  const text = readFileSync(join(root, 'infra/modules/alerts.bicep'), 'utf8');
  const dimensions = [...text.matchAll(/dimensions: \[\{ name: '(\w+)'/g)].map(([, name = '']) => name);

  test('split by what the app reads of an alert: each names its machine', () => {
    expect(dimensions).toEqual(['_ResourceId', 'BackendIPAddress']);
    const named = (alert: unknown) => readAlert(alertBody.parse(alert).data);
    expect(named(heartbeat([{ name: dimensions[0] ?? '', value: vm('till-1') }])).vmIds).toHaveLength(1);
    const probed = JSON.stringify(probe(['10.1.0.4'])).replace('BackendIPAddress', dimensions[1] ?? '');
    expect(named(JSON.parse(probed)).hints).toEqual([{ address: '10.1.0.4', loadBalancerId: expect.any(String) }]);
    for (const metric of ['VmAvailabilityMetric', 'DipAvailability']) expect(text).toContain(`metricName: '${metric}'`);
  });
});
