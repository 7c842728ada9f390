/** What every request to Azure Resource Manager passes through on its way out. */
import type { PipelinePolicy, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { type Call, correlationId, currentCall } from './call.ts';
import type { Clock } from './clock.ts';
import { retryAfter, toFault } from './errors.ts';
import { actionOf, changesNothing } from './ids.ts';

/** One request that changed Azure, or tried to. No query, no body: neither a signature nor a password can be in it. */
export interface AzureWrite {
  /** ISO time of the answer, or of the asking. */
  at: string;
  /** False = about to be sent: should nothing follow under the same `attempt`, it may have been carried out all the same. */
  answered: boolean;
  /** The request's own id, also sent as `x-ms-client-request-id`. */
  attempt: string;
  by?: string | undefined;
  planHash?: string | undefined;
  approvedBy?: string | undefined;
  method: string;
  resource: string;
  /** As Azure's roles name it: `Microsoft.Compute/virtualMachines/powerOff/action`. */
  operation: string;
  /** 0 = no answer came: it may have been carried out. */
  status: number;
  requestId: string;
  correlationId: string;
  phase: string;
  step: string;
  before?: string;
  after?: string;
  /** Wall milliseconds until the answer. */
  ms: number;
}
export type OnWrite = (repairId: string, write: AzureWrite) => Promise<void>;

/** One correlation id a repair, through all of Azure's own logs. */
export const correlationPolicy: PipelinePolicy = {
  name: 'bootmedicCorrelation',
  sendRequest(request, next) {
    const call = currentCall();
    if (call) request.headers.set('x-ms-correlation-request-id', correlationId(call.repairId));
    return next(request);
  },
};

/**
 * Tells every write to `onWrite` twice: before it is sent, so that a host which dies after Azure's yes leaves a trace, and before its answer
 * goes on, so that a caller that got an answer knows that it is on record. What cannot be put on record is not sent.
 */
export function auditPolicy(onWrite: OnWrite, clock: Clock): PipelinePolicy {
  return {
    name: 'bootmedicAudit',
    async sendRequest(request, next) {
      const { pathname } = new URL(request.url);
      const call = currentCall();
      if (changesNothing(request.method, pathname) || !call) return next(request);
      const begun = performance.now();
      const tell = (answer: PipelineResponse | null | 'not yet') =>
        onWrite(call.repairId, {
          ...entry(call, request.method, pathname, answer === 'not yet' ? null : answer),
          ...{ at: clock.now().toISOString(), answered: answer !== 'not yet', attempt: request.requestId },
          ms: Math.round(performance.now() - begun),
        });
      await tell('not yet');
      let answer: PipelineResponse;
      try {
        answer = await next(request);
      } catch (error) {
        await tell(null);
        throw error;
      }
      await tell(answer);
      return answer;
    },
  };
}

function entry(
  call: Call,
  method: string,
  resource: string,
  answer: PipelineResponse | null,
): Omit<AzureWrite, 'at' | 'ms' | 'answered' | 'attempt'> {
  return {
    method,
    resource: call.named?.resource ?? resource,
    operation: call.named?.operation ?? actionOf(method, resource),
    status: answer?.status ?? 0,
    requestId: answer?.headers.get('x-ms-request-id') ?? '',
    correlationId: correlationId(call.repairId),
    phase: call.phase,
    step: call.step,
    ...(call.by && { by: call.by }),
    ...(call.planHash && { planHash: call.planHash }),
    ...(call.approvedBy && { approvedBy: call.approvedBy }),
    ...(call.before !== undefined && { before: call.before }),
    ...(call.after !== undefined && { after: call.after }),
  };
}

/** `Retry-After` is in wall seconds; from here on it is in service seconds like every other wait, and is divided again where it is waited. */
export function retryAfterPolicy(clock: Clock): PipelinePolicy {
  return {
    name: 'bootmedicRetryAfter',
    async sendRequest(request, next) {
      const answer = await next(request);
      const seconds = retryAfter(name => answer.headers.get(name));
      if (seconds !== null) answer.headers.set('retry-after', String(clock.toServiceSeconds(seconds)));
      return answer;
    },
  };
}

/** Wall seconds before the first and second repetition of a read. */
const pauses = [0.3, 1];

/**
 * Reads are repeated twice on a broken connection or a server's error. Never a write, and never a 429: its Retry-After
 * belongs on a durable timer, not in a function that is billed while it sleeps.
 */
export function readRetryPolicy(clock: Clock): PipelinePolicy {
  return {
    name: 'bootmedicReadRetry',
    async sendRequest(request, next) {
      if (request.method !== 'GET') return next(request);
      for (const pause of pauses) {
        const answer = await attempt(next, request);
        if (answer) return answer;
        await clock.sleep(clock.toServiceSeconds(pause));
      }
      return next(request);
    },
  };
}

/** Undefined = worth another try. */
async function attempt(next: SendRequest, request: Parameters<SendRequest>[0]): Promise<PipelineResponse | undefined> {
  try {
    const answer = await next(request);
    return answer.status >= 500 ? undefined : answer;
  } catch (error) {
    if (toFault(error).kind !== 'transient') throw error;
    return undefined;
  }
}
