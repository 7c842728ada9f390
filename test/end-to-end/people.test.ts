/**
 * People at the API: each with a role of the app, and with rights of their own on some VMs in Azure. Who may start, who may say yes, no and
 * stop; and many VMs by one call. The roles of those people are read from Azure, with the rights that infra/roles.json gives.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { personHeader } from '../triggers/callers.ts';
import { type Kind, type State, scenarioOf } from './fleet.ts';
import { ask, ended, post, type RepairView, startWorld, type World } from './world.ts';

const everyRole = ['Repair.Read', 'Repair.Start', 'Repair.Approve'];
/** Alice operates the group's VMs, by a group of hers; Bob none; Carol may approve. */
const alice = { 'x-test-principal': personHeader('alice', ['Repair.Read', 'Repair.Start']) };
const bob = { 'x-test-principal': personHeader('bob', ['Repair.Read', 'Repair.Start']) };
const carol = { 'x-test-principal': personHeader('carol', everyRole) };
const reader = { 'x-test-principal': personHeader('dave', ['Repair.Read']) };

const kinds: Record<string, Kind> = { asked: 'good', refused: 'good', stopped: 'good', f1: 'transient', f2: 'transient', f3: 'transient' };
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-people-'));
let world: World;
let vms: Record<string, string>;

beforeAll(async () => {
  const scenario = join(folder, 'people.json');
  const estate = scenarioOf(kinds) as { subscriptions: { id: string }[] };
  const role = { name: 'Virtual Machine Contributor', actions: ['Microsoft.Compute/virtualMachines/*'] };
  const scope = `/subscriptions/${estate.subscriptions[0]?.id}/resourceGroups/rg-fleet`;
  const roleAssignments = [{ principalId: 'group-of-operators', members: ['oid-of-alice'], scope, role }];
  writeFileSync(scenario, JSON.stringify({ ...estate, roleAssignments }));
  const limits = { scopePercent: 100, stabilitySeconds: 60, burstVms: 1000 };
  const settings = { defaults: { mode: 'auto', consents: ['upload-dump'], limits }, fourEyes: true };
  world = await startWorld({ scenario, timeScale: 200, settings, entry: 'test/end-to-end/easyAuth.ts' });
  vms = Object.fromEntries((await state()).vms.map(({ id }) => [id.split('/').at(-1) ?? '', id]));
}, 600_000);
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const state = async () => (await (await ask(`${world.azure.adminUrl}/state`)).json()) as State;
const start = (name: string, who: Record<string, string>, more: object = {}) =>
  post(`${world.url}/api/repairs`, { vmId: vms[name], mode: 'review', restartFirst: false, ...more }, who);
const say = (id: string, verb: string, who: Record<string, string>, body: object = {}) =>
  post(`${world.url}/api/repairs/${id}/${verb}`, body, who);
async function begin(name: string, more: object = {}): Promise<string> {
  const { status, body } = await start(name, alice, more);
  if (status !== 202) throw new Error(JSON.stringify(body));
  return String(body.id);
}
async function waiting(id: string): Promise<RepairView> {
  for (const deadline = Date.now() + 240_000; ; await new Promise(resolve => setTimeout(resolve, 100))) {
    const view = (await (await ask(`${world.url}/api/repairs/${id}`)).json()) as RepairView;
    if (view.state === 'waiting-approval') return view;
    if (view.outcome || Date.now() > deadline) throw new Error(`${id} waits for nobody: ${JSON.stringify(view)}`);
  }
}
async function admitted(id: string): Promise<void> {
  for (const deadline = Date.now() + 240_000; ; await new Promise(resolve => setTimeout(resolve, 20))) {
    const { running } = (await (await ask(`${world.url}/api/admission`)).json()) as { running: { repairId: string }[] };
    if (running.some(({ repairId }) => repairId === id)) return;
    if (Date.now() > deadline) throw new Error(`${id} was never admitted: ${JSON.stringify(running)}`);
  }
}
const code = ({ status, body }: { status: number; body: Record<string, unknown> }) =>
  `${status} ${String(body.type).split(/[/:#]/).at(-1)}`;
const touched = async (name: string) => (await state()).writes.filter(({ path }) => path.includes(`/virtualMachines/${name}`));

describe('starting a repair', () => {
  test('takes the role, and rights of one’s own on that VM; an app’s role alone moves no VM of somebody else', async () => {
    expect(code(await start('asked', reader))).toBe('403 role-missing');
    const answer = await start('asked', bob);
    expect(code(answer)).toBe('403 no-rights-on-vm');
    expect(JSON.stringify(answer.body)).toContain('Microsoft.Compute/virtualMachines/powerOff/action');
    expect((await state()).writes).toEqual([]);
  });

  test('by many at once is refused whole where one of them may not be touched', async () => {
    const answer = await post(`${world.url}/api/fleets`, { vmIds: [vms.f1, vms.f2] }, bob);
    expect(code(answer)).toBe('403 no-rights-on-vm');
    expect((await (await ask(`${world.url}/api/repairs`)).json()) as object).toMatchObject({ items: [] });
  });
});

