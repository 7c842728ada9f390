/** Evidence that somebody holds as files: a screenshot, a serial log, the first pages of a dump. No Azure, no VM, no agent. */
import type { ScreenRead } from '../ocr/types.ts';
import { refined } from './advice.ts';
import { recordOf } from './catalogue.ts';
import type { DumpHeader } from './dumpHeader.ts';
import { toFinding } from './failure.ts';
import type { Diagnosis, Finding } from './types.ts';
import { diagnose } from './verdict.ts';

export interface Held {
  screenshot?: ScreenRead;
  serialLog?: string;
  dump?: DumpHeader;
}

/**
 * Reads files as evidence of the present: nobody but who holds them knows how old they are. Without an agent's status nothing can
 * be healthy; the verdict is *failing* or *unknown*.
 * @param at ISO time of the look
 */
export function diagnoseFiles({ screenshot, serialLog, dump }: Held, at: string): Omit<Diagnosis, 'evidence'> {
  // Who shows us the console of a VM means one that runs.
  const vm = { power: 'running' as const, powerChangedAt: null, agent: { status: 'none' as const, at: null, osVersion: null } };
  const seen = diagnose({
    ...{ vm, now: at },
    ...(screenshot && { screenshot: { at, read: screenshot, evidenceId: 'screenshot' } }),
    ...(serialLog !== undefined && { serialLog: { at, text: serialLog, evidenceId: 'serial-log' } }),
  });
  const crashed = dump && crashOf(dump);
  return crashed === undefined ? seen : withCrash(seen, crashed);
}

/** A dump proves that Windows stopped so at its time, not that it still does: *likely* at most. */
function crashOf({ bugCheck, parameters, crashedAt, build, isLive }: DumpHeader): Finding | undefined {
  // A live dump is taken of a Windows that runs on.
  if (bugCheck === null || isLive) return undefined;
  const basis = [`the memory dump's header${crashedAt === null ? '' : `, of a crash at ${crashedAt}`}`];
  const failure = {
    entry: refined(recordOf(bugCheck, 'stop'), { whatFailed: null, build }),
    confidence: 'likely' as const,
    parameters,
    whatFailed: null,
    basis,
    contradictions: [],
  };
  return toFinding(failure, ['memory-dump']);
}

function withCrash(seen: Omit<Diagnosis, 'evidence'>, crash: Finding): Omit<Diagnosis, 'evidence'> {
  const same = seen.findings.find(({ stopCode }) => stopCode === crash.stopCode);
  if (same) {
    const joined = { ...same, parameters: same.parameters.length > 0 ? same.parameters : crash.parameters };
    const told = { ...joined, basis: [...same.basis, ...crash.basis].slice(-5), evidence: [...same.evidence, ...crash.evidence] };
    return { ...seen, findings: seen.findings.map(each => (each === same ? told : each)) };
  }
  if (seen.findings.length > 0) {
    const contradiction = `the memory dump is of another stop, ${crash.stopCode} ${crash.stopName}`.trim();
    return {
      ...seen,
      findings: [...seen.findings.map(each => ({ ...each, contradictions: [...each.contradictions, contradiction] })), crash],
    };
  }
  const repair = crash.playbook === null ? 'no safe automatic repair is known for it' : `playbook ${crash.playbook} answers it`;
  const summary = `Windows stopped with ${`${crash.stopCode} ${crash.stopName}`.trim()}, as its memory dump says; ${repair}.`;
  return { ...seen, verdict: 'failing', findings: [crash], summary, settledBy: null };
}
