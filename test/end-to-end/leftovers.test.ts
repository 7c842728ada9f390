/**
 * What repairs leave, to its end, for real: a week passes (the host's clock is set on: `later.ts`), the sweep is asked for, and deletes what
 * has expired and nothing else. Beside it stand one that is kept longer, one whose VM is under repair, and one that only looks like ours.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { type State, scenarioOf } from './fleet.ts';
import { type AzureReady, ask, ended, opened, post, type RepairView, startWorld, type World, type WorldOptions } from './world.ts';

interface Leftover {
  resourceId: string;
  due: boolean;
  why: string;
}
interface Sweep {
  sweepId: string;
  deleted: string[];
  leftovers: Leftover[];
  faults: unknown[];
  ill: unknown[];
}

const root = new URL('../../', import.meta.url);
const timeScale = 200;
const settingsFor = (keepDays: number) => ({
  // Longer than the test's week, in the service seconds of its time scale.
  defaults: {
    ...{ mode: 'auto', consents: ['upload-dump'], restartFirst: false },
    limits: { scopePercent: 100, stabilitySeconds: 60, burstVms: 1000, approvalSeconds: 90 * 86_400 * timeScale, keepDays },
  },
  // After a week no agent has been heard for long: it is not what this is about.
  sweep: { resourceGroups: ['rg-nowhere'] },
});

const last = (id: string) => id.split('/').at(-1) ?? '';
const json = async <T>(url: string) => (await (await ask(url)).json()) as T;

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 240_000; ; await new Promise(resolve => setTimeout(resolve, 100))) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come`);
  }
}

async function sweepNow(world: World): Promise<Sweep> {
  const { body } = await post(`${world.url}/api/sweeps`, {});
  return until('the report of the sweep', async () => {
    const answer = await ask(`${world.url}/api/sweeps/latest`);
    const report = answer.status === 200 ? ((await answer.json()) as Sweep) : undefined;
    return report?.sweepId === body.sweepId ? report : undefined;
  });
}

async function toldByCommand(world: World): Promise<string> {
  const token = new URL(opened(world.url)).searchParams.get('token') ?? '';
  const args = [new URL('dist/cli/main.js', root).pathname, 'leftovers', '--app', world.url];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: '', HOME: tmpdir(), BOOTMEDIC_APP_TOKEN: token } });
  return stdout;
}

/** With the simulator's own authority, which the tests' process does not know. */
function overHttps({ caPath }: AzureReady, url: string, options: object, body?: object): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca: readFileSync(caPath), ...options }, response => {
      let text = '';
      response.on('data', chunk => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    asked.once('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

/** By the app's own identity, as anybody may who has its rights. */
async function putSnapshot(azure: AzureReady, id: string, body: object): Promise<{ status: number; body: string }> {
  const resource = encodeURIComponent('https://management.azure.com/');
  const headers = { 'x-identity-header': azure.identityHeader };
  const answer = await overHttps(azure, `${azure.identityEndpoint}?api-version=2019-08-01&resource=${resource}`, { headers });
  const authorization = `Bearer ${(JSON.parse(answer.body) as { access_token: string }).access_token}`;
  const asked = { method: 'PUT', headers: { authorization, 'content-type': 'application/json' } };
  return overHttps(azure, `${azure.armEndpoint}${id}?api-version=2024-03-02`, asked, body);
}

test('after a week the sweep deletes the snapshot that has expired, and that alone; the command shows what is left before and after', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-leftovers-'));
  const scenario = join(folder, 'leftovers.json');
  writeFileSync(scenario, JSON.stringify(scenarioOf({ due: 'good', busy: 'good', kept: 'good' })));
  const options: WorldOptions = { scenario, timeScale, settings: settingsFor(7) };
  const world = await startWorld(options);
  const again = async (change: Partial<WorldOptions>) => {
    await world.killHost();
    Object.assign(options, change);
    await world.startHost();
  };
  try {
    const state = () => json<State>(`${world.azure.adminUrl}/state`);
    const vms = Object.fromEntries((await state()).vms.map(({ id }) => [last(id), id]));
    const repaired = async (name: string) => {
      const { body } = await post(`${world.url}/api/repairs`, { vmId: vms[name] });
      expect((await ended(world, String(body.id))).outcome).toBe('repaired');
      return String(body.id).replace('r-', 'bootmedic-');
    };
    const [due, busy] = await Promise.all(['due', 'busy'].map(repaired));
    await again({ settings: settingsFor(30) });
    const kept = await repaired('kept');
    const lookAlike = (await state()).snapshots[0]?.id.replace(/[^/]+$/, 'bootmedic-abcdefghijkl-snap') ?? '';
    const tags = { 'bootmedic-repair': 'r-abcdefghijkl', 'bootmedic-expires': '2026-01-01T00:00:00.000Z' };
    const sourceResourceId = (await state()).vms.find(({ id }) => id === vms.due)?.osDiskId;
    const body = {
      location: 'westeurope',
      tags,
      properties: { incremental: true, creationData: { createOption: 'Copy', sourceResourceId } },
    };
    expect(await putSnapshot(world.azure, lookAlike, body)).toMatchObject({ status: 202 });
    const { id } = (await post(`${world.url}/api/repairs`, { vmId: vms.busy, playbook: 'stop-0xef', force: true })).body;
    await until('the question to a person', async () => {
      const view = await json<RepairView>(`${world.url}/api/repairs/${id}`);
      return view.state === 'waiting-approval' || undefined;
    });

    const early = await sweepNow(world);
    expect(early).toMatchObject({ deleted: [], faults: [] });
    const before = await toldByCommand(world);
    for (const name of [`${due}-snap`, `${busy}-snap`, `${kept}-snap`, last(lookAlike), 'due-os']) expect(before).toContain(name);
    const there = await state();

    await again({ env: { NODE_OPTIONS: `--import ${new URL('test/end-to-end/later.ts', root).href}`, BOOTMEDIC_TEST_DAYS_LATER: '8' } });
    const late = await sweepNow(world);
    expect(late).toMatchObject({ faults: [], ill: [] });
    expect(late.deleted.map(last)).toEqual([`${due}-snap`]);
    const why = (name: string) => late.leftovers.find(({ resourceId }) => last(resourceId) === name)?.why;
    expect(why(`${due}-snap`)).toMatch(/^deleted: its time was up on \d{4}-\d\d-\d\d$/);
    expect(why(`${kept}-snap`)).toMatch(/^kept until /);
    expect(why(`${busy}-snap`)).toBe(`repair ${id} is under way`);
    expect(why(last(lookAlike))).toBe('there is no record of r-abcdefghijkl that can be read');
    expect(why('due-os')).toContain('an owner’s own');

    const now = await state();
    const gone = (all: { id: string }[], still: { id: string }[]) =>
      all.map(({ id }) => last(id)).filter(name => !still.some(({ id }) => last(id) === name));
    expect([gone(there.snapshots, now.snapshots), gone(there.disks, now.disks), gone(there.vms, now.vms)]).toEqual([
      [`${due}-snap`],
      [],
      [],
    ]);
    expect(now.breaches).toEqual([]);
    const after = await toldByCommand(world);
    expect(after).not.toContain(`${due}-snap`);
    for (const name of [`${busy}-snap`, `${kept}-snap`, last(lookAlike), 'due-os']) expect(after).toContain(name);
    const { writes } = await json<{ writes: { operation: string; target: string }[] }>(`${world.url}/api/repairs/${late.sweepId}/audit`);
    expect(writes.map(({ operation }) => operation)).toEqual(['Microsoft.Compute/snapshots/delete']);
    expect((await sweepNow(world)).deleted).toEqual([]);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