describe('a plan that waits', () => {
  test('is approved by who may, of the plan that was read, not by who asked, and by no link that is opened', async () => {
    const id = await begin('asked');
    const { planHash } = await waiting(id);
    expect((await ask(`${world.url}/api/repairs/${id}/approve`, { headers: carol })).status).toBe(405);
    expect(code(await say(id, 'approve', alice, { planHash }))).toBe('403 role-missing');
    expect(code(await say(id, 'approve', carol, { planHash: 'f'.repeat(64) }))).toBe('409 other-plan');
    expect(await touched('asked')).toEqual([]);
    expect((await say(id, 'approve', carol, { planHash })).status).toBe(202);
    expect((await ended(world, id)).outcome).toBe('repaired');
    const { writes } = (await (await ask(`${world.url}/api/repairs/${id}/audit`)).json()) as {
      writes: { by: string; approvedBy?: string; operation: string; planHash?: string }[];
    };
    const off = writes.find(({ operation }) => operation.endsWith('/powerOff/action'));
    expect(off).toMatchObject({
      by: expect.stringContaining('alice@contoso.example'),
      approvedBy: expect.stringContaining('carol@contoso.example'),
    });
    expect(String(planHash).startsWith(off?.planHash ?? '-')).toBe(true);
    expect(code(await say(id, 'approve', carol, { planHash }))).toBe('409 already-ended');
  }, 600_000);

  test('is rejected: the VM was never touched', async () => {
    const id = await begin('refused');
    const { planHash } = await waiting(id);
    expect(code(await say(id, 'reject', bob, { planHash }))).toBe('403 role-missing');
    expect((await say(id, 'reject', carol, { planHash })).status).toBe(202);
    const view = await ended(world, id);
    expect(view.outcome).toBe('cancelled');
    expect(JSON.stringify(view)).toContain('carol@contoso.example');
    expect(await touched('refused')).toEqual([]);
  }, 600_000);

  test('is cancelled by who may operate the VM, and by nobody else', async () => {
    const id = await begin('stopped');
    await waiting(id);
    expect(code(await say(id, 'cancel', bob))).toBe('403 no-rights-on-vm');
    expect((await say(id, 'cancel', alice)).status).toBe(202);
    expect((await ended(world, id)).outcome).toBe('cancelled');
    expect(await touched('stopped')).toEqual([]);
  }, 600_000);
});

describe('many VMs by one call', () => {
  interface Fleet {
    id: string;
    state: string;
    waiting: string[];
    underWay: { vmId: string; repairId: string }[];
    ended: { vmId: string; repairId: string; outcome: string }[];
    notStarted: unknown[];
  }

  test('are repaired one first, then the rest; one that is under repair already is told as that, and not begun anew', async () => {
    const before = await begin('f3', { mode: 'auto', restartFirst: true });
    // Asked for is not yet under way: the VM is its own once it is admitted.
    await admitted(before);
    const begun = await post(`${world.url}/api/fleets`, { vmIds: [vms.f3, vms.f1, vms.f2] }, alice);
    expect([begun.status, begun.headers.get('location')]).toEqual([202, `/api/fleets/${begun.body.id}`]);
    const seen: Fleet[] = [];
    for (const deadline = Date.now() + 240_000; seen.at(-1)?.state !== 'ended'; await new Promise(resolve => setTimeout(resolve, 100))) {
      seen.push((await (await ask(`${world.url}/api/fleets/${begun.body.id}`)).json()) as Fleet);
      if (Date.now() > deadline) throw new Error(JSON.stringify(seen.at(-1)));
    }
    const end = seen.at(-1);
    expect(end).toMatchObject({ waiting: [], underWay: [], notStarted: [] });
    expect(end?.ended.map(({ outcome }) => outcome)).toEqual(['repaired', 'repaired', 'repaired']);
    expect(end?.ended.find(({ vmId }) => vmId === vms.f3)?.repairId).toBe(before);
    const together = (fleet: Fleet) => fleet.underWay.map(({ vmId }) => vmId.split('/').at(-1));
    expect(seen.some(fleet => fleet.underWay.some(({ repairId }) => repairId === before))).toBe(true);
    for (const fleet of seen.filter(({ ended }) => ended.length === 0)) expect(together(fleet).length).toBeLessThanOrEqual(1);
    expect(Math.max(...seen.map(fleet => together(fleet).length))).toBe(2);
    const repairs = (await (await ask(`${world.url}/api/repairs?vm=f3`)).json()) as { items: unknown[] };
    expect(repairs.items).toHaveLength(1);
  }, 600_000);
});
