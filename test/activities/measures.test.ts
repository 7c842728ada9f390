/** The figures that one repair adds: what Application Insights counts. */
import { expect, test } from '@jest/globals';
import { measuresOf } from '../../functions/activities/measures.ts';
import { entry, record, write } from '../records/sample.ts';

const { story } = record;
const timeline = [
  { ...entry, phase: 'protect', from: '2026-03-01T03:00:00Z', to: '2026-03-01T03:00:10Z' },
  { ...entry, phase: 'protect', from: '2026-03-01T03:00:10Z', to: '2026-03-01T03:00:12.500Z', outcome: 'fault' as const },
  { ...entry, phase: 'swap', from: '2026-03-01T03:01:00Z', to: '2026-03-01T03:01:07Z' },
];
const times = {
  endedAt: '2026-03-01T03:10:00Z',
  downFrom: '2026-03-01T03:00:00Z',
  request: { ...story.request, requestedAt: '2026-03-01T02:59:00Z' },
};

test('a repair is counted by how it ended, for what, how long each phase took, and how often Azure asked for patience', () => {
  const told = { ...record, timeline, writes: [write, { ...write, status: 429 }, { ...write, status: 429 }] };
  const measures = measuresOf({ ...told, story: { ...story, ...times, downUntil: '2026-03-01T03:08:30Z' } });
  expect(measures).toMatchObject({
    ...{ outcome: story.outcome, finding: story.diagnosis?.findings[0]?.stopCode, playbook: story.plan?.playbook.id },
    ...{ totalSeconds: 660, downSeconds: 510, writes: 3, throttled: 2, faults: 1 },
    phaseSeconds: { protect: 12.5, swap: 7 },
  });
});

test('a VM that is still down counts until the end, one that was never taken down does not count as down', () => {
  expect(measuresOf({ ...record, story: { ...story, ...times, downUntil: null } }).downSeconds).toBe(600);
  expect(measuresOf({ ...record, story: { ...story, ...times, downFrom: null } }).downSeconds).toBeNull();
});
