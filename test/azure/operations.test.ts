import { describe, expect, test } from '@jest/globals';
import type { OperationState } from '../../azure/arm.ts';
import type { BlobStore } from '../../azure/blobs.ts';
import { inCall } from '../../azure/call.ts';
import type { Clock } from '../../azure/clock.ts';
import { toFault } from '../../azure/errors.ts';
import { busy, createOperations, type Goal, idle, type Look, type Progress, reached } from '../../azure/operations.ts';
import fc from '../fastCheck.ts';

const call = { repairId: 'r-abcdefghijkl', phase: 'swap', step: 'ensureStarted' };

/** A resource that somebody has to switch on. Time passes only by sleeping. */
class World {
  seconds = 0;
  on = false;
  starts = 0;
  retryAfter: number | null = null;
  /** How the next operations end, and after how many seconds. */
  ends: { after: number; fault: boolean }[] = [];
  looks: number[] = [];
  running: { until: number; fault: boolean } | null = null;
  /** Calls until the process dies; counts every effect. */
  lifetime = Number.POSITIVE_INFINITY;
  readonly files = new Map<string, string>();

  #live(): void {
    if (this.lifetime-- <= 0) throw new Error('killed');
    if (this.running && this.seconds >= this.running.until && !this.running.fault) this.on = true;
  }

  readonly clock: Clock = {
    timeScale: 1,
    now: () => new Date(this.seconds * 1000),
    sleep: async seconds => {
      this.#live();
      this.seconds += seconds;
    },
    toServiceSeconds: seconds => seconds,
    since: iso => this.seconds - Date.parse(iso) / 1000,
  };

  readonly blobs = {
    get: async (_: string, name: string) => {
      this.#live();
      const text = this.files.get(name);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    put: async (_: string, name: string, body: string) => {
      this.#live();
      this.files.set(name, body);
    },
    create: async (_: string, name: string, body: string) => {
      this.#live();
      if (this.files.has(name)) return false;
      this.files.set(name, body);
      return true;
    },
  } as unknown as BlobStore;

  /** How often the operation itself was asked. */
  asked = 0;
  readonly operation = async (): Promise<OperationState> => {
    this.#live();
    this.asked++;
    if (this.running === null) return { status: 'gone' };
    if (this.seconds < this.running.until) return { status: 'running', retryAfterSeconds: null };
    return this.running.fault
      ? { status: 'failed', fault: { kind: 'transient', code: 'Broke', message: 'broke' } }
      : { status: 'succeeded' };
  };

  readonly goal: Goal<string> = {
    operation: 'start vm/1',
    span: { p10: 4, p50: 5, p90: 14 },
    look: async (): Promise<Look<string>> => {
      this.#live();
      this.looks.push(this.seconds);
      if (this.on) return reached('on');
      return this.running && this.seconds < this.running.until ? busy('Updating') : idle;
    },
    start: async () => {
      this.#live();
      this.starts++;
      const { after, fault } = this.ends.shift() ?? { after: 0, fault: false };
      this.running = { until: this.seconds + after, fault };
      return { operationUrl: 'https://arm/operations/1', retryAfterSeconds: this.retryAfter };
    },
    change: () => ({ before: 'stopped', after: 'running' }),
  };

  reach(): Promise<Progress<string>> {
    return inCall(call, () => createOperations({ operation: this.operation }, this.blobs, this.clock).reach(this.goal));
  }

  /** As the runbook does: again until it is done, waiting as long as it says; faults and deaths are survived. */
  async until(limit = 200): Promise<string> {
    for (let n = 0; n < limit; n++) {
      try {
        const progress = await this.reach();
        if (progress.done) return progress.value;
        this.seconds += progress.checkAfterSeconds;
      } catch (error) {
        if (!(error instanceof Error && error.message === 'killed') && toFault(error).kind !== 'transient') throw error;
        this.lifetime = Number.POSITIVE_INFINITY;
        this.seconds += 1;
      }
    }
    throw new Error(`not reached after ${limit} calls`);
  }
}

