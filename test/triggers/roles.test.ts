/** Who may do what: by the header that App Service writes, and by nothing else. */
import { describe, expect, test } from '@jest/globals';
import { readPrincipal } from '../../functions/principal.ts';
import { loadSettings } from '../../functions/settings.ts';
import { receiveAlert } from '../../functions/triggers/alerts.ts';
import { approveRepair, cancelRepair, rejectRepair } from '../../functions/triggers/decide.ts';
import { routes } from '../../functions/triggers/index.ts';
import { startRepair } from '../../functions/triggers/startRepair.ts';
import fc from '../fastCheck.ts';
import { availability } from './alertSamples.ts';
import { appHeader, desk, header, personHeader, problemOf } from './callers.ts';

const id = 'r-aaaaaaaaaaaa';
const vmId = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm';
const hash = 'a'.repeat(64);
const monitor = '461e8683-5575-4561-ac7f-899cc907d62a';
const everything = ['Repair.Read', 'Repair.Start', 'Repair.Approve', 'ActionGroupsSecureWebhook'];
const limits = {
  ...{ repairsPerVmAndDay: 3, repairsAtOnce: 5, bootsPerRepair: 3, stabilitySeconds: 1, silenceSeconds: 1, restartSilenceSeconds: 1 },
  ...{ patienceSeconds: 1, approvalSeconds: 1, keepDays: 1 },
};
const waiting = (caller: object | null = null) => ({
  ...{ name: 'repairVm', instanceId: id, runtimeStatus: 'Running', createdTime: new Date(), lastUpdatedTime: new Date() },
  input: {
    ...{ vmId, mode: null, playbook: null, consents: [], restartFirst: true, requestedBy: 'x', caller },
    ...{ requestedAt: '2026-01-01T00:00:00Z', limits },
  },
  customStatus: { state: 'waiting-approval', planHash: hash },
  output: null,
});

