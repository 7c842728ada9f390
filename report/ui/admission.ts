/** Who repairs now, who waits for whom and why, which findings are left alone, and what the last sweep found: to read. */
import type { z } from 'zod';
import type { admissionView } from '../../functions/triggers/admissionSchemas.ts';
import type { SweepReport } from '../../records/index.ts';
import { code, facts, type Run, type Section, type Text, table, tag, text, time } from '../document.ts';
import { counted } from '../words.ts';
import { nameOf, pathTo } from './list.ts';

export type AdmissionView = z.infer<typeof admissionView>;

const toRepair = (id: string): Run => ({ page: pathTo(id), word: id });

export function admitted(view: AdmissionView | null): Section[] {
  if (view === null) return [];
  const { limits, running, waiting, breakers } = view;
  const atWork = running.map((entry): Text[] => [
    [nameOf(entry.vmId)],
    [toRepair(entry.repairId)],
    [time(entry.since)],
    [entry.scopes.map(scopeInWords).join(', ')],
  ]);
  const queue = waiting.map((entry): Text[] => [[nameOf(entry.vmId)], [toRepair(entry.repairId)], [time(entry.since)], [entry.why]]);
  const alone = breakers.map((breaker): Text[] => [
    [code(breaker.finding)],
    [String(breaker.failuresInARow)],
    [toRepair(breaker.lastRepairId)],
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

/** `resource group rg-shop` of a scope's id: `group /subscriptions/…`, `set /subscriptions/…`, `tag /subscriptions/… name=value`. */
function scopeInWords(id: string): string {
  const [kind, place, ...tag] = id.split(' ');
  const name = place?.split('/').at(-1) ?? '';
  if (kind === 'group') return `resource group ${name}`;
  if (kind === 'set') return `availability set ${name}`;
  return kind === 'tag' ? `tag ${tag.join(' ')}` : id;
}

/** What the last sweep found and did. @param report null = there was none yet @param schedule null = none begins by itself */
export function swept(report: SweepReport | null, schedule: string | null): Section {
  const frame = { id: 'sweep', title: 'The last sweep' };
  const comes = schedule === null ? 'none begins by itself; “bootmedic sweep” begins one.' : 'the first begins by its schedule.';
  if (report === null) return { ...frame, blocks: [text(`There was none yet; ${comes}`)] };
  const ill = report.ill.map((vm): Text[] => [
    [nameOf(vm.vmId)],
    [vm.finding],
    [vm.why],
    vm.repairId === null ? ['none'] : [toRepair(vm.repairId)],
  ]);
  const passed = report.passed.map((vm): Text[] => [[nameOf(vm.vmId)], [vm.why]]);
  const left = report.leftovers.map((item): Text[] => [
    [code(nameOf(item.resourceId))],
    [item.sizeGb === 0 ? '' : `${item.sizeGb} GiB`],
    [item.monthlyUsd === null ? 'not known' : `about $${item.monthlyUsd.toFixed(2)}`],
    item.expires === null ? ['a person decides'] : [time(item.expires)],
    [item.why],
  ]);
  return {
    ...frame,
    blocks: [
      ...facts({
        Ended: [time(report.endedAt)],
        'Asked by': [code(report.requestedBy)],
        'Looked at': [counted(report.looked, 'VM')],
        Deleted: [counted(report.deleted.length, 'leftover')],
        Faults: report.faults.length === 0 ? null : [String(report.faults.length)],
      }),
      ...table('VMs that do not answer', ['VM', 'Found', 'Why', 'Repair'], ill),
      ...table('Looked at closer and left alone', ['VM', 'Why'], passed, true),
      ...table('What repairs have left', ['What', 'Size', 'A month (list price)', 'Until', 'Why it is kept'], left, true),
    ],
  };
}
