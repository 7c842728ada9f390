/** What speaks OpenTelemetry; loaded by telemetry.ts, and only where somebody wants it. */
import { randomUUID } from 'node:crypto';
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  type Meter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import type { AzureRequest } from '../azure/call.ts';
import { insightsExporters } from '../azure/insights.ts';
import program from '../package.json' with { type: 'json' };
import type { Measures } from './activities/measures.ts';
import type { Destination, StepEnd, StepOfRepair, StepTrace } from './telemetry.ts';

export interface Sdk {
  begin(step: StepOfRepair, own: Ids): StepTrace;
  close(): Promise<void>;
}

interface Ids {
  traceId: string;
  spanId: string;
}
type Env = Record<string, string | undefined>;

/** Milliseconds that the end of the process waits for what is still to be sent. */
const patience = 2000;
/** A collector that is away is told of so seldom. Milliseconds. */
const quiet = 600_000;
/** Bounds of the histograms: from a look that finds nothing to a night. Seconds. */
const buckets = [10, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 43_200];

/** @throws Error where a connection string cannot be read */
export function startSdk(env: Env, wanted: Destination[], log: Logger): Sdk {
  const ids = new OwnIds();
  const resource = resourceFromAttributes({
    'service.name': env.OTEL_SERVICE_NAME || env.WEBSITE_SITE_NAME || 'bootmedic',
    'service.version': program.version,
    'service.instance.id': env.WEBSITE_INSTANCE_ID || randomUUID(),
  });
  const exporters = wanted.map(destination => exportersTo(destination, env));
  logTroubles(log);
  const tracing = new BasicTracerProvider({
    resource,
    idGenerator: ids,
    // Repairs are few, and each counts.
    sampler: new AlwaysOnSampler(),
    spanProcessors: exporters.map(({ spans }) => new BatchSpanProcessor(spans)),
  });
  const exportIntervalMillis = Number(env.OTEL_METRIC_EXPORT_INTERVAL) || 60_000;
  const metering = new MeterProvider({
    resource,
    readers: exporters.map(({ metrics }) => {
      const exportTimeoutMillis = Math.min(exportIntervalMillis, 30_000);
      return new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis, exportTimeoutMillis });
    }),
  });
  const meters = createMeters(metering.getMeter('bootmedic', program.version));
  const tracer = tracing.getTracer('bootmedic', program.version);
  return {
    begin: (step, own) => new Step(step, own, tracer, meters, ids),
    async close() {
      const sent = Promise.allSettled([tracing.shutdown(), metering.shutdown()]);
      await Promise.race([sent, new Promise(resolve => setTimeout(resolve, patience).unref())]);
    },
  };
}

/** Addresses and headers of OTLP are the library's to read: OTEL_EXPORTER_OTLP_ENDPOINT, …_HEADERS, …_TIMEOUT. */
function exportersTo(destination: Destination, env: Env): { spans: SpanExporter; metrics: PushMetricExporter } {
  if (destination === 'otlp') return { spans: new OTLPTraceExporter(), metrics: new OTLPMetricExporter() };
  return insightsExporters(env.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '');
}

/** Random ids, but for the one span that is asked for by its own. */
class OwnIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: Ids | undefined;

  generateTraceId = (): string => this.#next?.traceId ?? this.#random.generateTraceId();
  generateSpanId = (): string => this.#next?.spanId ?? this.#random.generateSpanId();

  during<T>(ids: Ids, start: () => T): T {
    this.#next = ids;
    try {
      return start();
    } finally {
      this.#next = undefined;
    }
  }
}

type Meters = ReturnType<typeof createMeters>;
function createMeters(meter: Meter) {
  const seconds = { unit: 's', advice: { explicitBucketBoundaries: buckets } };
  return {
    repairs: meter.createCounter('bootmedic.repairs', { description: 'Repairs that have ended, by outcome' }),
    phase: meter.createHistogram('bootmedic.phase.duration', { ...seconds, description: 'Time of a repair’s steps, by phase' }),
    toRepair: meter.createHistogram('bootmedic.time_to_repair', { ...seconds, description: 'From the request to the proven boot' }),
    down: meter.createHistogram('bootmedic.downtime', { ...seconds, description: 'For which the repair itself kept the VM down' }),
    throttled: meter.createCounter('bootmedic.azure.throttled', { description: 'Requests that Azure answered with 429, by operation' }),
  };
}

