/** A burst, for real: many VMs with the same finding, of which one is repaired first, and proven, before any other is touched. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type State, scenarioOf } from './fleet.ts';
import { alertFor, ask, ended, post, type RepairView, startWorld, type World } from './world.ts';

test('of three VMs that one alert finds ill alike, one is repaired and proven before another is so much as powered off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-burst-'));
  const scenario = join(folder, 'burst.json');
  const names = ['a', 'b', 'c'];
  writeFileSync(scenario, JSON.stringify(scenarioOf(Object.fromEntries(names.map(name => [name, 'good' as const])))));
  const limits = { scopePercent: 100, stabilitySeconds: 60 };
  const world = await startWorld({
    scenario,
    timeScale: 300,
    settings: { defaults: { mode: 'auto', consents: ['upload-dump'], restartFirst: false, limits } },
  });
  try {
    const state = async () => (await (await ask(`${world.azure.adminUrl}/state`)).json()) as State;
    const { vms } = await state();
    const alert = await post(`${world.url}/api/alerts`, alertFor(vms.map(({ id }) => id)));
    const ids = (alert.body.repairs as { id: string }[]).map(({ id }) => id);
    expect(ids).toHaveLength(3);
    let waited = '';
    const note = ({ awaiting }: RepairView) => {
      if (/first$/.test(String(awaiting))) waited = String(awaiting);
    };
    const views = await Promise.all(ids.map(id => ended(world, id, note)));
    expect(views.map(({ outcome }) => outcome)).toEqual(names.map(() => 'repaired'));
    expect(waited).toMatch(/^\d VMs have 0x\w+: r-\w+ first$/);
    const audits = await Promise.all(
      ids.map(async id => {
        const { writes } = (await (await ask(`${world.url}/api/repairs/${id}/audit`)).json()) as {
          writes: { at: string; operation: string }[];
        };
        const off = writes.find(({ operation }) => operation.endsWith('/powerOff/action'))?.at ?? '';
        const { story } = (await (await ask(`${world.url}/api/repairs/${id}/report.json`)).json()) as {
          story: { endedAt: string; attempts: { boot: { endedAt: string } | null }[] };
        };
        return { off, proven: story.attempts.findLast(({ boot }) => boot !== null)?.boot?.endedAt ?? '' };
      }),
    );
    const [first, second] = audits.toSorted((a, b) => a.off.localeCompare(b.off));
    expect(first?.proven).toMatch(/^2/);
    expect(second?.off.localeCompare(first?.proven ?? '')).toBe(1);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);

test('where Azure itself reports a fault of the region, none of them is so much as restarted; the report says which fault, and force goes on by a person’s approval', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-outage-'));
  const scenario = join(folder, 'outage.json');
  const names = ['a', 'b', 'c'];
  const impact = [{ service: 'Virtual Machines', regions: ['West Europe'] }];
  const serviceEvents = [{ trackingId: 'VT2K-7B8', title: 'Storage unreachable', minutesAgo: 20, impact }];
  writeFileSync(scenario, JSON.stringify({ ...scenarioOf(Object.fromEntries(names.map(name => [name, 'good' as const]))), serviceEvents }));
  const limits = { scopePercent: 100, stabilitySeconds: 60 };
  const defaults = { mode: 'auto', consents: ['upload-dump'], restartFirst: false, limits };
  const world = await startWorld({ scenario, timeScale: 200, settings: { defaults, sweep: { silentSeconds: 300 } } });
  try {
    const state = async () => (await (await ask(`${world.azure.adminUrl}/state`)).json()) as State;
    const vms = (await state()).vms.map(({ id }) => id);
    const alert = await post(`${world.url}/api/alerts`, alertFor(vms));
    const ids = (alert.body.repairs as { id: string }[]).map(({ id }) => id);
    const views = await Promise.all(ids.map(id => ended(world, id)));
    expect(views.map(({ outcome }) => outcome)).toEqual(names.map(() => 'refused'));
    for (const { headline } of views) expect(headline).toMatch(/ was left alone: \d VMs have 0x\w+, and Azure Service Health .+VT2K-7B8/);
    const after = await state();
    expect(after.writes.filter(({ path }) => /rg-fleet/i.test(path))).toEqual([]);
    expect(after.vms.map(({ id }) => id)).toEqual(vms);
    const { story } = (await (await ask(`${world.url}/api/repairs/${ids[0]}/report.json`)).json()) as { story: object };
    expect(story).toMatchObject({ refusals: [{ code: 'service-issue', remedy: expect.stringMatching(/VT2K-7B8.+--force/) }] });

    // No person has to look while it lasts: the sweep asks Azure again.
    await post(`${world.url}/api/sweeps`, {});
    const { ill } = await swept(world);
    expect(ill.map(({ repairId, why }) => [repairId, why])).toEqual(
      names.map(() => [null, expect.stringMatching(/^repair r-\w+ was held by an outage of Azure, VT2K-7B8, which is not over\./)]),
    );

    const forced = await post(`${world.url}/api/repairs`, { vmId: vms[0], playbook: 'stop-0xef', force: true, restartFirst: false });
    const waiting = await waitingFor(world, String(forced.body.id));
    expect(waiting).toMatchObject({ awaiting: 'approval of: force', plan: { passes: [expect.stringContaining('VT2K-7B8')] } });
    const page = await (await ask(`${world.url}/api/repairs/${forced.body.id}/report.html`)).text();
    expect(page).toContain('Without force this repair would stop, because of Azure Service Health');
    await post(`${world.url}/api/repairs/${forced.body.id}/approve`, { planHash: waiting.planHash });
    expect((await ended(world, String(forced.body.id))).outcome).toBe('repaired');
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);

async function swept(world: World): Promise<{ ill: { repairId: string | null; why: string }[] }> {
  for (const deadline = Date.now() + 240_000; ; await new Promise(resolve => setTimeout(resolve, 200))) {
    const answer = await ask(`${world.url}/api/sweeps/latest`);
    if (answer.status === 200) return (await answer.json()) as Awaited<ReturnType<typeof swept>>;
    if (Date.now() > deadline) throw new Error(`the sweep did not end\n${world.output().slice(-2000)}`);
  }
}

async function waitingFor(world: World, id: string): Promise<RepairView> {
  for (const deadline = Date.now() + 240_000; ; await new Promise(resolve => setTimeout(resolve, 100))) {
    const view = (await (await ask(`${world.url}/api/repairs/${id}`)).json()) as RepairView;
    if (view.state === 'waiting-approval') return view;
    if (view.outcome || Date.now() > deadline) throw new Error(`${id} waits for nobody: ${JSON.stringify(view)}`);
  }
}
