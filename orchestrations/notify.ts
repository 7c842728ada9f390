/** Delivers one notice to one webhook, in an orchestration of its own: however long that takes, no repair waits for it. */
import type { Notice } from '../functions/activities/contract.ts';
import { call, Failure, type Step, sleep } from './steps.ts';

export interface NotifyRequest {
  notice: Notice;
  /** Which of the settings' webhooks. */
  webhook: number;
  /** Service seconds to wait first; more than 0 = only if the repair still waits for the same approval then. */
  afterSeconds: number;
}

export interface NotifyEnd {
  sent: boolean;
  why: string;
}

export function* notify({ notice, webhook, afterSeconds }: NotifyRequest): Step<NotifyEnd> {
  if (afterSeconds > 0) yield* sleep(afterSeconds);
  try {
    return yield* call('sendNotification', { notice, webhook, onlyWhileWaiting: afterSeconds > 0 });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { sent: false, why: `${error.fault.code}: ${error.fault.message}` };
  }
}
