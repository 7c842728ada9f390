/**
 * The sweep: looks for VMs that should run and do not answer, sees for each what is wrong before anything is started, and removes what is
 * left of repairs whose time is up. What it found, and why it did nothing, is its report. A part that fails does not keep the others.
 */
import type { Activities, IllVm, RepairRequest, SweepReport, SweepRequest } from '../functions/activities/contract.ts';
import { call, ensure, Failure, now, type Step, show } from './steps.ts';

type Page<N extends 'findSuspects' | 'findLeftovers'> = ReturnType<Activities[N]>;

/** What the orchestration's status shows when it is over. */
export interface SweepEnd {
  ill: number;
  started: number;
  deleted: number;
}

/** More pages than this are of no subscription; a page holds 200. */
const mostPages = 500;
/** Of suspects, that are looked at one after the other; the next sweep begins further on in the list. */
const mostSuspects = 100;

export function* sweep(request: SweepRequest, sweepId: string): Step<SweepEnd> {
  const report = begin(request, sweepId, yield* now());
  // Its deletions are on record as a repair's writes are.
  yield* show({ by: request.requestedBy.slice(0, 120) });
  yield* part(report, 'look for VMs that do not answer', lookAround(report, request));
  yield* part(report, 'look for leftovers', cleanUp(report));
  yield* part(report, 'remove old histories', forget(report));
  report.endedAt = yield* now();
  yield* show({ phase: 'report' });
  yield* call('writeSweep', { report });
  return { ill: report.ill.length, started: report.ill.filter(vm => vm.repairId !== null).length, deleted: report.deleted.length };
}

function begin({ requestedBy }: SweepRequest, sweepId: string, startedAt: string): SweepReport {
  const found = { looked: 0, counts: {}, ill: [], passed: [], leftovers: [], deleted: [], purged: 0, faults: [] };
  return { schema: 1, sweepId, requestedBy, startedAt, endedAt: startedAt, ...found };
}

function* part(report: SweepReport, step: string, work: Step<void>): Step<void> {
  try {
    yield* work;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report.faults.push({ step: `${step}: ${error.step}`, fault: error.fault });
  }
}

function* lookAround(report: SweepReport, request: SweepRequest): Step<void> {
  yield* show({ state: 'running', phase: 'look' });
  const suspects = yield* ask(report);
  const ill: IllVm[] = [];
  for (const { vmId, why } of suspects) {
    yield* show({ phase: 'confirm', vm: vmId.split('/').at(-1) ?? '' });
    const seen = yield* confirm(vmId, why, request);
    if ('finding' in seen) ill.push(seen);
    else report.passed.push(seen);
  }
  if (ill.length === 0) return;
  report.ill = ill.map(vm => ({ ...vm, repairId: null }));
  yield* show({ phase: 'start' });
  const { decided } = yield* call('startRepairs', { requestedBy: `sweep ${report.sweepId}`, vms: ill });
  report.ill = decided;
}

/** Where a list that is too long for one sweep begins: another hundred each quarter of an hour, so that none at its end waits for ever. */
export function firstOf(suspects: number, startedAt: string): number {
  const parts = Math.ceil(suspects / mostSuspects);
  return parts <= 1 ? 0 : (Math.floor(Date.parse(startedAt) / 900_000) % parts) * mostSuspects;
}

/** Page by page: of thousands of VMs only those that do not answer are remembered. */
function* ask(report: SweepReport): Step<{ vmId: string; why: string }[]> {
  const suspects: { vmId: string; why: string }[] = [];
  let token: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const found: Page<'findSuspects'> = yield* call('findSuspects', { token });
    report.looked += found.looked;
    for (const [why, n] of Object.entries(found.counts)) report.counts[why] = (report.counts[why] ?? 0) + n;
    report.passed.push(...found.passed);
    suspects.push(...found.suspects);
    token = found.next;
    if (token === null) break;
  }
  suspects.push(...suspects.splice(0, firstOf(suspects.length, report.startedAt)));
  for (const { vmId, why } of suspects.splice(mostSuspects)) {
    report.passed.push({ vmId, why: `${why}; not looked at: ${mostSuspects} others were before it` });
  }
  return suspects;
}

/** Evidence first, as a repair does: a silent agent alone is no finding. */
function* confirm(vmId: string, silent: string, { requestedBy, limits }: SweepRequest): Step<IllVm | { vmId: string; why: string }> {
  const wish = { mode: null, playbook: null, consents: [], restartFirst: false };
  const request: RepairRequest = { ...wish, vmId, requestedBy, requestedAt: yield* now(), limits };
  try {
    const { vm, refusals } = yield* call('inspectVm', { request });
    if (vm === null || refusals[0]) return { vmId, why: `${silent}; ${refusals[0]?.message ?? 'it could not be read'}` };
    const { verdict, summary, findings } = yield* call('diagnoseVm', { vm });
    const finding = findings[0];
    if (verdict !== 'failing' || finding === undefined) return { vmId, why: `${silent}; ${verdict}: ${summary}` };
    return { vmId, why: `${silent}; ${summary}`, finding: finding.stopCode || finding.id };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { vmId, why: `${silent}; it could not be looked at: ${error.message}` };
  }
}

function* cleanUp(report: SweepReport): Step<void> {
  yield* show({ phase: 'leftovers', vm: '' });
  let token: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const found: Page<'findLeftovers'> = yield* call('findLeftovers', { token });
    report.leftovers.push(...found.leftovers);
    token = found.next;
    if (token === null) break;
  }
  for (const leftover of report.leftovers.filter(({ due }) => due)) {
    const { resourceId } = leftover;
    try {
      const { deleted, why } = yield* ensure('ensureLeftoverDeleted', { resourceId });
      if (deleted) report.deleted.push(resourceId);
      Object.assign(leftover, { due: false, why: deleted ? `deleted: ${why}` : why });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      Object.assign(leftover, { why: `could not be deleted: ${error.message}` });
    }
  }
}

function* forget(report: SweepReport): Step<void> {
  yield* show({ phase: 'forget' });
  const { purged } = yield* call('purgeHistory', {});
  report.purged = purged;
}
