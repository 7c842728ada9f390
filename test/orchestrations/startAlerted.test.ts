/** An alert about many machines has been answered when this begins: whatever fails, nobody delivers it again. */
import { expect, test } from '@jest/globals';
import { startAlerted } from '../../orchestrations/startAlerted.ts';
import { runTable, TableFault } from './runner.ts';

const vmIds = Array.from({ length: 120 }, (_, n) => `/vm-${n}`);
const alert = { alertId: 'a', firedDateTime: '2026-01-01T00:00:00Z', vmIds };

/** Of the machines in what is asked, those that fail so many times. */
function run(fails: Record<string, number>) {
  const begun: string[] = [];
  const left = { ...fails };
  const { end, seconds } = runTable(startAlerted(alert), {
    startAlertRepairs: ({ alertId, firedDateTime, vmIds: asked }) => {
      expect([alertId, firedDateTime, asked.length <= 50]).toEqual(['a', alert.firedDateTime, true]);
      const [ill] = asked.filter(id => (left[id] ?? 0) > 0);
      if (ill !== undefined) {
        left[ill] = (left[ill] ?? 0) - 1;
        throw new TableFault('fatal', `broken by ${ill}`);
      }
      begun.push(...asked);
      return { begun: asked.length };
    },
  });
  return { end, seconds, begun: begun.toSorted() };
}

test('each machine is begun once, without a pause', () => {
  expect(run({})).toEqual({ end: { begun: 120, failed: [] }, seconds: 0, begun: vmIds.toSorted() });
});

test('what cannot be begun keeps no other waiting, and is tried again when the others are begun', () => {
  const { end, seconds, begun } = run({ '/vm-0': 1, '/vm-110': 3 });
  expect([end, begun]).toEqual([{ begun: 120, failed: [] }, vmIds.toSorted()]);
  expect(seconds).toBe(750);
});

test('what is never begun is told, with why', () => {
  const { end, begun } = run({ '/vm-60': 99 });
  expect([begun.length, end.begun]).toEqual([70, 70]);
  expect(end.failed).toEqual([{ vmIds: vmIds.slice(50, 100), why: expect.stringContaining('broken by /vm-60') }]);
});
