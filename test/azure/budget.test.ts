/** The pace against the simulator's own buckets, on one clock that stands still unless it is moved. */
import { createEmptyPipeline, createHttpHeaders, createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline';
import { describe, expect, test } from '@jest/globals';
import { askOf, Pace, pacePolicy } from '../../azure/budget.ts';
import type { Clock } from '../../azure/clock.ts';
import { AzureError } from '../../azure/errors.ts';
import { ArmError } from '../../simulator/arm/errors.ts';
import { Throttle } from '../../simulator/arm/throttle.ts';
import { Clock as ServiceClock } from '../../simulator/clock.ts';
import fc from '../fastCheck.ts';

const group = '/subscriptions/S/resourceGroups/g/providers/Microsoft.Compute';

/** Azure's buckets behind the pace, or without it. */
class Wire {
  ms = Date.parse('2026-01-01T00:00:00Z');
  /** When the present request was asked for: many are at once. */
  asked = this.ms;
  sent = 0;
  refused = 0;
  readonly slept: number[] = [];
  readonly #service = new (class extends ServiceClock {
    readonly wire: Wire;
    constructor(wire: Wire) {
      super(1);
      this.wire = wire;
    }
    override now = () => new Date(this.wire.ms);
    override since = (time: Date) => (this.wire.ms - time.getTime()) / 1000;
  })(this);
  readonly throttle = new Throttle(this.#service);
  readonly #pipeline = createEmptyPipeline();

  constructor(paced = true) {
    const clock: Clock = {
      ...{ timeScale: 1, now: () => new Date(this.ms) },
      sleep: async seconds => {
        this.slept.push(seconds);
        this.ms = Math.max(this.ms, this.asked + seconds * 1000);
      },
      toServiceSeconds: seconds => seconds,
      since: iso => (this.ms - Date.parse(iso)) / 1000,
    };
    if (paced) this.#pipeline.addPolicy(pacePolicy(new Pace(clock), clock));
  }

  /** @returns seconds to wait before it is tried again; 0 = done */
  async send(method: HttpMethods, path: string): Promise<number> {
    this.asked = this.ms;
    const request = createPipelineRequest({ method, url: `https://arm${path}?api-version=1` });
    try {
      const answer = await this.#pipeline.sendRequest({ sendRequest: async () => this.#answer(request, method, path) }, request);
      return answer.status === 429 ? Number(answer.headers.get('retry-after')) : 0;
    } catch (error) {
      if (error instanceof AzureError && error.fault.kind === 'throttled') return error.fault.retryAfterSeconds ?? 0;
      throw error;
    }
  }

  #answer(request: ReturnType<typeof createPipelineRequest>, method: string, path: string) {
    this.sent++;
    const write = askOf(method, path);
    try {
      const headers = {
        ...this.throttle.arm('s', method),
        ...(write?.vm
          ? this.throttle.compute(write.kind === 'PutVM' ? 'put' : write.kind === 'DeleteVM' ? 'delete' : 'update', write.vm)
          : {}),
        'azure-asyncoperation': 'https://arm/subscriptions/s/providers/Microsoft.Compute/locations/westeurope/operations/1',
      };
      return { request, status: 202, headers: createHttpHeaders(headers) };
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      this.refused++;
      return { request, status: 429, headers: createHttpHeaders(error.headers) };
    }
  }
}

/** Twenty repairs at once, each with its writes one after another; who has to wait comes again when it was told to. */
async function twenty(wire: Wire): Promise<{ seconds: number }> {
  const began = wire.ms;
  const waiting = Array.from({ length: 20 }, (_, n) => {
    const failed = `${group}/virtualMachines/failed${n}`;
    const repair = `${group}/virtualMachines/repair${n}`;
    const writes: [HttpMethods, string][] = [
      ...[1, 2, 3, 4, 5].flatMap((): [HttpMethods, string][] => [
        ['PUT', `${group}/snapshots/s${n}`],
        ['PUT', `${group}/disks/d${n}`],
        ['POST', `${failed}/powerOff`],
        ['PATCH', failed],
        ['POST', `${failed}/start`],
        ['POST', `${repair}/attachDetachDataDisks`],
        ['PUT', `${repair}/runCommands/a`],
        ['PUT', `${repair}/runCommands/b`],
      ]),
      ['DELETE', repair],
    ];
    return { at: began, writes };
  });
  while (waiting.some(({ writes }) => writes.length > 0)) {
    const next = waiting.filter(({ writes }) => writes.length > 0).reduce((a, b) => (b.at < a.at ? b : a));
    wire.ms = Math.max(wire.ms, next.at);
    const [method, path] = next.writes[0] ?? ['PUT', ''];
    const wait = await wire.send(method, path);
    if (wait === 0) next.writes.shift();
    // A second of service between two writes.
    next.at = wire.ms + (wait === 0 ? 1000 : wait * 1000);
  }
  return { seconds: (wire.ms - began) / 1000 };
}