describe('the principal', () => {
  test('of a person and of an app, as App Service tells them', () => {
    expect(readPrincipal(personHeader('anna', ['Repair.Read', 'Other']), false)).toEqual({
      ...{ id: 'oid-of-anna', name: 'anna@contoso.example', roles: ['Repair.Read'], kind: 'person', appId: null },
    });
    expect(readPrincipal(appHeader(monitor, ['ActionGroupsSecureWebhook']), false)).toMatchObject({ kind: 'app', appId: monitor });
  });

  test('a token that a person got through a client is a person’s', () => {
    const claims = (scope: string) => [
      { typ: 'oid', val: 'o' },
      { typ: 'azp', val: 'client' },
      { typ: scope, val: 'user_impersonation' },
    ];
    for (const scope of ['scp', 'http://schemas.microsoft.com/identity/claims/scope'])
      expect(readPrincipal(header(claims(scope)), false)).toMatchObject({ kind: 'person', appId: 'client' });
  });

  test.each([
    ['nothing', null],
    ['no base64 of JSON', 'e30'],
    ['another provider', header([{ typ: 'oid', val: 'o' }], 'facebook')],
    ['nobody', header([{ typ: 'roles', val: 'Repair.Start' }])],
    ['two', header([1, 2].map(n => ({ typ: 'oid', val: `o${n}` })))],
    ['an empty one', header([{ typ: 'oid', val: '' }])],
    ['claims that are none', header({ oid: 'o' })],
  ])('%s is nobody', (_, text) => {
    expect(readPrincipal(text, true)).toBeUndefined();
  });

  test('that says it is the user of an embedded host is nobody on any other host', async () => {
    const local = header([{ typ: 'oid', val: 'local:root' }, ...everything.map(val => ({ typ: 'roles', val }))], 'local');
    expect([readPrincipal(local, false), readPrincipal(local, true)?.kind]).toEqual([undefined, 'local']);
    const env = { BOOTMEDIC_BLOB_ENDPOINT: 'https://x.blob.core.windows.net', WEBSITE_AUTH_ENABLED: 'True' };
    const asked = async (more: object) => {
      const table = desk({});
      Object.assign(table.services.settings, { localCallers: loadSettings({ ...env, ...more }).localCallers });
      return (await table.ask(startRepair, { by: local, body: { vmId } })).status;
    };
    expect(await asked({})).toBe(401);
    expect(await asked({ BOOTMEDIC_LOCAL_GATE: 'True' })).toBe(202);
    expect(await asked({ BOOTMEDIC_LOCAL_GATE: 'True', WEBSITE_INSTANCE_ID: 'i' })).toBe(401);
  });

  test('whatever text comes, it throws nothing, and a name is one printable line', () => {
    const claim = fc.record({ typ: fc.constantFrom('oid', 'roles', 'name', 'appid', 'scp', 'x'), val: fc.string({ unit: 'binary' }) });
    const texts = fc.oneof(
      fc.string(),
      fc.array(claim).map(claims => header(claims)),
      fc.json().map(text => Buffer.from(text).toString('base64')),
    );
    fc.assert(
      fc.property(texts, text => {
        const found = readPrincipal(text, true);
        if (found) expect(found.name).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe.each(routes.map(route => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
  const call = (roles: string[] | null, env: boolean) => {
    const table = desk();
    table.services.settings.authentication = env;
    return table.ask(route, { by: roles === null ? undefined : personHeader('anna', roles), id, body: {} }).then(problemOf);
  };

  test('is closed where nobody checks who calls, whatever the header says', async () => {
    const problem = await call(everything, false);
    expect([problem.status, problem.errors[0].field]).toEqual([503, 'WEBSITE_AUTH_ENABLED']);
  });

  test('answers nobody, and nobody without its role, whom it tells the role', async () => {
    expect((await call(null, true)).status).toBe(401);
    const others = everything.filter(role => role !== route.role);
    const refused = await call(others, true);
    expect([refused.status, refused.type]).toEqual([403, 'urn:bootmedic:problem:role-missing']);
    expect(refused.detail).toContain(route.role);
    expect(refused.errors[0].remedy).toContain(route.role);
  });

  test('lets its role in, and no further than to its own checks', async () => {
    if (route.role === 'ActionGroupsSecureWebhook') return;
    expect([200, 400, 404]).toContain((await call([route.role], true)).status);
  });
});

describe('an alert', () => {
  const deliver = async (by: string, settings = {}) => (await desk(settings).ask(receiveAlert, { by, body: availability() })).status;

  test('is taken from the action groups of Azure Monitor, and from nobody else who has the role', async () => {
    const role = ['ActionGroupsSecureWebhook'];
    expect(await deliver(appHeader(monitor, role))).toBe(202);
    expect(await deliver(appHeader(monitor.toUpperCase(), role))).toBe(202);
    expect(await deliver(appHeader(monitor, ['Repair.Start']))).toBe(403);
    expect(await deliver(appHeader('11111111-2222-4333-8444-555555555555', role))).toBe(403);
    expect(await deliver(personHeader('anna', everything))).toBe(403);
    const mine = '11111111-2222-4333-8444-555555555555';
    expect(await deliver(appHeader(mine, role), { alertCallers: [mine] })).toBe(202);
    expect(await deliver(appHeader(monitor, role), { alertCallers: [mine] })).toBe(403);
  });
});

describe('a request', () => {
  const start = (roles: string[], body: object, settings = {}) => {
    const table = desk({ callerRights: 'off', ...settings });
    return table.ask(startRepair, { by: personHeader('anna', roles), body: { vmId, ...body } }).then(answer => ({ table, answer }));
  };

  test('bears who was checked, beside what it says of itself', async () => {
    const { table } = await start(['Repair.Start'], { requestedBy: 'the director' });
    expect(table.started).toMatchObject([
      { requestedBy: 'the director (anna@contoso.example)', caller: { id: 'oid-of-anna', kind: 'person' } },
    ]);
    expect((await start(['Repair.Start'], {})).table.started).toMatchObject([{ requestedBy: 'anna@contoso.example' }]);
  });

  test('agrees to steps in advance only for who may approve, and never where four eyes are asked for', async () => {
    const consents = ['upload-dump'];
    const refused = await start(['Repair.Start'], { consents });
    expect([problemOf(refused.answer).type, refused.table.started]).toEqual(['urn:bootmedic:problem:role-missing', []]);
    expect((await start(['Repair.Start', 'Repair.Approve'], { consents })).answer.status).toBe(202);
    const alone = await start(['Repair.Start', 'Repair.Approve'], { consents }, { fourEyes: true });
    expect([problemOf(alone.answer).type, alone.table.started]).toEqual(['urn:bootmedic:problem:own-request', []]);
  });
});

describe('a named playbook', () => {
  test('asked for by somebody who may approve passes nothing by itself: only force does, and that asks', async () => {
    const table = desk({ callerRights: 'off' }, { known: { playbooks: ['stop-0xef'], consents: [] } });
    const roles = ['Repair.Start', 'Repair.Approve'];
    const ask = (body: object) => table.ask(startRepair, { by: personHeader('anna', roles), body: { vmId, ...body } });
    expect((await ask({ playbook: 'stop-0xef' })).status).toBe(202);
    expect(table.started).toMatchObject([{ playbook: 'stop-0xef', force: false }]);
    expect(Object.keys(table.started[0] ?? {})).not.toContain('overrules');
    expect((await ask({ playbook: 'stop-0xef', overrules: true })).status).toBe(400);
  });
});

describe('what callers may operate themselves', () => {
  test('is asked of an app too, by its object id', async () => {
    const asked: string[] = [];
    const missingFor = async (id: string) => {
      asked.push(id);
      return ['Microsoft.Compute/virtualMachines/write'];
    };
    const table = desk({}, { rights: { missingFor } });
    const answer = await table.ask(startRepair, { by: appHeader('pipeline', ['Repair.Start']), body: { vmId } });
    expect([answer.status, asked, table.started]).toEqual([403, ['oid-of-pipeline'], []]);
  });

  test('is asked for each VM of a fleet, eight at once', async () => {
    const vmIds = Array.from({ length: 30 }, (_, n) => `${vmId}${n}`);
    const asked = new Set<string>();
    let most = 0;
    let now = 0;
    const missingFor = async (_: string, id: string) => {
      most = Math.max(most, ++now);
      asked.add(id);
      await new Promise(resolve => setImmediate(resolve));
      now--;
      return id.endsWith('vm27') ? ['Microsoft.Compute/virtualMachines/write'] : [];
    };
    const startFleet = routes.find(({ name }) => name === 'startFleet');
    if (startFleet === undefined) throw new Error('there is no such route');
    const table = desk({}, { rights: { missingFor } });
    const ask = (ids: string[]) => table.ask(startFleet, { by: personHeader('anna', ['Repair.Start']), body: { vmIds: ids } });
    expect([(await ask(vmIds)).status, table.started.length, asked.size, most]).toEqual([403, 0, 30, 8]);
    expect((await ask(vmIds.filter(id => !id.endsWith('vm27')))).status).toBe(202);
  });
});

describe('a decision', () => {
  const anna = { id: 'oid-of-anna', name: 'anna', kind: 'person' };
  const decide = async (settings: object, by: string, route = approveRepair, planHash = hash) => {
    const table = desk(settings, {}, waiting(anna));
    const answer = await table.ask(route, { by: personHeader(by, ['Repair.Approve']), id, body: { planHash } });
    return { status: answer.status, said: table.said };
  };

  test('tells the repair who decided, by which role', async () => {
    const { status, said } = await decide({}, 'bert');
    expect(status).toBe(202);
    expect(said).toMatchObject([
      {
        event: `approve.${'a'.repeat(12)}`,
        payload: { by: 'bert@contoso.example', caller: { id: 'oid-of-bert', kind: 'person' }, role: 'Repair.Approve' },
      },
    ]);
  });

  test('on one’s own request is refused where four eyes are asked for, and counts elsewhere', async () => {
    for (const route of [approveRepair, rejectRepair]) {
      expect(await decide({ fourEyes: true }, 'anna', route)).toEqual({ status: 403, said: [] });
      expect((await decide({ fourEyes: true }, 'bert', route)).status).toBe(202);
      expect((await decide({}, 'anna', route)).status).toBe(202);
    }
  });

  test('on an old plan is refused', async () => {
    expect(await decide({}, 'bert', approveRepair, 'b'.repeat(64))).toEqual({ status: 409, said: [] });
  });

  test('to cancel is for who may operate the VM themselves: it powers it and swaps its disk', async () => {
    const cancel = async (missing: string[]) => {
      const table = desk({}, { rights: { missingFor: async () => missing } }, waiting(anna));
      return {
        status: (await table.ask(cancelRepair, { by: personHeader('bert', ['Repair.Start']), id })).status,
        said: table.said.length,
      };
    };
    expect(await cancel(['Microsoft.Compute/virtualMachines/powerOff/action'])).toEqual({ status: 403, said: 0 });
    expect(await cancel([])).toEqual({ status: 202, said: 1 });
  });

  test.each([approveRepair, rejectRepair, cancelRepair])('is not made by opening its address: $name', async route => {
    for (const method of ['GET', 'HEAD']) {
      const table = desk({}, {}, waiting());
      const answer = await table.ask(route, { method, by: personHeader('anna', everything), id, body: { planHash: hash } });
      expect([answer.status, answer.headers, table.said]).toEqual([405, expect.objectContaining({ allow: 'POST' }), []]);
    }
  });

  test('every path says which methods it takes, to whoever comes by another', async () => {
    for (const route of routes) {
      const here = routes.filter(({ path }) => path === route.path).map(({ method }) => method);
      const allow = [...here, ...(here.includes('GET') ? ['HEAD'] : [])].toSorted().join(', ');
      const answer = await desk().ask(route, { method: 'DELETE', by: personHeader('anna', everything), id });
      expect([route.name, answer.status, answer.headers]).toEqual([route.name, 405, expect.objectContaining({ allow })]);
    }
  });
});
