/** What every activity is wrapped in: whose call it is, faults as values, one line in the timeline when a step has ended. */
import type { DurableClient } from 'durable-functions';
import { correlationId, inCall } from '../../azure/call.ts';
import { fail, toFault } from '../../azure/errors.ts';
import type { StepEnd, StepTrace } from '../telemetry.ts';
import type { Activities, Envelope, Fault, Reply } from './contract.ts';
import type { Tools } from './tools.ts';
import { describe } from './words.ts';

export type Name = keyof Activities & string;
export type Input<N extends Name> = Parameters<Activities[N]>[0];
export type Output<N extends Name> = ReturnType<Activities[N]>;

/** One step with a side effect. May run again at any time, also beside itself. Throws what Azure threw, or an AzureError. */
export type Activity<N extends Name> = (input: Input<N>, tools: Given) => Promise<Output<N>>;
/** `client` is there for those that start or remove orchestrations (`usesClient` of index.ts). */
export type Given = Tools & { repairId: string; client?: DurableClient | undefined; trace?: StepTrace | undefined };

/** @throws AzureError where the activity is missing in `usesClient` */
export function given(client: DurableClient | undefined): DurableClient {
  if (client === undefined) throw fail('fatal', 'noClient', 'the activity was registered without a durable client');
  return client;
}

/** Runs an activity as the orchestrator called it. Never throws: what it threw is the reply's fault. */
export async function runActivity<N extends Name>(
  name: N,
  work: Activity<N>,
  { repairId, phase, since, asked, input }: Envelope<Input<N>>,
  tools: Tools,
  client?: DurableClient,
  traceParent?: string,
): Promise<Reply<Output<N>>> {
  const log = tools.log.child({ repairId, correlationId: correlationId(repairId), phase, step: name });
  const trace = await tools.telemetry?.begin({ repairId, phase, step: name, traceParent });
  const reply = await inCall({ repairId, phase, step: name, ...asked, trace }, () =>
    answer(() => work(input, { ...tools, log, repairId, client, trace })),
  );
  trace?.end(endOf(reply));
  if (reply.ok && isUnderWay(reply.value)) {
    log.debug({ awaiting: reply.value.awaiting }, 'under way');
    return reply;
  }
  if (reply.ok) log.info({ since }, 'done');
  else log.warn({ since, fault: reply.fault }, 'fault');
  const entry = { from: since, to: tools.clock.now().toISOString(), phase, step: name, what: describe(name, input) };
  const end = reply.ok ? { outcome: 'done' as const, detail: '' } : { outcome: 'fault' as const, detail: detailOf(reply.fault) };
  try {
    await tools.records.appendTimeline(repairId, { ...entry, ...end });
  } catch (error) {
    // The step was taken: that it is missing from the timeline must not make it fail.
    log.error({ fault: toFault(error) }, 'the timeline could not be written');
  }
  return reply;
}

async function answer<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, fault: toFault(error) };
  }
}

function endOf(reply: Reply<unknown>): StepEnd {
  if (reply.ok) return { outcome: isUnderWay(reply.value) ? 'under-way' : 'done' };
  return { outcome: 'fault', kind: reply.fault.kind, code: reply.fault.code };
}

function isUnderWay(value: unknown): value is { done: false; awaiting: string } {
  return typeof value === 'object' && value !== null && 'done' in value && value.done === false;
}

function detailOf({ kind, code, message }: Fault): string {
  return `${kind} (${code}): ${message}`;
}
