import type { OperatorScript, Plan, ScriptEnd, ScriptId, ScriptMode, ScriptStep } from '../../functions/activities/contract.ts';
import { ensure, type Step } from '../steps.ts';
import type { Story } from '../story.ts';
import { lunOf } from './copies.ts';

interface Run {
  run: string;
  script: ScriptId;
  mode: ScriptMode;
  timeoutSeconds: number;
  usualSeconds?: number;
  lun?: number;
  parameters?: Record<string, string>;
  uploadDump?: boolean;
  own?: OperatorScript;
}

/** One script on the repair VM, by managed Run Command. A failed run is an answer, not a Failure. */
export function* runScript(story: Story, plan: Plan, run: Run): Step<ScriptEnd> {
  const deadline = run.timeoutSeconds + 900;
  const sha256 = plan.scripts?.find(({ script }) => script === run.script)?.sha256;
  const input = { repairVmId: plan.repairVm.id, lun: null, parameters: {}, uploadDump: false, ...(sha256 && { sha256 }), ...run };
  const end = yield* ensure('ensureScript', input, deadline);
  if (run.script === 'collect-dump') story.dump = dumpFrom(end, story.dump);
  return end;
}

/** By its safety class: what can lose something acts only with its own consent, and what is for a person's hands never does. */
export function mayAct({ safety, consent }: ScriptStep, given: string[]): boolean {
  if (safety === 'manual_only' || (safety === 'consent' && consent === undefined)) return false;
  return consent === undefined || given.includes(consent);
}

/** A step of the plan against the repair disk; one that may not act only looks. */
export function* runStep(story: Story, plan: Plan, step: ScriptStep, run: string): Step<ScriptEnd> {
  const acts = mayAct(step, plan.consents);
  return yield* runScript(story, plan, {
    run,
    script: step.script,
    mode: acts ? step.mode : 'Detect',
    timeoutSeconds: mayUpload(plan, step) ? Math.max(step.timeoutSeconds, uploadSeconds(story)) : step.timeoutSeconds,
    ...(step.usualSeconds !== undefined && { usualSeconds: step.usualSeconds }),
    lun: lunOf(story, plan),
    parameters: { ...step.parameters, ...parametersOf(story, step) },
    uploadDump: mayUpload(plan, step),
    ...(step.own && { own: step.own }),
  });
}

export function mayUpload(plan: Plan, step: ScriptStep): boolean {
  return step.consent === 'upload-dump' && mayAct(step, plan.consents);
}

/** A copy's first reads come from the snapshot: slower than any network. A guess, on the safe side. */
const bytesPerSecond = 8_000_000;

/** For the largest dump there can be: one that the probe has seen, or all of the memory, which the next stop may write. */
function uploadSeconds({ vm, probe }: Story): number {
  const seen = (probe?.result?.findings ?? [])
    .filter(({ id }) => id === 'dump')
    .map(({ evidence }) => Number(/ (\d{1,15})$/.exec(evidence)?.[1] ?? 0));
  return 900 + Math.ceil(Math.max((vm?.memoryMb ?? 0) * 1024 * 1024, ...seen) / bytesPerSecond);
}

function parametersOf(story: Story, step: ScriptStep): Record<string, string> {
  if (step.script === 'boot-settings') return { MemoryMb: String(story.vm?.memoryMb ?? 0) };
  if (['driver-off', 'vendor-file'].includes(step.script)) return { Driver: driverName(story) };
  if (step.script === 'collect-dump') return { IncidentUtc: story.startedAt };
  return {};
}

/** What the evidence blames, if that can be a driver's file; '' = none. It comes from a screen or a log of the failed VM. */
function driverName(story: Story): string {
  const blamed = story.diagnosis?.findings[0]?.whatFailed ?? '';
  return /^[A-Za-z0-9_.-]{1,60}\.sys$/i.exec(blamed.slice(blamed.lastIndexOf('\\') + 1))?.[0] ?? '';
}

/** A dump that was uploaded once stays so, whatever a later look finds. */
function dumpFrom(end: ScriptEnd, before: Story['dump']): Story['dump'] {
  if (before.state === 'uploaded') return before;
  const say = (id: string) => end.result?.findings.find(finding => finding.id === id)?.evidence;
  const uploaded = say('dump-uploaded');
  if (uploaded) return { state: 'uploaded', why: uploaded };
  const found = say('dump');
  if (found) return { state: 'found-not-uploaded', why: `${found}: ${end.result?.code ?? ''}` };
  if (before.state === 'found-not-uploaded') return before;
  return { state: 'none', why: say('no-dump') ?? end.result?.code ?? `the script ended as ${end.state}` };
}
