/**
 * What the product is for, once each and in virtual time, for whoever holds its exchanges with ARM against a specification:
 * `flows.ts FILE` appends every exchange to FILE as a JSON line, and prints what became of each flow as one.
 */
import './time.ts';

const { World } = await import('./world.ts');
const { leap } = await import('./time.ts');
const { askHost } = await import('./asking.ts');
const { scenarioOf, settings } = await import('./base.ts');
const { bases } = await import('./schedule.ts');
const { keepExchanges } = await import('../simulator/index.ts');
const { default: demo } = await import('../simulator/scenarios/demo.json', { with: { type: 'json' } });

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('flows.ts FILE');

const limits = { stabilitySeconds: 60, silenceSeconds: 900, scopePercent: 100, burstVms: 1000, repairsAtOnce: 5, repairsPerVmAndDay: 9 };
const defaults = { mode: 'auto', consents: ['upload-dump'], limits };
const world = await World.start({ settings: { scopes: settings.scopes, defaults, sweep: { silentSeconds: 300 } } });
const { cloud } = world.simulator;
keepExchanges(cloud, file);

interface View {
  id: string;
  sweepId: string;
  state: string;
  outcome: string | null;
  planHash: string;
  ended: { outcome: string }[];
  /** Of a sweep. */
  ill: { repairId: string | null }[];
}

const ask = (path: string, body?: unknown) => askHost<View>(world, path, body);

/** A fleet's runbook goes on as a new one now and then. */
const isOver = (id: string) => ['Completed', 'Failed', 'Terminated'].includes(world.host?.status(id) ?? '');

async function end(...ids: string[]): Promise<void> {
  if (!(await world.until(() => ids.every(isOver), ids.length))) throw new Error(`${ids.join(', ')} does not end`);
}

async function outcomeOf(id: string): Promise<string> {
  await end(id);
  return (await ask(`repairs/${id}`)).outcome ?? 'none';
}

const ids = () => cloud.estate.vms().map(({ id }) => id);
const start = async (more: object = {}, vmId = ids()[0]) => (await ask('repairs', { vmId, ...more })).id;
const begin = (scenario: unknown) => world.begin(scenario, '1');
/** One whose script cures it. */
const ill = (name = 'web-en-02') => ({ ...demo.virtualMachines.find(vm => vm.name === name), name });
const estate = (...virtualMachines: object[]) => ({ ...demo, virtualMachines });
/** Virtual milliseconds after which a repair that waits for a person has come to that. */
const WAITS = 3_600_000;

async function wait(id: string): Promise<void> {
  const from = Date.now();
  await world.until(() => isOver(id) || Date.now() - from > WAITS);
}

/** Its outcome, where a person says yes to whatever it asks. */
async function approved(id: string): Promise<string> {
  for (let asked = 0; asked < 5 && !isOver(id); asked++) {
    await wait(id);
    const { state, planHash } = await ask(`repairs/${id}`);
    if (state === 'waiting-approval') await ask(`repairs/${id}/approve`, { planHash });
  }
  return outcomeOf(id);
}

async function sweep(): Promise<void> {
  const { sweepId } = await ask('sweeps', {});
  await end(sweepId);
}

const flows: Record<string, () => Promise<string>> = {
  ...Object.fromEntries(
    bases.map(base => [
      base,
      async () => {
        await begin(scenarioOf(base));
        return approved(await start());
      },
    ]),
  ),
  async 'the estate at once'() {
    await begin(demo);
    const all: string[] = [];
    for (const vmId of ids()) all.push(await start({}, vmId));
    await end(...all);
    const outcomes: string[] = [];
    for (const id of all) outcomes.push(await outcomeOf(id));
    return outcomes.join(', ');
  },
  async observed() {
    await begin(estate(ill()));
    return outcomeOf(await start({ mode: 'observe' }));
  },
  async 'reviewed: a probe on a copy, and a person’s approval'() {
    await begin(estate(ill()));
    return approved(await start({ mode: 'review', restartFirst: false }));
  },
  async rejected() {
    await begin(estate(ill()));
    const id = await start({ mode: 'review', restartFirst: false });
    await wait(id);
    await ask(`repairs/${id}/reject`, { planHash: (await ask(`repairs/${id}`)).planHash });
    return outcomeOf(id);
  },
  async 'cancelled while a script runs'() {
    await begin(estate(ill()));
    const id = await start({ restartFirst: false });
    await world.until(() => cloud.estate.vms().some(({ runCommands }) => runCommands.size > 0));
    await ask(`repairs/${id}/cancel`, {});
    return outcomeOf(id);
  },
  async 'operations that fail'() {
    await begin(estate(ill()));
    const failOperation = { code: 'InternalExecutionError', message: 'An internal execution error occurred.' };
    for (const [method, path] of [
      ['PUT', '/snapshots/'],
      ['PUT', '/disks/'],
      ['PUT', '/virtualMachines/bootmedic-'],
      ['POST', '/powerOff'],
      ['POST', '/start'],
      ['PATCH', '/virtualMachines/'],
      ['DELETE', '/virtualMachines/'],
    ] as const)
      cloud.faults.add({ match: { method, path }, times: 1, after: 0, delaySeconds: 0, failOperation });
    return outcomeOf(await start({ restartFirst: false }));
  },
  async 'a VM that is not there'() {
    await begin(estate(ill()));
    return outcomeOf(await start({}, `${ids()[0]}-gone`));
  },
  async 'many by one call'() {
    const [one, other] = [ill(), ill('app-nl-01')];
    await begin(estate(one, other));
    const { id } = await ask('fleets', { vmIds: ids() });
    await end(id);
    return (await ask(`fleets/${id}`)).ended.map(({ outcome }) => outcome).join(', ');
  },
  async 'swept, repaired, and swept after two weeks'() {
    await begin(estate(ill(), ill('db-ok-03')));
    await sweep();
    const { ill: found } = await ask('sweeps/latest');
    await end(...found.flatMap(({ repairId }) => repairId ?? []));
    const kept = cloud.estate.snapshots().length;
    leap();
    await sweep();
    return `${kept - cloud.estate.snapshots().length} of ${kept} snapshots deleted`;
  },
};

for (const [flow, perform] of Object.entries(flows)) {
  const outcome = await perform().catch((error: unknown) => `no outcome: ${String(error)}`);
  process.stdout.write(`${JSON.stringify({ flow, outcome })}\n`);
}
await world.close();
process.stdout.write('', () => process.exit(0));