class Step implements StepTrace {
  readonly #step: StepOfRepair;
  readonly #own: Ids;
  readonly #tracer: Tracer;
  readonly #meters: Meters;
  readonly #ids: OwnIds;
  /** Of the host, which traces the orchestration itself. */
  readonly #above: Context | null;
  readonly #span: Span;
  readonly #inside: Context;

  constructor(step: StepOfRepair, own: Ids, tracer: Tracer, meters: Meters, ids: OwnIds) {
    this.#step = step;
    this.#own = own;
    this.#tracer = tracer;
    this.#meters = meters;
    this.#ids = ids;
    const given = step.traceParent === undefined ? null : parseTraceParent(step.traceParent);
    this.#above = given && trace.setSpanContext(ROOT_CONTEXT, { ...given, isRemote: true });
    const parent = this.#above ?? trace.setSpanContext(ROOT_CONTEXT, { ...own, traceFlags: TraceFlags.SAMPLED, isRemote: true });
    this.#span = tracer.startSpan(step.step, { kind: SpanKind.INTERNAL, attributes: this.#attributes() }, parent);
    this.#inside = trace.setSpan(ROOT_CONTEXT, this.#span);
  }

  request(request: AzureRequest): (end: { attributes: Attributes; status: number; failed: string | null }) => void {
    const { operation, attributes } = request;
    const span = this.#tracer.startSpan(operation, { kind: SpanKind.CLIENT, attributes }, this.#inside);
    return ({ attributes, status, failed }) => {
      span.setAttributes(attributes);
      if (failed !== null) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', failed);
      span.end();
      if (status === 429) this.#meters.throttled.add(1, { operation });
    };
  }

  end(end: StepEnd): void {
    this.#span.setAttribute('bootmedic.outcome', end.outcome);
    if (end.outcome === 'fault')
      this.#span.setStatus({ code: SpanStatusCode.ERROR }).setAttributes({ 'error.type': end.kind, 'bootmedic.fault.code': end.code });
    this.#span.end();
  }

  repairEnded(from: string, to: string, measures: Measures): void {
    const { outcome, finding, playbook, totalSeconds, downSeconds, phaseSeconds, writes, throttled, faults, boots } = measures;
    const attributes = {
      ...{ 'bootmedic.repair.id': this.#step.repairId, 'bootmedic.outcome': outcome, 'bootmedic.finding': finding },
      ...{ 'bootmedic.playbook': playbook ?? '', 'bootmedic.writes': writes, 'bootmedic.throttled': throttled },
      ...{ 'bootmedic.faults': faults, 'bootmedic.boots': boots },
    };
    const options = { startTime: new Date(from), attributes };
    const all = this.#above
      ? this.#tracer.startSpan('repair', options, this.#above)
      : this.#ids.during(this.#own, () => this.#tracer.startSpan('repair', { ...options, root: true }, ROOT_CONTEXT));
    if (outcome === 'needs-person') all.setStatus({ code: SpanStatusCode.ERROR });
    all.end(new Date(to));
    this.#meters.repairs.add(1, { outcome });
    for (const [phase, seconds] of Object.entries(phaseSeconds)) this.#meters.phase.record(seconds, { phase });
    if (outcome === 'repaired') this.#meters.toRepair.record(totalSeconds, { finding });
    if (downSeconds !== null) this.#meters.down.record(downSeconds, { outcome });
  }

  #attributes(): Attributes {
    const { repairId, phase, step } = this.#step;
    return { 'bootmedic.repair.id': repairId, 'bootmedic.phase': phase, 'bootmedic.step': step };
  }
}

/** The library's own words, which tell of a collector that is away: once in a while is enough. */
function logTroubles(log: Logger): void {
  let last = Number.NEGATIVE_INFINITY;
  const tell = (message: string) => {
    if (performance.now() - last < quiet) return;
    last = performance.now();
    log.warn({ reason: message.slice(0, 200) }, 'telemetry could not be sent');
  };
  const nothing = () => {};
  diag.setLogger(
    { error: tell, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
}
