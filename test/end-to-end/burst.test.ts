/** A burst, for real: many VMs with the same finding, of which one is repaired first, and proven, before any other is touched. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type State, scenarioOf } from './fleet.ts';
import { alertFor, ask, ended, post, type RepairView, startWorld } from './world.ts';

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
}, 120_000);
