/** What a step's trace hangs on, and that telemetry which cannot be had changes nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { ActivityApp } from '../../functions/activities/index.ts';
import { registerActivities } from '../../functions/activities/index.ts';
import type { Tools } from '../../functions/activities/tools.ts';
import { createTelemetry, destinations, idsOf, type Telemetry } from '../../functions/telemetry.ts';
import { type OtlpCollector, startOtlp } from '../end-to-end/collectors.ts';

const step = { repairId: 'r-abcdefghijkl', phase: 'protect', step: 'ensureSnapshot' };

test('it goes where the settings say: nowhere by default', () => {
  expect(destinations({})).toEqual([]);
  expect(destinations({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })).toEqual([]);
  const both = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=1' };
  expect(destinations(both)).toEqual(['otlp', 'insights']);
  expect(destinations({ ...both, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  expect(createTelemetry({}, pino({ enabled: false }))).toBeUndefined();
});

test('the ids of a trace follow from the repair', () => {
  expect(idsOf('r-abcdefghijkl')).toEqual(idsOf('r-abcdefghijkl'));
  expect(idsOf('r-abcdefghijkl').traceId).not.toBe(idsOf('r-abcdefghijkm').traceId);
  expect(idsOf('r-abcdefghijkl')).toEqual({
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
});

// The exporter counts its own failures, and would go on to count them.
process.env.APPLICATIONINSIGHTS_STATSBEAT_DISABLED = 'true';

test('settings that are wrong are told once, and every step goes on', async () => {
  const lines: string[] = [];
  const telemetry = createTelemetry({ APPLICATIONINSIGHTS_CONNECTION_STRING: 'nonsense' }, pino({}, { write: line => lines.push(line) }));
  for (let n = 0; n < 3; n++) {
    const trace = await telemetry?.begin(step);
    trace?.request({ operation: 'x', attributes: {} })({ attributes: {}, status: 200, failed: null });
    trace?.end({ outcome: 'done' });
  }
  await telemetry?.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('no telemetry');
});

describe('a step', () => {
  let collector: OtlpCollector;
  let telemetry: Telemetry | undefined;
  beforeAll(async () => {
    collector = await startOtlp();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  });
  afterEach(() => telemetry?.close());
  afterAll(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    collector.close();
  });
  const create = () => createTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, pino({ enabled: false }));

  test('belongs to the host’s trace where the host has one, whether or not the host would sample it; else to the repair’s', async () => {
    telemetry = create();
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    for (const traceParent of [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-00`, 'nonsense', undefined])
      (await telemetry?.begin({ ...step, step: String(traceParent), traceParent }))?.end({ outcome: 'done' });
    await telemetry?.close();
    const [sampled, unsampled, ...own] = collector.spans();
    for (const span of [sampled, unsampled]) expect(span).toMatchObject({ traceId, parentSpanId: spanId });
    expect(own).toHaveLength(2);
    for (const span of own)
      expect(span).toMatchObject({ traceId: idsOf(step.repairId).traceId, parentSpanId: idsOf(step.repairId).spanId });
  });

  test('is begun by the activity with what the host gives it, and ended with its fault’s kind and code, not its words', async () => {
    telemetry = create();
    const handlers = new Map<string, Parameters<ActivityApp['activity']>[1]['handler']>();
    const tools = {
      telemetry,
      log: pino({ enabled: false }),
      clock: { now: () => new Date() },
      records: { appendTimeline: async () => {} },
    };
    // An activity that reaches for Azure falls: there is none.
    registerActivities({ activity: (name, { handler }) => handlers.set(name, handler) }, () => tools as unknown as Tools);
    const traceId = '1af7651916cd43dd8448eb211c80319c';
    const envelope = {
      repairId: step.repairId,
      phase: 'protect',
      since: new Date().toISOString(),
      input: { snapshotId: '/s', diskId: '/d' },
    };
    await handlers.get('ensureSnapshot')?.(envelope as never, undefined, `00-${traceId}-b7ad6b7169203331-01`);
    await telemetry?.close();
    const span = collector.spans().find(each => each.traceId === traceId);
    expect(span).toMatchObject({
      name: 'ensureSnapshot',
      failed: true,
      attributes: { 'bootmedic.phase': 'protect', 'bootmedic.outcome': 'fault' },
    });
    expect(JSON.stringify(span)).not.toContain('Cannot read');
  });
});
