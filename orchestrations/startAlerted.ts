/** Starts what an alert about many machines asks for, some at a time. It has been answered by then: nobody delivers it again. */
import type { AlertEnd, AlertRequest } from '../functions/activities/contract.ts';
import { call, Failure, type Step, show, sleep } from './steps.ts';

const together = 50;
/** Service seconds before what could not be started is tried again, beside the retries of each call. */
const pauses = [0, 30, 120, 600];

export function* startAlerted(alert: AlertRequest): Step<AlertEnd> {
  const end: AlertEnd = { begun: 0, failed: [] };
  let left: AlertEnd['failed'] = [];
  for (let first = 0; first < alert.vmIds.length; first += together)
    left.push({ vmIds: alert.vmIds.slice(first, first + together), why: '' });
  yield* show({ state: 'running', phase: 'alert' });
  for (const pause of pauses) {
    if (pause > 0) yield* sleep(pause);
    const failed: AlertEnd['failed'] = [];
    for (const { vmIds } of left) {
      try {
        end.begun += (yield* call('startAlertRepairs', { ...alert, vmIds })).begun;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failed.push({ vmIds, why: error.message });
      }
    }
    left = failed;
    if (left.length === 0) break;
  }
  return { ...end, failed: left };
}
