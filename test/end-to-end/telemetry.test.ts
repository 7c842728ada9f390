/** One trace per repair, over activities and requests to Azure, and metrics: as a collector of OpenTelemetry and Application Insights get them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idsOf } from '../../functions/telemetry.ts';
import { makeAuthority } from '../../simulator/authority.ts';
import { type OtlpCollector, type Span, startInsights, startOtlp } from './collectors.ts';
import { ask, ended, post, startWorld, type World } from './world.ts';

const often = { OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_METRIC_EXPORT_INTERVAL: '300' };
const secrets = /[?&](?:sig|t|c|s|h)=|adminPassword|Bearer |eyJ[A-Za-z0-9_-]{10}|api-version/;

async function vmOf(world: World, name: string): Promise<string> {
  const { vms } = (await (await ask(`${world.azure.adminUrl}/state`)).json()) as { vms: { id: string }[] };
  return vms.find(({ id }) => id.endsWith(`/${name}`))?.id ?? '';
}

async function until(holds: () => boolean, what: () => string): Promise<void> {
  for (const deadline = Date.now() + 240_000; !holds(); await new Promise(resolve => setTimeout(resolve, 50)))
    if (Date.now() > deadline) throw new Error(what());
}

describe('a repair, as a collector sees it', () => {
  let collector: OtlpCollector;
  let world: World;
  let id = '';
  let spans: Span[] = [];
  let writes: { requestId: string; operation: string; status: number }[] = [];
  const env: Record<string, string> = { ...often };

  beforeAll(async () => {
    collector = await startOtlp();
    env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    world = await startWorld({ env, timeScale: 200 });
    const answer = { status: 429, headers: { 'Retry-After': '1' }, body: { error: { code: 'TooManyRequests', message: 'Too many.' } } };
    await post(`${world.azure.adminUrl}/faults`, { match: { method: 'PUT', path: '/snapshots/' }, times: 1, answer });
    id = String((await post(`${world.url}/api/repairs`, { vmId: await vmOf(world, 'web-en-02') })).body.id);
    expect((await ended(world, id)).outcome).toBe('repaired');
    const isThere = (name: string) => collector.points(name).length > 0;
    const told = () => ['bootmedic.repairs', 'bootmedic.azure.throttled'].every(isThere);
    await until(() => told() && collector.spans().some(({ name }) => name === 'repair'), world.output);
    spans = collector.spans().filter(({ attributes }) => attributes['bootmedic.repair.id'] === id);
    const audit = (await (await ask(`${world.url}/api/repairs/${id}/audit`)).json()) as { writes: typeof writes };
    writes = audit.writes;
  }, 600_000);
  afterAll(async () => {
    await world?.close();
    collector?.close();
  });

  test('is one trace: every activity is a child of the repair, and each is told whole', () => {
    const own = idsOf(id);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([own.traceId]));
    const [all, ...others] = spans.filter(({ name }) => name === 'repair');
    expect(others).toEqual([]);
    expect(all).toMatchObject({ spanId: own.spanId, attributes: { 'bootmedic.outcome': 'repaired' } });
    expect(all?.parentSpanId || undefined).toBeUndefined();
    const steps = spans.filter(({ name }) => name !== 'repair');
    expect(steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['inspectVm', 'diagnoseVm', 'ensureSnapshot', 'ensureOsDisk', 'writeReport']),
    );
    for (const { parentSpanId, attributes, name } of steps)
      expect({ parentSpanId, step: attributes['bootmedic.step'] }).toEqual({ parentSpanId: own.spanId, step: name });
    expect(Number(all?.startTimeUnixNano)).toBeLessThanOrEqual(Math.min(...steps.map(step => Number(step.startTimeUnixNano))));
  });

  test('has each request to Azure under its activity: method, path, status, request id, and how long to wait', () => {
    const steps = new Map(spans.filter(({ name }) => name !== 'repair').map(span => [span.spanId, span]));
    const calls = collector.spans().filter(({ parentSpanId }) => parentSpanId !== undefined && steps.has(parentSpanId));
    for (const { traceId, kind } of calls) expect([traceId, kind]).toEqual([idsOf(id).traceId, 3]);
    expect(writes.length).toBeGreaterThan(8);
    for (const { requestId, operation, status } of writes) {
      const call = calls.find(({ attributes }) => attributes['azure.service.request.id'] === requestId);
      expect(call).toMatchObject({ name: operation, attributes: { 'http.response.status_code': status } });
    }
    const refused = calls.filter(({ attributes }) => attributes['http.response.status_code'] === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({
      failed: true,
      attributes: { 'http.request.method': 'PUT', 'http.response.header.retry-after': '1' },
    });
    expect(String(refused[0]?.attributes['url.path'])).toMatch(/^\/subscriptions\/[^?]+\/snapshots\/[^?]+$/);
    expect(steps.get(refused[0]?.parentSpanId ?? '')).toMatchObject({ name: 'ensureSnapshot', failed: true });
    expect(calls.filter(({ name }) => name === 'Microsoft.Storage/blobs/append').length).toBeGreaterThan(writes.length);
  });

  test('adds to the metrics: outcomes, phases, what was throttled, the time to repair', () => {
    expect(collector.points('bootmedic.repairs')).toEqual([{ attributes: { outcome: 'repaired' }, count: 1, sum: 1 }]);
    expect(collector.points('bootmedic.azure.throttled')).toEqual([
      { attributes: { operation: 'Microsoft.Compute/snapshots/write' }, count: 1, sum: 1 },
    ]);
    const phases = collector.points('bootmedic.phase.duration').map(({ attributes }) => attributes.phase);
    expect(phases).toEqual(expect.arrayContaining(['inspect', 'protect', 'swap', 'verify']));
    const [toRepair, ...others] = collector.points('bootmedic.time_to_repair');
    expect(others).toEqual([]);
    expect(toRepair).toMatchObject({ count: 1, attributes: { finding: expect.stringMatching(/^0x/) } });
    expect(toRepair?.sum).toBeGreaterThan(1);
  });

  test('tells no secret', () => {
    expect(collector.text().length).toBeGreaterThan(50_000);
    expect(secrets.exec(collector.text())?.[0]).toBeUndefined();
    expect(collector.text()).not.toContain(world.azure.identityHeader);
  });

  test('goes to Application Insights by the app’s identity', async () => {
    const authority = await makeAuthority();
    const insights = await startInsights(authority);
    try {
      const trusted = join(world.folder, 'trusted.pem');
      writeFileSync(trusted, `${readFileSync(world.azure.caPath, 'utf8')}\n${authority.ca}`);
      delete env.OTEL_EXPORTER_OTLP_ENDPOINT;
      const connection = `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=${insights.url}/`;
      Object.assign(env, { NODE_EXTRA_CA_CERTS: trusted, APPLICATIONINSIGHTS_CONNECTION_STRING: connection });
      await world.killHost();
      await world.startHost();
      const healthy = String((await post(`${world.url}/api/repairs`, { vmId: await vmOf(world, 'db-ok-03') })).body.id);
      expect((await ended(world, healthy)).outcome).toBe('healthy');
      const of = (name: string) => insights.envelopes().filter(({ data: { baseData } }) => baseData.name === name);
      const metrics = () => insights.envelopes().filter(({ data }) => data.baseType === 'MetricData');
      await until(
        () => of('repair').length > 0 && metrics().some(each => JSON.stringify(each).includes('bootmedic.repairs')),
        world.output,
      );
      const { traceId, spanId } = idsOf(healthy);
      expect(of('inspectVm')[0]?.tags).toMatchObject({ 'ai.operation.id': traceId, 'ai.operation.parentId': spanId });
      expect(insights.refused()).toBe(0);
      expect(secrets.exec(insights.text())?.[0]).toBeUndefined();
    } finally {
      insights.close();
    }
  }, 600_000);
});

test('a collector that takes everything in and never answers delays no repair, and not the end of the host', async () => {
  const hole = createServer(socket => socket.on('error', () => {}).resume());
  await new Promise<void>(resolve => hole.listen(0, '127.0.0.1', resolve));
  const address = hole.address();
  // Longer than any of this takes on a machine that has much to do: who waited for one export would be later than the limits below.
  const OTEL_EXPORTER_OTLP_TIMEOUT = '300000';
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const env = { ...often, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TIMEOUT };
  const world = await startWorld({ env, timeScale: 200 });
  try {
    const ids = [];
    for (const name of ['db-ok-03', 'crm-en-05'])
      ids.push(String((await post(`${world.url}/api/repairs`, { vmId: await vmOf(world, name) })).body.id));
    const begun = performance.now();
    const views = await Promise.all(ids.map(id => ended(world, id)));
    expect(views.map(({ outcome }) => outcome)).toEqual(['healthy', 'repaired']);
    expect(performance.now() - begun).toBeLessThan(250_000);
  } finally {
    const begun = performance.now();
    await world.close();
    hole.close();
    expect(performance.now() - begun).toBeLessThan(100_000);
  }
}, 400_000);