describe('twenty repairs at once', () => {
  test('meet no 429 to speak of, and are not much slower for it', async () => {
    const [paced, free] = [new Wire(), new Wire(false)];
    const [slow, fast] = [await twenty(paced), await twenty(free)];
    expect(free.refused).toBeGreaterThan(50);
    expect(paced.refused).toBeLessThanOrEqual(paced.sent / 100);
    expect(slow.seconds).toBeLessThan(fast.seconds * 1.5);
  });

  test('also where another program has used up most of what the subscription has', async () => {
    const wire = new Wire();
    for (let n = 0; n < 190; n++) wire.throttle.arm('s', 'PUT');
    await twenty(wire);
    expect(wire.refused).toBeLessThanOrEqual(wire.sent / 50);
  });
});

describe('one VM', () => {
  test('gets twelve writes at once and four a minute; others have theirs', async () => {
    const wire = new Wire();
    const vm = `${group}/virtualMachines/a`;
    const waits: number[] = [];
    for (let n = 0; n < 15; n++) waits.push(await wire.send('POST', `${vm}/start`));
    expect(waits).toEqual([...Array<number>(12).fill(0), 15, 30, 45]);
    expect([wire.sent, await wire.send('POST', `${group}/virtualMachines/B/start`), await wire.send('PUT', vm)]).toEqual([12, 0, 0]);
    wire.ms += 15_000;
    expect(await wire.send('POST', `${vm.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')}/powerOff`)).toBe(0);
  });

  test('is never held back for ever, and a look not by it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { minLength: 1, maxLength: 60 }), async pauses => {
        const wire = new Wire();
        for (const pause of pauses) {
          wire.ms += pause * 1000;
          const wait = await wire.send('PATCH', `${group}/virtualMachines/a`);
          expect(wait).toBeLessThanOrEqual(15 * pauses.length);
          expect(await wire.send('POST', `${group}/virtualMachines/a/retrieveBootDiagnosticsData`)).toBe(0);
          if (wait > 0) {
            wire.ms += wait * 1000;
            expect(await wire.send('PATCH', `${group}/virtualMachines/a`)).toBe(0);
          }
        }
        expect(wire.refused).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('looks', () => {
  test('wait here for some seconds, one behind the other, and are never refused', async () => {
    const wire = new Wire();
    const begun = wire.ms;
    for (let n = 0; n < 500; n++) expect(await wire.send('GET', `${group}/virtualMachines/a${n}`)).toBe(0);
    expect([wire.sent, wire.refused]).toEqual([500, 0]);
    // 225 at once, then 25 a second: what Azure grants, less what is left to others.
    expect((wire.ms - begun) / 1000).toBeGreaterThan(10);
    expect((wire.ms - begun) / 1000).toBeLessThan(13);
  });

  test('are sent to the durable timer when a thousand others are before them, and none of these waits long', async () => {
    const wire = new Wire();
    const waits: number[] = [];
    for (let n = 0; n < 1000; n++) {
      const at = wire.ms;
      waits.push(await wire.send('GET', `${group}/virtualMachines/a${n}`));
      wire.ms = at;
    }
    expect(Math.max(...wire.slept)).toBeLessThanOrEqual(20);
    // 225 at once, and what flows in within twenty seconds.
    expect(wire.sent).toBeGreaterThan(700);
    expect(wire.sent).toBeLessThanOrEqual(725);
    const later = waits.filter(wait => wait > 0);
    expect(later).toHaveLength(1000 - wire.sent);
    expect(Math.min(...later)).toBeGreaterThan(20);
    expect(new Set(later).size).toBeGreaterThan(5);
  });
});

test.each([
  ['GET', '/virtualMachines/a', 'Look'],
  ['POST', '/virtualMachines/a/retrieveBootDiagnosticsData', 'Look'],
  ['PUT', '/virtualMachines/a', 'PutVM'],
  ['PATCH', '/virtualMachines/a', 'UpdateVM'],
  ['PUT', '/virtualMachines/a/runCommands/b', 'UpdateVM'],
  ['DELETE', '/virtualMachines/a/runCommands/b', 'UpdateVM'],
  ['DELETE', '/virtualMachines/a', 'DeleteVM'],
  ['POST', '/virtualMachines/a/deallocate', 'DeleteVM'],
])('%s %s counts as %s', (method, path, kind) => {
  expect(askOf(method, `${group}${path}`)?.kind ?? null).toBe(kind);
});

test('what no answer should say changes nothing', async () => {
  const pace = new Pace({ timeScale: 1, now: () => new Date(0), sleep: async () => {}, toServiceSeconds: s => s, since: () => 0 });
  const write = askOf('PUT', `${group}/virtualMachines/a`);
  if (write === null) throw new Error('it writes');
  for (const odd of [
    '',
    ';',
    'Microsoft.Compute/PutVMResource;-1',
    'Microsoft.Compute/PutVMResource;x',
    `${'a'.repeat(9999)};1`,
    '__proto__;0',
  ])
    pace.note(write, () => odd);
  expect(pace.take(write)).toBe(0);
});
