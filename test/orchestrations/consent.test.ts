import { describe, expect, test } from '@jest/globals';
import { repairVm } from '../../orchestrations/repairVm.ts';
import { Cancelled, type Status, type Step } from '../../orchestrations/steps.ts';
import { request, World } from './world.ts';

/** Keeps what a person sees, and for each activity the state that was shown with it; a wait for a decision is cancelled. */
function* cancelledWhileAsked<T>(step: Step<T>, seen: string[]): Step<T> {
  let status: Partial<Status> = {};
  let next = step.next();
  while (!next.done) {
    const command = next.value;
    if (command.do === 'show') status = { ...status, ...command.status };
    if (command.do === 'activity') seen.push(`${command.name} ${status.state}`);
    const asks = command.do === 'wait' && status.state === 'waiting-approval';
    next = asks ? step.throw(new Cancelled('anna')) : step.next(yield command);
  }
  return next.value;
}

describe('a repair that is cancelled while a person is asked', () => {
  test('asks nobody any more while everything is put back: an approval would be of nothing', () => {
    const world = new World({ mode: 'review' });
    const seen: string[] = [];
    const end = world.run(cancelledWhileAsked(repairVm({ ...request, mode: 'review' }, 'r-test'), seen));
    expect([end.outcome, world.breaches]).toEqual(['cancelled', []]);
    const after = seen.slice(seen.findLastIndex(each => each.startsWith('planRepair')) + 1);
    expect(after.length).toBeGreaterThan(1);
    expect(after.filter(each => !each.endsWith(' running'))).toEqual([]);
  });
});