describe('a long operation', () => {
  test('that nobody started is started once, and the first look comes when it is likely to be over', async () => {
    const world = new World();
    world.ends = [{ after: 4, fault: false }];
    expect(await world.reach()).toEqual({ done: true, value: 'on' });
    expect(world.starts).toBe(1);
    expect(world.looks).toEqual([0, 5.3]);
    expect(world.asked).toBe(0);
  });

  test('that only we can have started is not looked at before', async () => {
    const world = new World();
    world.goal.onlyOurs = true;
    world.ends = [{ after: 4, fault: false }];
    expect(await world.reach()).toEqual({ done: true, value: 'on' });
    expect(world.looks).toEqual([5.3]);
  });

  test('a note that storage hides makes us start nothing twice', async () => {
    const world = new World();
    world.goal.onlyOurs = true;
    world.ends = [{ after: 100, fault: false }];
    await world.reach();
    world.blobs.get = async () => undefined;
    expect(await world.until()).toBe('on');
    expect(world.starts).toBe(1);
  });

  test('that is as wanted already is not started', async () => {
    const world = new World();
    world.on = true;
    expect(await world.reach()).toEqual({ done: true, value: 'on' });
    expect(world.starts).toBe(0);
  });

  test('that somebody else is doing is waited for', async () => {
    const world = new World();
    world.running = { until: 60, fault: false };
    const progress = await world.reach();
    expect(progress).toMatchObject({ done: false, awaiting: 'start vm/1 (Updating)' });
    expect(await world.until()).toBe('on');
    expect(world.starts).toBe(0);
  });

  test('a slow one is waited for outside, ever less often', async () => {
    const world = new World();
    world.ends = [{ after: 400, fault: false }];
    const waits: number[] = [];
    for (;;) {
      const progress = await world.reach();
      if (progress.done) break;
      waits.push(progress.checkAfterSeconds);
      world.seconds += progress.checkAfterSeconds;
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBeGreaterThan(15);
    expect(world.starts).toBe(1);
    expect(world.looks.length).toBeLessThan(45);
    expect(world.asked).toBe(0);
  });

  test('the service’s Retry-After wins over the recorded time', async () => {
    const world = new World();
    world.retryAfter = 30;
    world.ends = [{ after: 4, fault: false }];
    expect(await world.reach()).toEqual({ done: false, checkAfterSeconds: 30, awaiting: 'start vm/1' });
  });

  test('that failed tells why, once, and is then started anew', async () => {
    const world = new World();
    world.ends = [{ after: 3, fault: true }];
    await expect(world.reach()).rejects.toThrow('Broke');
    expect(await world.reach()).toEqual({ done: true, value: 'on' });
    expect(world.starts).toBe(2);
  });

  test('whose success does not show is given some looks, then told', async () => {
    const world = new World();
    world.ends = [{ after: 300, fault: false }];
    const stubborn: Goal<string> = { ...world.goal, look: async () => idle };
    const reach = () => inCall(call, () => createOperations({ operation: world.operation }, world.blobs, world.clock).reach(stubborn));
    let code = '';
    for (let n = 0; n < 50 && code === ''; n++) {
      await reach().catch(error => (code = toFault(error).code));
      world.seconds += 10;
    }
    expect(code).toBe('notAsExpected');
    expect(world.starts).toBe(1);
  });

  test('keeps what it knows of the operation under the repair, and nowhere else', async () => {
    const world = new World();
    world.ends = [{ after: 100, fault: false }];
    await world.reach();
    expect([...world.files.keys()]).toEqual(['r-abcdefghijkl/operations/start-vm-1.json']);
    await world.until();
    expect([...world.files.values()].join()).not.toContain('https://');
  });

  test('killed at any point and begun again, it is reached, and started no more often than it failed', async () => {
    const ends = fc.array(fc.record({ after: fc.nat(90), fault: fc.boolean() }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(ends, fc.nat(40), fc.boolean(), async (plan, lifetime, onlyOurs) => {
        const world = new World();
        world.goal.onlyOurs = onlyOurs;
        world.ends = plan.map(end => ({ ...end }));
        world.lifetime = lifetime;
        expect(await world.until()).toBe('on');
        const failures = plan.findIndex(end => !end.fault) < 0 ? plan.length : plan.findIndex(end => !end.fault);
        // Killed between Azure's yes and our note, an operation that then fails is told by nobody, but begun again all the same.
        expect(world.starts).toBeLessThanOrEqual(failures + 1);
        expect(world.starts).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a note that somebody has damaged', () => {
  const name = 'r-abcdefghijkl/operations/start-vm-1.json';
  const damaged = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map(value => JSON.stringify(value)),
    fc
      .record({ url: fc.oneof(fc.string(), fc.constant(null)), startedAt: fc.string(), failures: fc.double() })
      .map(value => JSON.stringify(value)),
  );

  test('hinders nothing: the resource says how far it is', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.boolean(), async (text, onlyOurs) => {
        const world = new World();
        world.ends = [{ after: 20, fault: false }];
        world.files.set(name, text);
        const goal = { ...world.goal, onlyOurs };
        const reach = () => inCall(call, () => createOperations({ operation: world.operation }, world.blobs, world.clock).reach(goal));
        for (let n = 0; n < 20 && !(await reach()).done; n++) world.seconds += 10;
        expect([world.on, world.starts]).toEqual([true, 1]);
      }),
    );
  });
});
