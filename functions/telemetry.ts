/**
 * OpenTelemetry: one trace per repair, over its activities and their requests to Azure, and a few metrics. It is there when the settings of
 * OpenTelemetry or Application Insights name where it goes (learn.microsoft.com/azure/azure-functions/opentelemetry-howto), loads its SDK
 * with the first activity and not with the app, and nothing waits for it or fails by it.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Trace } from '../azure/call.ts';
import type { Measures } from './activities/measures.ts';
import type { Sdk } from './telemetrySdk.ts';

export interface StepOfRepair {
  repairId: string;
  phase: string;
  /** Name of the activity. */
  step: string;
  /** W3C `traceparent`, where the host traces the orchestration itself; absent = the repair's own trace, the same on every host. */
  traceParent?: string | undefined;
}

/** What became of a step: no text of Azure's or of a guest's, which may hold anything. */
export type StepEnd = { outcome: 'done' | 'under-way' } | { outcome: 'fault'; kind: string; code: string };

export interface StepTrace extends Trace {
  end(end: StepEnd): void;
  /** The repair is over: the span of all of it, and its figures. ISO times. */
  repairEnded(from: string, to: string, measures: Measures): void;
}

export interface Telemetry {
  begin(step: StepOfRepair): Promise<StepTrace>;
  /** Sends what is there, and waits for that a little. */
  close(): Promise<void>;
}

type Env = Record<string, string | undefined>;
export type Destination = 'otlp' | 'insights';

/** Where it goes; nowhere = `[]`. Both where both are named, as the Functions host does it. */
export function destinations(env: Env): Destination[] {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return [];
  return [
    ...(env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() ? ['otlp' as const] : []),
    ...(env.APPLICATIONINSIGHTS_CONNECTION_STRING?.trim() ? ['insights' as const] : []),
  ];
}

/** Undefined = nobody wants it. */
export function createTelemetry(env: Env, log: Logger): Telemetry | undefined {
  const wanted = destinations(env);
  if (wanted.length === 0) return undefined;
  let loading: Promise<Sdk> | undefined;
  const load = () => {
    loading ??= import('./telemetrySdk.ts').then(({ startSdk }) => startSdk(env, wanted, log));
    return loading;
  };
  let told = false;
  return {
    async begin(step) {
      try {
        return (await load()).begin(step, idsOf(step.repairId));
      } catch (error) {
        if (!told) log.error({ reason: error instanceof Error ? error.message : '' }, 'no telemetry: its settings are wrong');
        told = true;
        return silent;
      }
    },
    async close() {
      await (await loading?.catch(() => undefined))?.close();
    },
  };
}

const silent: StepTrace = { request: () => () => {}, end: () => {}, repairEnded: () => {} };

/** Of the trace and of its topmost span: they follow from the repair, so that hosts that share a repair share its trace. */
export function idsOf(repairId: string): { traceId: string; spanId: string } {
  const hex = createHash('sha256').update(`bootmedic trace ${repairId}`).digest('hex');
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32, 48) };
}
