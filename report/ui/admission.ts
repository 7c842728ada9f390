/** Who repairs now, who waits for whom and why, and which findings are left alone: to read. */
import type { z } from 'zod';
import type { admissionView } from '../../functions/triggers/admissionSchemas.ts';
import { code, type Section, type Text, table, tag, text, time } from '../document.ts';
import { nameOf } from './list.ts';

export type AdmissionView = z.infer<typeof admissionView>;

export function admitted(view: AdmissionView | null): Section[] {
  if (view === null) return [];
  const { limits, running, waiting, breakers } = view;
  const atWork = running.map((entry): Text[] => [
    [nameOf(entry.vmId)],
    [code(entry.repairId)],
    [time(entry.since)],
    [entry.scopes.join(', ')],
  ]);
  const queue = waiting.map((entry): Text[] => [[nameOf(entry.vmId)], [code(entry.repairId)], [time(entry.since)], [entry.why]]);
  const alone = breakers.map((breaker): Text[] => [
    [code(breaker.finding)],
    [String(breaker.failuresInARow)],
    [code(breaker.lastRepairId)],
    [breaker.open ? tag('left alone', 'warn') : tag('repaired', 'good')],
    breaker.until === null ? [] : [time(breaker.until)],
  ]);
  const words = `At most ${limits.repairsAtOnce} at once, ${limits.scopePercent} % of a group at once, ${limits.repairsPerVmAndDay} a day for one VM.`;
  return [
    {
      id: 'admission',
      title: 'Who repairs now, and who waits',
      blocks: [
        text(words),
        ...(atWork.length + queue.length === 0 ? [text('No VM is under repair, and none waits.')] : []),
        ...table('Under repair, the oldest first', ['VM', 'Repair', 'Since', 'Counts in'], atWork),
        ...table('Waiting, the oldest first', ['VM', 'Repair', 'Since', 'Why'], queue),
        ...table('Findings whose repairs failed in a row', ['Finding', 'Failures', 'Last repair', 'State', 'Until'], alone),
      ],
    },
  ];
}
