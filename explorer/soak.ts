/**
 * `npm run soak`: repairs one after the other in one life of the host, with a trouble at every twentieth call, weeks of virtual time and a
 * sweep between. Nothing may grow: each measure stands beside its limit.
 */
import './time.ts';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';

const { World } = await import('./world.ts');
const { runSchedule } = await import('./run.ts');
const { headersFor, over } = await import('./facts.ts');
const { settings } = await import('./base.ts');
const { spoiling } = await import('./spoiling.ts');
const { scenarioFor } = await import('./subjects.ts');
const { judgeAll } = await import('./invariants.ts');
const { leap } = await import('./time.ts');

import type { Base, CallFault, Event, Schedule } from './schedule.ts';
import type { World as TheWorld } from './world.ts';

/** What goes by: a repair is to go on. */
const troubles: CallFault[] = ['409', '429', '429-wait', '500', '503', 'reset-before', 'reset-after', 'late-after', 'fails'];
const vms: Base[] = ['web-en-02', 'app-nl-01', 'just-died', 'old-bad-04'];
/** Calls of the longest of these repairs, and some. */
const calls = 800;
/** Repairs between two sweeps, which remove what is older than a month. */
const between = 10;

/** In bytes; growth is from the end of the first tenth on. */
const limits = {
  'heap growth': 24e6,
  database: 24e6,
  'longest history of a repair': 300e3,
  'most log of a repair': 200e3,
};
type Measure = keyof typeof limits;
export interface SoakEnd {
  repairs: number;
  outcomes: Record<string, number>;
  /** Troubles that were met. */
  troubles: number;
  violations: { schedule: string; invariant: number; what: string }[];
  measures: { what: Measure; value: number; limit: number }[];
  seconds: number;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function drawn(seed: number, percent: number): Schedule {
  const base = vms[seed % vms.length] ?? 'web-en-02';
  const each = fc.tuple(fc.noBias(fc.integer({ min: 1, max: 1000 })), fc.constantFrom(...troubles));
  const [all] = fc.sample(fc.array(each, { minLength: calls, maxLength: calls }), { seed, numRuns: 1 });
  const events = (all ?? []).flatMap(([odds, fault], n): Event[] =>
    odds <= percent * 10 ? [{ on: 'call', n: n + 1, fault, lasting: false }] : [],
  );
  return { base, seed: String(seed), events };
}

const sizeOf = (folder: string) => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

class Soak {
  readonly #world: TheWorld;
  readonly #most = new Map<Measure, number>();
  readonly end: SoakEnd = { repairs: 0, outcomes: {}, troubles: 0, violations: [], measures: [], seconds: 0 };

  constructor(world: TheWorld) {
    this.#world = world;
  }

  #note(what: Measure, value: number): void {
    this.#most.set(what, Math.max(this.#most.get(what) ?? 0, value));
  }

  /** Another estate for the same host. */
  async #renew(schedule: Schedule): Promise<void> {
    this.#world.wire.clear();
    this.#world.log.length = 0;
    await this.#world.simulator.reload(scenarioFor(schedule), schedule.seed);
  }

  async repair(schedule: Schedule, isFirst: boolean): Promise<void> {
    const facts = await runSchedule(this.#world, schedule, isFirst ? undefined : () => this.#renew(schedule));
    const { end } = this;
    end.repairs++;
    end.troubles += facts.hit;
    for (const { id, outcome } of facts.repairs) {
      end.outcomes[outcome ?? 'none'] = (end.outcomes[outcome ?? 'none'] ?? 0) + 1;
      this.#note('longest history of a repair', this.#world.host?.history(id).length ?? 0);
    }
    end.violations.push(...judgeAll(facts).map(violation => ({ schedule: `${schedule.base}/${schedule.seed}`, ...violation })));
    this.#note(
      'most log of a repair',
      this.#world.log.reduce((sum, line) => sum + line.length, 0),
    );
    this.#note('database', sizeOf(this.#world.dataDir));
  }

  async sweep(): Promise<void> {
    for (let n = 0; n < 3; n++) leap();
    const { host } = this.#world;
    const asked = { method: 'POST', headers: headersFor(host), body: '{}' };
    const sent = fetch(`${host?.url}/api/sweeps`, asked).then(answer => answer.json());
    const { sweepId } = (await this.#world.drive(sent)) as { sweepId?: string };
    if (sweepId === undefined) throw new Error('the host does not begin a sweep');
    await this.#world.until(() => over(host?.status(sweepId)));
    if (host?.status(sweepId) !== 'Completed') throw new Error(`sweep ${sweepId} ended as ${host?.status(sweepId)}`);
  }

  measured(growth: number): SoakEnd {
    this.#note('heap growth', growth);
    this.end.measures = Object.entries(limits).flatMap(([what, limit]) => {
      const value = this.#most.get(what as Measure);
      return value === undefined ? [] : [{ what: what as Measure, value, limit }];
    });
    return this.end;
  }
}

async function soak(repairs: number, percent: number, seed: number): Promise<SoakEnd> {
  const begun = performance.now();
  const world = await World.start({ settings, guests: spoiling });
  const run = new Soak(world);
  let first = 0;
  for (let n = 0; n < repairs; n++) {
    await run.repair(drawn(seed + n, percent), n === 0);
    if ((n + 1) % between === 0) await run.sweep();
    if (n + 1 === Math.ceil(repairs / 10)) first = heap();
    if ((n + 1) % between === 0) console.error(`${n + 1} repairs, heap ${mb(heap())}, database ${mb(sizeOf(world.dataDir))}`);
  }
  const end = run.measured(heap() - first);
  await world.close();
  return { ...end, seconds: Math.round((performance.now() - begun) / 1000) };
}

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function tell({ repairs, outcomes, troubles: met, violations, measures, seconds }: SoakEnd): void {
  const how = Object.entries(outcomes).map(([outcome, n]) => `${n} ${outcome}`);
  console.log(`${repairs} repairs (${how.join(', ')}), ${met} troubles, ${violations.length} violations, in ${seconds} s`);
  for (const { what, value, limit } of measures)
    console.log(`${what}: ${mb(value)}, at most ${mb(limit)}${value > limit ? ' EXCEEDED' : ''}`);
  for (const { schedule, invariant, what } of violations) console.log(`invariant ${invariant}: ${what} (${schedule})`);
}

function numberOf(option: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${option}: '${text}' is no whole number`);
  return Number(text);
}

const { values } = parseArgs({
  options: {
    repairs: { type: 'string', default: '200' },
    percent: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const end = await soak(numberOf('repairs', values.repairs), numberOf('percent', values.percent), numberOf('seed', values.seed));
if (values.json) console.log(JSON.stringify(end));
else tell(end);
const bad = end.violations.length > 0 || end.measures.some(({ value, limit }) => value > limit);
process.stdout.write('', () => process.exit(bad ? 1 : 0));
